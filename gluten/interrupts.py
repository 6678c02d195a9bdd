"""Handling of the signals that would end this process.

Python turns SIGINT into a KeyboardInterrupt, which can be raised at any line. Extension modules that are being imported
do not survive that. So no handler here raises: it ends the process at once with one line, or it sets a flag that is
read later.
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
_ALWAYS = (signal.SIGINT, signal.SIGTERM)
"""Handled even if they are ignored at the start: a shell ignores SIGINT for a command that is followed by `&`."""
_UNLESS_IGNORED = ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")
"""Handled unless they are ignored at the start: nohup(1) ignores SIGHUP."""
ENDING_SIGNALS: tuple[signal.Signals, ...] = (
    *_ALWAYS,
    *(signal.Signals[name] for name in _UNLESS_IGNORED if hasattr(signal, name)),
)
"""The signals that would end a process."""
SAME_SIGNAL = 0.1
"""Two signals within this many seconds count as one: timeout(1) signals the process, and then its whole group."""

Handlers = dict[signal.Signals, Any]


class RepeatDetector:
    """Tells a second signal from the first one."""

    def __init__(self) -> None:
        self._first: float | None = None

    def is_repeat(self, now: float) -> bool:
        """Whether an earlier signal came at least `SAME_SIGNAL` seconds before. `now` is in seconds."""
        if self._first is None:
            self._first = now
        return now - self._first >= SAME_SIGNAL


def handled_signals() -> list[signal.Signals]:
    """The signals of `ENDING_SIGNALS` that this process handles."""
    return [number for number in ENDING_SIGNALS if number in _ALWAYS or signal.getsignal(number) is not signal.SIG_IGN]


def install(on_signal: Callable[[], None]) -> Handlers:
    """Call `on_signal` for each of these signals from now on. Returns the handlers that were there before."""

    def handle(number: int, frame: FrameType | None) -> None:
        on_signal()

    return {number: signal.signal(number, handle) for number in handled_signals()}


def restore(handlers: Handlers) -> None:
    """Install the handlers that `install` returned."""
    for number, handler in handlers.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextlib.contextmanager
def handled_by(on_signal: Callable[[], None]) -> Iterator[None]:
    """Within the block each signal calls `on_signal`. Afterwards the earlier handlers are back."""
    before = install(on_signal)
    try:
        yield
    finally:
        restore(before)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Delay a signal until the block ends, so that its work is not left half done. A second one ends the process."""
    repeats, waiting = RepeatDetector(), False

    def defer() -> None:
        nonlocal waiting
        waiting = True
        if repeats.is_repeat(time.monotonic()):
            exit_now()

    with handled_by(defer):
        yield
    if waiting:
        signal.raise_signal(signal.SIGINT)


def ignore() -> None:
    """Ignore the signals from now on. Call it when the outcome is known, so that no signal changes it."""
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def exit_now(text: str = "interrupted") -> NoReturn:
    """Print `text` as one line and end this process at once.

    No cleanup runs, because the signal may have come in the middle of anything.
    """
    ignore()  # so that a second signal does not print a second line
    with contextlib.suppress(OSError):
        os.write(2, f"gluten: {text}\n".encode("utf-8", "replace"))
    os._exit(INTERRUPTED)


@contextlib.contextmanager
def blocked() -> Iterator[None]:
    """Block the signals within the block. A forked child has its parent's handlers until it installs its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
