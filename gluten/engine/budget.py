"""How many requests a worker may still send, where a closed loop has a number of them."""

from __future__ import annotations

import math
import mmap


class Budget:
    """`left[0]` is shared by the threads of a worker, and with the process that forked it: when a worker dies, what it
    had taken is known, though it could not tell. `requests` None: no limit."""

    __slots__ = ("_requests", "left")

    def __init__(self, requests: int | None) -> None:
        self._requests = requests
        self.left: memoryview[int] | list[float] = [math.inf]
        if requests is not None:
            self.left = memoryview(mmap.mmap(-1, 8)).cast("q")
            self.left[0] = requests

    @property
    def taken(self) -> int:
        """So many were begun; 0 without a limit."""
        return 0 if self._requests is None else self._requests - int(self.left[0])
