"""Writes the results of a command to stdout or to a file."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import TYPE_CHECKING

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.cli.streams import LINES
from gluten.errors import ConfigError, GlutenError, UsageError
from gluten.escapes import escaped
from gluten.report.formats.text import ASCII_MARKS, render

if TYPE_CHECKING:
    from gluten.documents import ReportDocument

FORMATS = ("text", "json", "csv", "html", "hdr", "junit")
"""The names in `gluten.report.formats.export.FORMATS`. That module is imported only for formats other than text,
because the start of a load generator counts as a cost of its requests."""


def check_format(arguments: Arguments, allowed: tuple[str, ...] = FORMATS) -> str:
    """The value of `--format`. Raises UsageError. Call it before a run, so that no run is lost by a wrong format."""
    wanted: str = arguments.get("format", "text")
    if wanted not in allowed:
        raise UsageError(f"--format: {wanted!r} is not one of {', '.join(allowed)}")
    return wanted


def check_report(arguments: Arguments) -> None:
    """Check `--format` and `--out` before a run, so that its report is not lost. Raises UsageError, ConfigError."""
    check_format(arguments)
    if (out := arguments.get("out")) is None:
        return
    try:
        why = _unwritable(out) if out else "the name is empty"
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise ConfigError(f"--out {out}: cannot be written: {why}; name another file")


def _unwritable(path: str) -> str:
    """The reason why a report cannot be written to the path, or an empty text. Raises OSError."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return _uncreatable(os.path.realpath(path) if os.path.islink(path) else path)
    if stat.S_ISDIR(mode):
        return "it is a directory"
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        return "it is a socket or a disk"
    return "" if os.access(path, os.W_OK) else "Permission denied"


def _uncreatable(path: str) -> str:
    """The reason why a new file cannot be created, or an empty text. Creates it once to find out. Raises OSError."""
    parent = os.path.dirname(path) or "."
    if not os.path.isdir(parent):
        return f"there is no directory {parent}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    os.unlink(path)
    return ""


def write_report(arguments: Arguments, report: ReportDocument) -> None:
    """Write the report in the chosen format to `--out` or stdout.

    Raises ConfigError if `--out` cannot be written. Then the report is on stdout.
    """
    wanted = check_format(arguments)
    if wanted == "text":
        text = render(report, arguments.flag("latency"), arguments.flag("u_latency"))
    else:
        from gluten.report.formats import export

        text = export.FORMATS[wanted][1](report)
    write(text, arguments.get("out"), exact=wanted != "text")


def write(text: str, out: str | None, exact: bool = False) -> None:
    """Write `text`, with a newline at its end, to a file or stdout. Signals are delayed meanwhile. Raises ConfigError.

    `exact` is for formats that programs read: they are UTF-8 on stdout too, not in the terminal's encoding. On a
    terminal, and in texts for people, control characters are escaped.
    """
    text = text if text.endswith("\n") else text + "\n"
    with interrupts.deferred():
        if not out:
            return _print(text, exact)
        try:
            with open(out, "wb") as file:
                file.write(encoded(text))
        except OSError as error:
            _print(text, exact)
            here = "the report is on standard output"
            raise ConfigError(f"--out {out}: cannot be written: {error.strerror}; {here}") from None


def _print(text: str, exact: bool) -> None:
    if not exact or sys.stdout.isatty():
        text = escaped(text, LINES)
    if exact and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded(text))
    else:
        sys.stdout.write(_encodable(text, sys.stdout.encoding))
    sys.stdout.flush()


def _encodable(text: str, encoding: str | None) -> str:
    """The text with ASCII in place of its marks, if the encoding lacks them."""
    try:
        "".join(ASCII_MARKS).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return text.translate({ord(mark): plain for mark, plain in ASCII_MARKS.items()})
    return text


def encoded(text: str) -> bytes:
    """The text in UTF-8. A lone surrogate becomes an escape."""
    return text.encode("utf-8", "backslashreplace")


def must_write(report: ReportDocument, arguments: Arguments, failure: GlutenError | None) -> bool:
    """Whether to write the report. Without a sent request only programs need it, to read the reason in it."""
    for_a_program = arguments.get("out") or arguments.get("format", "text") != "text"
    return failure is None or bool(report["requests"]["sent"] or for_a_program)
