"""Where a command's results go: stdout or a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gluten.cli.arguments import Arguments
from gluten.errors import ConfigError, UsageError
from gluten.report.text import render

FORMATS = ("text", "json", "csv", "html", "hdr", "junit")
"""The names in `gluten.report.export.FORMATS`, which is imported only when one of the others is asked for: a
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
    if out := arguments.get("out"):
        path = Path(out)
        if path.is_dir():
            raise ConfigError(f"--out {out}: cannot be written: it is a directory; name a file")
        if not path.parent.is_dir():
            raise ConfigError(f"--out {out}: cannot be written: there is no directory {path.parent}")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise ConfigError(f"--out {out}: cannot be written: Permission denied; name another file")


def write_report(arguments: Arguments, report: Mapping[str, Any]) -> None:
    """The report in the asked format to `--out` or stdout. Raises ConfigError."""
    wanted = check_format(arguments)
    if wanted == "text":
        text = render(dict(report), arguments.flag("latency"), arguments.flag("u_latency"))
    else:
        from gluten.report import export

        text = export.FORMATS[wanted][1](dict(report))
    write(text, arguments.get("out"))


def write(text: str, out: str | None) -> None:
    """`text` with an end of line to a file or stdout. Raises ConfigError."""
    text = text if text.endswith("\n") else text + "\n"
    if not out:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        Path(out).write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written: {error.strerror}") from None
