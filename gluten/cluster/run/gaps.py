"""For how many seconds nothing is known of a node's part, and why. Pure.

Each cause counts once for a node, however often it is said: a slave says its notices again, and a restarted master
hears what its predecessor has written down. So this is kept with the run (`to_list`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

LOSS = "loss"
"""The node was lost, and its part began again elsewhere only after a while."""


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
        """Nothing is known for so many seconds (0: nothing is missing). False if this cause was noted before."""
        if (name, cause) in self._seconds:
            return False
        self._seconds[name, cause] = seconds
        return True

    def correct(self, name: str, cause: str, seconds: int) -> None:
        """It is known better now: late numbers came in."""
        self._seconds[name, cause] = max(0, seconds)

    def of(self, name: str) -> int:
        return sum(seconds for (who, _), seconds in self._seconds.items() if who == name)

    def to_list(self) -> list[list[Any]]:
        return [[name, cause, seconds] for (name, cause), seconds in self._seconds.items()]


def told(epoch: int, text: str) -> str:
    """The cause that a node's notice is."""
    return f"{epoch}: {text}"


def never(epoch: int) -> str:
    """The cause that deltas are, which a node has told of and which never came."""
    return f"{epoch}: never came"
