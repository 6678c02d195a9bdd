"""What Ctrl-C and the other signals do until the program itself handles them: one line, exit code 130, no traceback.

A handler here never raises: a KeyboardInterrupt comes up anywhere, in Python's own importer too, which then says so in
many lines. Old Pythons read this module too: no syntax newer than 3.6.
"""

import os

TYPE_CHECKING = False  # typing's own word for it: what checks types takes it for true
if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from typing import Any
else:
    import _signal as signal  # built in: the module around it imports others first, for milliseconds

_ALWAYS = ("SIGINT", "SIGTERM")
_UNLESS_IGNORED = ("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")


class Ending:
    """While it is entered, each of the signals ends this process, after `clean`."""

    def __init__(self, clean: "Callable[[], None]" = lambda: None) -> None:
        self._clean = clean
        self._before: "dict[int, Any]" = {}

    def __enter__(self) -> "Ending":
        for number in _handled():
            try:
                self._before[number] = signal.signal(number, self._end)
            except ValueError:  # not in the main thread, which alone gets signals
                break
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _end(self, number: int, frame: object) -> None:
        for each in self._before:
            signal.signal(each, signal.SIG_IGN)
        self._clean()
        try:
            os.write(2, b"gluten: interrupted\n")
        finally:  # nobody may be there to read it
            os._exit(130)


def _handled() -> "list[int]":
    """Those that are not ignored here, as nohup(1) ignores SIGHUP."""
    known = [name for name in _ALWAYS + _UNLESS_IGNORED if hasattr(signal, name)]
    numbers = [(name, getattr(signal, name)) for name in known]
    return [n for name, n in numbers if name in _ALWAYS or signal.getsignal(n) is not signal.SIG_IGN]
