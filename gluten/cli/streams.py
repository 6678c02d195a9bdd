"""The three standard streams. Each may be closed at the start; stdout may be full or have no reader."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TypeGuard

from gluten.escapes import escaped

LINES = "\n\t"
"""What a text of several lines keeps of its control characters."""
_MAX_CHARACTERS = 900
_UNWRITABLE = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def open_missing_streams() -> None:
    """Open the null device for each stream that is closed.

    Otherwise the next file or socket gets the stream's number, and what is printed goes into it.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 -- for the process's life


def escape_unencodable() -> None:
    """Let stdout escape a character that its encoding lacks, so that such a character never loses a report."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def one_line(text: str) -> str:
    """The text as one line: control characters are escaped, and the middle of a very long text is left out."""
    line = " ".join(text.split())
    if len(line) > _MAX_CHARACTERS:
        line = f"{line[: _MAX_CHARACTERS * 2 // 3]} … {line[-_MAX_CHARACTERS // 3 :]}"
    return escaped(line)


def print_notice(line: str) -> None:
    """Print a line for people on stderr. A closed terminal or pipe is not an error."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{escaped(line, LINES)}\n")
        sys.stderr.flush()


def is_stdout_unwritable(error: BaseException) -> TypeGuard[OSError]:
    """Whether the error says that stdout can take no more. Unlike an error of a file, it names no file."""
    return isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE


def discard_stdout() -> None:
    """Discard what is in stdout's buffer, so that the interpreter does not fail once more when it exits."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
