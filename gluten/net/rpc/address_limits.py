"""Limits how much one address may hold at once, so that a greedy client leaves something to others.

It is for native threads. `net/door/connection_limits` is for the hub.
"""

from __future__ import annotations

import threading
from collections import Counter


class AddressLimits:
    """At most `each` for one address. An unknown address ("") has no limit."""

    def __init__(self, each: int) -> None:
        self.each = each
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many addresses hold anything."""
        return len(self._held)

    def acquire(self, address: str) -> bool:
        """Count one more. False if the address has reached its limit; then nothing changes."""
        with self._lock:
            if address and self._held[address] >= self.each:
                return False
            self._held[address] += 1
            return True

    def release(self, address: str) -> None:
        """Count one less."""
        with self._lock:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]
