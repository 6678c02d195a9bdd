"""How much of something one address may hold at once, so that who takes all that they can leave something to others.

For native threads; what the hub counts is in `crowd`.
"""

from __future__ import annotations

import threading
from collections import Counter


class AddressLimits:
    """At most `each` for an address; one that is not known ("") has no limit of its own."""

    def __init__(self, each: int) -> None:
        self.each = each
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Addresses that hold anything."""
        return len(self._held)

    def take(self, address: str) -> bool:
        """One more; False, and nothing changes, if it has its share."""
        with self._lock:
            if address and self._held[address] >= self.each:
                return False
            self._held[address] += 1
            return True

    def give(self, address: str) -> None:
        """One less."""
        with self._lock:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]
