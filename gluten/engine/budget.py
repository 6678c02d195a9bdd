"""How many requests a worker may still send in a closed loop with a number of requests."""

from __future__ import annotations

import math
import mmap


class Budget:
    """`left[0]` is shared by the threads of a worker and by the process that forked it. So that process knows how many
    requests a worker had begun when it died. `requests` None: no limit."""

    __slots__ = ("_requests", "left")

    def __init__(self, requests: int | None) -> None:
        self._requests = requests
        self.left: memoryview[int] | list[float] = [math.inf]
        if requests is not None:
            self.left = memoryview(mmap.mmap(-1, 8)).cast("q")
            self.left[0] = requests

    @property
    def taken(self) -> int:
        """How many requests were begun; 0 without a limit."""
        return 0 if self._requests is None else self._requests - int(self.left[0])
