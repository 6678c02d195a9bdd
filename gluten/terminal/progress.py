"""Shows a run on stderr while it goes: as a view on a terminal, else as a line from time to time.

The view uses the terminal's alternate screen, as oha and htop do. So the earlier content comes back at the end, even if
the window's size has changed. Sources of the escape sequences: ECMA-48, and xterm's ctlseqs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from gluten.escapes import escaped
from gluten.terminal.live_view import LiveView

if TYPE_CHECKING:
    from gluten.documents import UpdateDocument
    from gluten.terminal.terminal import Theme

LINE_INTERVAL = 10.0
"""Seconds between two plain lines."""

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_BEGIN, _END = "\x1b[?2026h\x1b[H", "\x1b[J\x1b[?2026l"
"""Terminals with synchronized output show a frame all at once. What is below the last line is cleared."""
_NEXT = "\x1b[K\r\n"


class Progress(Protocol):
    """Shows updates of a run. `wanted` is False if `show` does nothing, so that callers can skip making updates."""

    wanted: bool

    def show(self, update: UpdateDocument) -> None: ...
    def clear(self) -> None: ...


def progress_for(quiet: bool, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> Progress:
    """The way to show progress that fits the stream, which is stderr by default."""
    stream = stream or sys.stderr
    if quiet:
        return NoProgress()
    if stream.isatty() and has_cursor(environ):
        return ScreenProgress(stream, theme_for(stream, environ))
    return LineProgress(stream)


def has_cursor(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a terminal can show something in place of what it showed before."""
    return environ.get("TERM") not in (None, "", "dumb")


def theme_for(stream: TextIO, environ: Mapping[str, str]) -> Theme:
    """Without colour if NO_COLOR is set to any text (no-color.org). In ASCII if the encoding has no block elements."""
    from gluten.terminal.terminal import ASCII, Theme  # here, because a log has no colours

    theme = Theme()
    try:
        (theme.blocks + theme.marks).encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        theme = ASCII
    return Theme(not environ.get("NO_COLOR"), theme.blocks, theme.full, theme.rest, theme.more, theme.dot, theme.marks)


class NoProgress:
    """`--quiet`."""

    wanted = False

    def show(self, update: UpdateDocument) -> None:
        """Nothing."""

    def clear(self) -> None:
        """Nothing."""


class LineProgress:
    """Prints a line every `LINE_INTERVAL` seconds, and at once when requests begin to wait for connections, when an SLO
    is missed, or when a trial of a search is decided. A search misses its SLOs often: only its trials count."""

    wanted = True

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._now, self._live = stream, now, LiveView()
        self._printed_at, self._hinted, self._news = now(), False, 0

    def show(self, update: UpdateDocument) -> None:
        self._live.apply(update)
        search = self._live.search
        hinted, news = bool(self._live.run.get("hint")), len(self._live.missed) if search is None else _decided(search)
        began = (hinted and not self._hinted) or news > self._news
        self._hinted, self._news = hinted, news
        if began or self._now() - self._printed_at >= LINE_INTERVAL:
            self._printed_at = self._now()
            from gluten.terminal.live import summary_line  # here, because a short run prints no line

            with contextlib.suppress(OSError):  # a reader that has gone does not end the run
                self._stream.write(escaped(summary_line(self._live)) + "\n")
                self._stream.flush()

    def clear(self) -> None:
        """Does nothing: printed lines stay."""


def _decided(search: Mapping[str, Any]) -> int:
    from gluten.terminal.capacity import decided  # here, because few runs search

    return decided(search)


class ScreenProgress:
    """Draws the view at each update, and when the window's size changes.

    While it is shown, signals that would end or stop this process first restore the terminal.
    """

    wanted = True

    def __init__(self, stream: TextIO, theme: Theme) -> None:
        self._stream, self._theme, self._live = stream, theme, LiveView()
        self._owner = 0
        self._drawing = False
        self._handlers: dict[int, Any] = {}

    def show(self, update: UpdateDocument) -> None:
        self._live.apply(update)
        if not self._owner:
            self._enter()
        self._draw()

    def clear(self) -> None:
        """Restore the terminal as it was."""
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
            # A command with a handler of its own, such as `run`, calls `clear` itself.
            if signal.getsignal(number) is signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, self._ended)
        self._write(_ENTER)

    def _draw(self) -> None:
        if self._drawing:
            return
        from gluten.terminal.live import frame  # here, because only a terminal has a frame

        self._drawing = True
        try:
            columns, height = self._size()
            self._write(_BEGIN + _NEXT.join(frame(self._live, columns, height, self._theme)) + "\x1b[K" + _END)
        finally:
            self._drawing = False

    def _size(self) -> tuple[int, int]:
        """Columns and lines. Some terminals report zero, which counts as 80 and 24."""
        try:
            found = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return 80, 24
        return found.columns or 80, found.lines or 24

    def _write(self, text: str) -> None:
        """Write without the stream's buffer, because a signal handler must not use it while it is in use."""
        data = text.encode(self._stream.encoding or "ascii", "replace")
        try:
            while data:
                data = data[os.write(self._stream.fileno(), data) :]
        except OSError:
            return  # a terminal that has gone does not end the run

    def _resized(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() == self._owner:
            self._draw()

    def _stopped(self, number: int, frame: FrameType | None) -> None:
        """Handle Ctrl-Z: leave the terminal to the shell until this process continues."""
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
