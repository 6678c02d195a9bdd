"""A run's files on their way to the nodes that will load: who has them, who is still waited for. Pure.

A node is left out when nothing was received from it about its files for a while, when it takes too long in all, when it
says why it cannot have them, or when it is not present any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

AGAIN = 2.0
"""Seconds after which a node that has not answered is asked again."""
STALLED = 30.0
"""Seconds without a word about its files, after which a node is left out."""
PATIENCE, SLOWEST = 60.0, 1 << 20
"""Seconds for the files of a run, and one more for each so many bytes."""


@dataclass(slots=True)
class Waiting:
    """A node that does not have the files yet. `asked`: when it was asked last, `heard`: when it last said a word."""

    node: str
    asked: float
    heard: float


class Preparation:
    """`files` are SHA-256, and whether they are secret; `size` is how many bytes they have in all. `nodes` are ids by
    name. `ready` has the names of those that have the files, `left_out` why others are not waited for, by name."""

    def __init__(self, run: str, files: Mapping[str, bool], size: int, nodes: Mapping[str, str], now: float) -> None:
        self.run, self.files = run, files
        self._due = now + PATIENCE + size / SLOWEST
        self._waiting = {name: Waiting(node, now, now) for name, node in nodes.items()}
        self.ready: set[str] = set()
        self.left_out: dict[str, str] = {}

    @property
    def waiting(self) -> list[str]:
        return list(self._waiting)

    def heard(self, name: str, now: float) -> None:
        """The node asks for a part of a file."""
        if name in self._waiting:
            self._waiting[name].heard = now

    def answered(self, name: str, node: str, why: str) -> str:
        """The node has the files, or says `why` it has not. Returns why it is left out; empty: it is not."""
        waiting = self._waiting.get(name)
        if waiting is None or waiting.node != node:
            return ""
        del self._waiting[name]
        if why:
            self.left_out[name] = why
        else:
            self.ready.add(name)
        return why

    def ask_again(self, now: float) -> list[str]:
        """The names of the nodes to ask again."""
        due = [name for name, waiting in self._waiting.items() if now - waiting.asked >= AGAIN]
        for name in due:
            self._waiting[name].asked = now
        return due

    def leave_out(self, present: Iterable[tuple[str, str]], now: float) -> dict[str, str]:
        """Give up nodes: why, by name. `present` are the (name, id) of those that are in the cluster."""
        here = set(present)
        judged = {name: self._hopeless(name, waiting, here, now) for name, waiting in self._waiting.items()}
        found = {name: why for name, why in judged.items() if why}
        for name in found:
            del self._waiting[name]
        self.left_out |= found
        return found

    def _hopeless(self, name: str, waiting: Waiting, here: set[tuple[str, str]], now: float) -> str:
        if (name, waiting.node) not in here:
            return "it is gone"
        if now - waiting.heard > STALLED:
            return f"it did not ask for a part for {STALLED:.0f} s"
        return "it took too long" if now > self._due else ""
