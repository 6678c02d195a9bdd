"""Where a run is shown while it goes, on stderr: a view drawn in place on a terminal, else a line now and then.

On a terminal the view has the alternate screen (as oha's and htop's), so that what stood there is there again at the
end, whatever the size of the window became in between. Sequences: ECMA-48, xterm's ctlseqs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, Protocol, TextIO

from gluten.terminal.live import Live, frame, plain
from gluten.terminal.terminal import ASCII, Look

PAUSE = 10.0
"""Seconds between two plain lines."""

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_BEGIN, _END = "\x1b[?2026h\x1b[H", "\x1b[J\x1b[?2026l"
"""A frame is shown at once, by terminals that know synchronized output; what was below the last line is cleared."""
_NEXT = "\x1b[K\r\n"


class Progress(Protocol):
    """`wanted`: whether anybody would see an update."""

    wanted: bool

    def show(self, update: Mapping[str, Any]) -> None: ...
    def clear(self) -> None: ...


def progress_for(quiet: bool, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> Progress:
    """What fits the stream (default stderr)."""
    stream = stream or sys.stderr
    if quiet:
        return Silence()
    if stream.isatty() and environ.get("TERM") not in (None, "", "dumb"):
        return Screen(stream, look_of(stream, environ))
    return Lines(stream)


def look_of(stream: TextIO, environ: Mapping[str, str]) -> Look:
    """Without colour where NO_COLOR is set to anything (no-color.org), in ASCII where the encoding has no more."""
    look = Look()
    try:
        look.blocks.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        look = ASCII
    return Look(not environ.get("NO_COLOR"), look.blocks, look.full, look.rest, look.more, look.dot)


class Silence:
    """`--quiet`."""

    wanted = False

    def show(self, update: Mapping[str, Any]) -> None:
        """Nothing."""

    def clear(self) -> None:
        """Nothing."""


class Lines:
    """One plain line every `PAUSE` seconds, and at once when requests begin to wait for connections."""

    wanted = True

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._now, self._live = stream, now, Live()
        self._said, self._hinted = now(), False

    def show(self, update: Mapping[str, Any]) -> None:
        self._live.take(update)
        began = bool(self._live.run.get("hint")) and not self._hinted
        self._hinted = bool(self._live.run.get("hint"))
        if began or self._now() - self._said >= PAUSE:
            self._said = self._now()
            with contextlib.suppress(OSError):  # the reader is gone; the run is not its business
                self._stream.write(plain(self._live) + "\n")
                self._stream.flush()

    def clear(self) -> None:
        """Lines stay."""


class Screen:
    """The view, drawn at each update and when the window's size changes.

    While it is shown, the signals that would end or stop this process give the terminal back first.
    """

    wanted = True

    def __init__(self, stream: TextIO, look: Look) -> None:
        self._stream, self._look, self._live = stream, look, Live()
        self._owner = 0
        self._drawing = False
        self._handlers: dict[int, Any] = {}

    def show(self, update: Mapping[str, Any]) -> None:
        self._live.take(update)
        if not self._owner:
            self._enter()
        self._draw()

    def clear(self) -> None:
        """Give the terminal back as it was."""
        if not self._owner:
            return
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers, self._owner = {}, 0
        self._write(_LEAVE)

    def _enter(self) -> None:
        self._owner = os.getpid()
        for number, handler in ((signal.SIGWINCH, self._resized), (signal.SIGTSTP, self._stopped)):
            self._handlers[number] = signal.signal(number, handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            # Who has a handler of its own (`run` ends its load in good order) calls `clear` itself.
            if signal.getsignal(number) is signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, self._ended)
        self._write(_ENTER)

    def _draw(self) -> None:
        if self._drawing:
            return
        self._drawing = True
        try:
            columns, height = self._size()
            self._write(_BEGIN + _NEXT.join(frame(self._live, columns, height, self._look)) + "\x1b[K" + _END)
        finally:
            self._drawing = False

    def _size(self) -> tuple[int, int]:
        """Columns and lines; some terminals say zero."""
        try:
            found = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return 80, 24
        return found.columns or 80, found.lines or 24

    def _write(self, text: str) -> None:
        """Past the stream's buffer, which must not be entered again from a signal's handler."""
        data = text.encode(self._stream.encoding or "ascii", "replace")
        try:
            while data:
                data = data[os.write(self._stream.fileno(), data) :]
        except OSError:
            return  # the terminal is gone; the run is not its business

    def _resized(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() == self._owner:
            self._draw()

    def _stopped(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-Z: the terminal belongs to the shell until this process goes on."""
        if os.getpid() != self._owner:
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        self._write(_LEAVE)
        os.kill(os.getpid(), signal.SIGSTOP)
        self._write(_ENTER)
        self._draw()

    def _ended(self, number: int, frame: FrameType | None) -> None:
        mine = os.getpid() == self._owner
        if mine:
            self.clear()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
