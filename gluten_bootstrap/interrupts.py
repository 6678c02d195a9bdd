"""Handles Ctrl-C and other signals until the program itself does: one line, exit code 130, no traceback.

A handler here never raises. A KeyboardInterrupt can be raised at any line, even in Python's importer, which then prints
many lines. Old Pythons read this module too, so it has no syntax newer than 3.6.
"""

import os

TYPE_CHECKING = False  # type checkers take this name as true, as they do with typing.TYPE_CHECKING
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from typing import Any
else:
    import _signal as signal  # built in; the module `signal` imports others, which takes milliseconds

_ALWAYS = ("SIGINT", "SIGTERM")
_UNLESS_IGNORED = ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")


class ExitOnSignal:
    """Within the block each of the signals calls `clean` and ends this process."""

    def __init__(self, clean: "Callable[[], None]" = lambda: None) -> None:
        self._clean = clean
        self._before: "dict[int, Any]" = {}

    def __enter__(self) -> "ExitOnSignal":
        for number in _handled():
            try:
                self._before[number] = signal.signal(number, self._exit)
            except ValueError:  # only the main thread gets signals
                break
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _exit(self, number: int, frame: object) -> None:
        for each in self._before:
            signal.signal(each, signal.SIG_IGN)
        self._clean()
        try:
            os.write(2, b"gluten: interrupted\n")
        finally:  # stderr may be closed
            os._exit(130)


def _handled() -> "list[int]":
    """The signals to handle. Those that are ignored stay ignored, as nohup(1) does with SIGHUP."""
    known = [name for name in _ALWAYS + _UNLESS_IGNORED if hasattr(signal, name)]
    numbers = [(name, getattr(signal, name)) for name in known]
    return [n for name, n in numbers if name in _ALWAYS or signal.getsignal(n) is not signal.SIG_IGN]
