"""What is done once around a run's load, by one node: its setup and its teardown. Pure.

A chore is new, then asked of a node, then over. Only the master and the nodes of the run know what setup took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gluten.cluster.run.assignment import RunEvent
from gluten.plan.chores import KINDS, SETUP, TEARDOWN, Chores
from gluten.plan.job import NO_VALUES

NEW, DUE, ASKED, DONE, FAILED = "new", "due", "asked", "done", "failed"
BEGUN = "_begun"
"""Behind a chore's kind: the kind of the event that a node was asked."""
FORGOTTEN = "the master was restarted, and what setup took is kept in memory alone: send the task again"


@dataclass(slots=True)
class RunChore:
    """It may take `longest` seconds. `name` and `node` are the node that was asked, by its name and id, `since` when it
    was asked first, and `asked` when last."""

    kind: str
    longest: float
    state: str = NEW
    name: str = ""
    node: str = ""
    since: float = 0.0
    asked: float = 0.0

    @property
    def waits(self) -> bool:
        """It is to be done now."""
        return self.state in (DUE, ASKED)


class RunChores:
    """`setup` and `teardown` are None where the task has none. `taken` is what setup took; `forgotten`: it took
    something, and this master does not know it."""

    def __init__(self, chores: Chores) -> None:
        self.setup = None if chores.setup is None else RunChore(SETUP, chores.setup)
        self.teardown = None if chores.teardown is None else RunChore(TEARDOWN, chores.teardown)
        self.taken: Mapping[str, str] = NO_VALUES
        self.forgotten = False
        self._takes = chores.takes

    @property
    def all(self) -> list[RunChore]:
        return [chore for chore in (self.setup, self.teardown) if chore is not None]

    def of(self, kind: str) -> RunChore | None:
        return self.setup if kind == SETUP else self.teardown

    @property
    def lacking(self) -> str:
        """Why no node can be given a new assignment; empty: they can."""
        return FORGOTTEN if self.forgotten else ""

    @property
    def is_set_up(self) -> bool:
        return self.setup is not None and self.setup.state == DONE

    def owes_teardown(self, begun: bool) -> bool:
        """Whether there is a teardown, that nobody has done. `begun`: the load was about to begin."""
        if self.teardown is None or self.teardown.state in (DONE, FAILED):
            return False
        return begun if self.setup is None else self.setup.state == DONE

    def recall(self, events: Iterable[RunEvent]) -> None:
        """Restore from the events who was asked, and what is over. The node that did the setup still knows what it
        took."""
        for event in events:
            for kind in KINDS:
                chore = self.of(kind)
                if chore is None or not event.kind.startswith(kind):
                    continue
                chore.name = event.node
                if event.kind != kind + BEGUN:
                    chore.state = DONE if event.kind == kind else FAILED
        self.forgotten = self._takes and self.setup is not None and self.setup.state == DONE
