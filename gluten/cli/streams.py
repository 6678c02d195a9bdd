"""The three streams that a program is started with: any may be closed, and stdout may be full or have no reader."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TypeGuard

_MOST = 900
_UNWRITABLE = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def stand_in() -> None:
    """Put the null device where a stream is closed: the next file or socket would get its number, and its text."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 -- for the process's life


def soften() -> None:
    """Have stdout write a character that its encoding lacks as an escape: a finished report is never lost for that."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def one_line(text: str) -> str:
    """The text as one line: what a terminal would obey is escaped, and of what is endless the middle is left out."""
    line = " ".join(text.split())
    if len(line) > _MOST:
        line = f"{line[: _MOST * 2 // 3]} … {line[-_MOST // 3 :]}"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def tell(line: str) -> None:
    """A line for people on stderr. Nobody may be there any more to read it: the terminal was closed, or the pipe."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def is_unwritable(error: BaseException) -> TypeGuard[OSError]:
    """Whether it says that stdout takes nothing more: no file's name is in it, as there is in every other's."""
    return isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE


def give_up_stdout() -> None:
    """Drop what is still in its buffer: at the interpreter's end it would fail once more."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
