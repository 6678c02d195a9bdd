"""Writes the results of a command to stdout or to a file."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.cli.streams import LINES
from gluten.errors import ConfigError, UsageError
from gluten.escapes import escaped
from gluten.report.formats.text import ASCII_MARKS

TEXT = "text"
FORMATS = (TEXT, "json", "csv", "html", "hdr", "junit", "wrk")
"""The names in `gluten.report.formats.export.FORMATS`. That module is imported only for formats other than text,
because the start of a load generator counts as a cost of its requests."""


def check_format(arguments: Arguments, allowed: Sequence[str] = FORMATS) -> str:
    """The value of `--format`. Raises UsageError. Call it before a run, so that no run is lost by a wrong format."""
    wanted: str = arguments.get("format", "text")
    if wanted not in allowed:
        raise UsageError(f"--format: {wanted!r} is not one of {', '.join(allowed)}")
    return wanted


def write(text: str, out: str | None, exact: bool = False) -> None:
    """Write `text`, with a newline at its end, to a file or stdout. Signals are delayed meanwhile. Raises ConfigError.

    `exact` is for formats that programs read: they are UTF-8 on stdout too, not in the terminal's encoding. On a
    terminal, and in texts for people, control characters are escaped.
    """
    text = lined(text)
    with interrupts.deferred():
        if not out:
            return print_text(text, exact)
        try:
            with open(out, "wb") as file:
                file.write(encoded(text))
        except OSError as error:
            print_text(text, exact)
            here = "it is on standard output"
            raise ConfigError(f"--out {out}: cannot be written: {error.strerror}; {here}") from None


def lined(text: str) -> str:
    """The text with a newline at its end."""
    return text if text.endswith("\n") else text + "\n"


def print_text(text: str, exact: bool) -> None:
    """Write the text, which ends with a newline, to stdout. `exact`: see `write`."""
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
