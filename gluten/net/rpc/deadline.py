"""The time limit of each part of a long answer. A limit of the whole would end a report that comes slowly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType


class Deadline:
    """Calls `end` when `seconds` pass without `renew`, or `first` before the first one. A context manager. `passed`: it
    has called it."""

    def __init__(self, seconds: float, end: Callable[[], object], first: float) -> None:
        self._seconds, self._end = seconds, end
        self.passed = False
        self._timer = self._started(first)

    def __enter__(self) -> Deadline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def renew(self) -> None:
        """A part has come."""
        self._timer.cancel()
        self._timer = self._started(self._seconds)

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._pass)
        timer.daemon = True
        timer.start()
        return timer

    def _pass(self) -> None:
        self.passed = True
        self._end()
