"""Which of several masters a client calls. One is active; one that stands by says which. Pure."""

from __future__ import annotations

from collections.abc import Sequence

MORE = 2
"""How many more masters are called than are listed, because a master that stands by may name another one."""


class Masters:
    """`current` is the address (HOST:PORT) of the master that is called."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses, self._named = list(addresses), ""
        self._index = 0

    @property
    def current(self) -> str:
        return self._named or self._addresses[self._index]

    @property
    def tries(self) -> int:
        """How many masters are called for one answer, at most."""
        return len(self._addresses) + MORE

    def move(self, active: str = "") -> bool:
        """Take `active`, which another master has named, or the next one of the list. False: it is the same one.

        If several masters are listed, one of them is active, so a name that is not listed is ignored: from here, the
        master may not be reached by it.
        """
        before, self._named = self.current, ""
        if active in self._addresses and active != before:
            self._index = self._addresses.index(active)
        elif active and len(self._addresses) == 1 and active != before:
            self._named = active
        else:
            self._index = (self._index + 1) % len(self._addresses)
        return self.current != before
