"""Where a command's results go: stdout or a file."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.errors import ConfigError, UsageError
from gluten.report.formats.text import render

FORMATS = ("text", "json", "csv", "html", "hdr", "junit")
"""The names in `gluten.report.formats.export.FORMATS`, which is imported only when one of the others is asked for: a
load generator's start is part of what a request costs."""


def check_format(arguments: Arguments, allowed: tuple[str, ...] = FORMATS) -> str:
    """The format asked for. Raises UsageError, before anything is run for a report nobody can print."""
    wanted: str = arguments.get("format", "text")
    if wanted not in allowed:
        raise UsageError(f"--format: {wanted!r} is not one of {', '.join(allowed)}")
    return wanted


def check_report(arguments: Arguments) -> None:
    """Whether the report can be printed as asked. Raises UsageError, ConfigError, before there is anything to lose."""
    check_format(arguments)
    if (out := arguments.get("out")) is None:
        return
    try:
        why = _unfit(Path(out)) if out else "it is no name"
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise ConfigError(f"--out {out}: cannot be written: {why}; name another file")


def _unfit(path: Path) -> str:
    """Why a report cannot be written there; empty where it can. Raises OSError."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return _unmakable(Path(os.path.realpath(path)) if path.is_symlink() else path)
    if stat.S_ISDIR(mode):
        return "it is a directory"
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        return "it is a socket or a disk"
    return "" if os.access(path, os.W_OK) else "Permission denied"


def _unmakable(path: Path) -> str:
    """The same of a file that is not there yet: it is made once, to see. Raises OSError."""
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    path.unlink()
    return ""


def write_report(arguments: Arguments, report: Mapping[str, Any]) -> None:
    """The report in the asked format to `--out` or stdout. Raises ConfigError; the report is on stdout then."""
    wanted = check_format(arguments)
    if wanted == "text":
        text = render(dict(report), arguments.flag("latency"), arguments.flag("u_latency"))
    else:
        from gluten.report.formats import export

        text = export.FORMATS[wanted][1](dict(report))
    write(text, arguments.get("out"), exact=wanted != "text")


def write(text: str, out: str | None, exact: bool = False) -> None:
    """`text` with an end of line to a file or stdout: for people in the encoding of their terminal, else (`exact`) in
    UTF-8, as the formats of programs have it. A signal waits meanwhile. Raises ConfigError."""
    text = text if text.endswith("\n") else text + "\n"
    with interrupts.deferred():
        if not out:
            return _print(text, exact)
        try:
            Path(out).write_bytes(encoded(text))
        except OSError as error:
            _print(text, exact)
            here = "the report is on standard output"
            raise ConfigError(f"--out {out}: cannot be written: {error.strerror}; {here}") from None


def _print(text: str, exact: bool) -> None:
    if exact and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded(text))
    else:
        sys.stdout.write(text)
    sys.stdout.flush()


def encoded(text: str) -> bytes:
    """In UTF-8; what is no character, such as half of a pair, as an escape."""
    return text.encode("utf-8", "backslashreplace")
