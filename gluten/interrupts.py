"""What the signals do that would end this process. Python's own way is not used: a KeyboardInterrupt comes up wherever
the program happens to be, and extension modules that are being imported do not survive that.

So a handler here never raises. It ends the process at once with one line, or it sets something that is looked at later.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

INTERRUPTED = 130
"""The exit code."""
_TAKEN = (signal.SIGINT, signal.SIGTERM)
"""Handled even where the starter ignores them, as a shell does with SIGINT for a command before an &."""
_KEPT = ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")
"""Handled where they are not ignored: nohup(1) ignores SIGHUP."""
ENDING: tuple[signal.Signals, ...] = (*_TAKEN, *(signal.Signals[name] for name in _KEPT if hasattr(signal, name)))
"""The signals that would end a process."""
SAME = 0.1
"""Seconds within which two signals are one: timeout(1) signals the process, and then its whole group."""

Handlers = dict[signal.Signals, Any]


class Presses:
    """Tells a second signal from the first one."""

    def __init__(self) -> None:
        self._first: float | None = None

    def again(self, now: float) -> bool:
        """Whether there was one before; `now` in seconds."""
        if self._first is None:
            self._first = now
        return now - self._first >= SAME


def handled() -> list[signal.Signals]:
    """Those of `ENDING` that this process handles."""
    return [number for number in ENDING if number in _TAKEN or signal.getsignal(number) is not signal.SIG_IGN]


def take(on_signal: Callable[[], None]) -> Handlers:
    """Call `on_signal` for each of the signals from now on; what they did before."""

    def handle(number: int, frame: FrameType | None) -> None:
        on_signal()

    return {number: signal.signal(number, handle) for number in handled()}


def give_back(handlers: Handlers) -> None:
    """Have the signals do again what they did before."""
    for number, handler in handlers.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextlib.contextmanager
def taken(on_signal: Callable[[], None]) -> Iterator[None]:
    """Inside, each of the signals calls `on_signal` in place of what it did before."""
    before = take(on_signal)
    try:
        yield
    finally:
        give_back(before)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Inside, a signal waits until the end, for what must not be left half done. A second one ends the process."""
    presses, waiting = Presses(), False

    def hold() -> None:
        nonlocal waiting
        waiting = True
        if presses.again(time.monotonic()):
            end()

    with taken(hold):
        yield
    if waiting:
        signal.raise_signal(signal.SIGINT)


def ignore() -> None:
    """The outcome is decided: a signal changes nothing any more, and says nothing."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def end(text: str = "interrupted") -> NoReturn:
    """Say it in one line and end this process at once. Nothing is unwound, since nobody knows what was under way."""
    ignore()  # a second line for a second signal would be one too many
    with contextlib.suppress(OSError):
        os.write(2, f"gluten: {text}\n".encode("utf-8", "replace"))
    os._exit(INTERRUPTED)


@contextlib.contextmanager
def blocked() -> Iterator[None]:
    """Inside, the signals are not delivered: a fork has its parent's handlers until it has set its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
