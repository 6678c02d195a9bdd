"""How many seconds of counts are missing of a node's assignments, and why. Pure.

Each cause counts once for a node. A slave sends its notices several times, and a restarted master gets notices that its
predecessor has already stored. So the causes are stored with the run (`to_list`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

LOSS = "loss"
"""The node was lost, and its threads started on other nodes only after a while."""


class Gaps:
    def __init__(self, kept: Iterable[Sequence[Any]] = ()) -> None:
        """`kept` is what `to_list` gave."""
        self._seconds: dict[tuple[str, str], int] = {(name, cause): seconds for name, cause, seconds in kept}

    def __len__(self) -> int:
        """How many causes there are; it never falls."""
        return len(self._seconds)

    def __contains__(self, cause: tuple[str, str]) -> bool:
        """(name, cause) was noted."""
        return cause in self._seconds

    def note(self, name: str, cause: str, seconds: int) -> bool:
        """Note that `seconds` seconds of counts are missing; it may be 0. False if this cause was noted before."""
        if (name, cause) in self._seconds:
            return False
        self._seconds[name, cause] = seconds
        return True

    def correct(self, name: str, cause: str, seconds: int) -> None:
        """Replace the seconds of a cause: late counts have arrived."""
        self._seconds[name, cause] = max(0, seconds)

    def of(self, name: str) -> int:
        return sum(seconds for (node, _), seconds in self._seconds.items() if node == name)

    def to_list(self) -> list[list[Any]]:
        return [[name, cause, seconds] for (name, cause), seconds in self._seconds.items()]


def notice_cause(epoch: int, text: str) -> str:
    """The cause of a gap that a node has reported."""
    return f"{epoch}: {text}"


def missing_cause(epoch: int) -> str:
    """The cause of a gap of deltas that a node has counted and the master never received."""
    return f"{epoch}: never came"
