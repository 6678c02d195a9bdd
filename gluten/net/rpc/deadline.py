"""The time limit of each part of a long answer. A limit of the whole would end a report that comes slowly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType


class Deadline:
    """Calls `end` when `seconds` pass without `renew`. A context manager. `passed`: it has called it."""

    def __init__(self, seconds: float, end: Callable[[], object]) -> None:
        self._seconds, self._end = seconds, end
        self.passed = False
        self._timer = self._started()

    def __enter__(self) -> Deadline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def renew(self) -> None:
        """A part has come."""
        self._timer.cancel()
        self._timer = self._started()

    def _started(self) -> threading.Timer:
        timer = threading.Timer(self._seconds, self._pass)
        timer.daemon = True
        timer.start()
        return timer

    def _pass(self) -> None:
        self.passed = True
        self._end()
