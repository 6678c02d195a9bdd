"""Deltas on their way into the store. They are acknowledged after they are committed, never before.

While the store is away, up to `most` of them wait here. Others are not kept: their slaves send them again. The store
keeps each once, however often it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby, islice

from gluten.cluster.master.journal import Journal
from gluten.cluster.ports import AsyncStore
from gluten.cluster.run.ledger import Numbers
from gluten.errors import WireError
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import MOST, unpack
from gluten.store.records import StoredDelta
from gluten.task.limits import MAX_DURATION

MAX_WAITING = 5_000
BATCH = 500
REMEMBERED = 4_096
"""The committed numbers of so many sources are kept here. A delta of an older source goes to the store once more."""
_LATEST = int(MAX_DURATION) + 86_400

Key = tuple[str, str, int]
"""(run, node's name, epoch)."""
Acknowledge = Callable[[Key, list[int]], None]


def parse(body: bytes) -> Delta:
    """A packed delta from the wire. Raises WireError."""
    try:
        delta = unpack(body, MOST)
    except (ValueError, OverflowError) as error:
        raise WireError("delta", str(error)[:200]) from None
    if delta.excess:
        raise WireError("delta", f"{delta.excess}: more than one node can count in one second")
    if delta.second > _LATEST:
        raise WireError("delta", f"run-second {delta.second} is later than any run lasts")
    return delta


class DeltaWriter:
    def __init__(
        self,
        store: AsyncStore,
        journal: Journal,
        acknowledge: Acknowledge,
        most: int = MAX_WAITING,
        before: Callable[[str], bool] = lambda run: True,
    ) -> None:
        """`before` is called before deltas of a run are committed. It returns False where the store is away."""
        self._store, self._journal, self._acknowledge, self._most = store, journal, acknowledge, most
        self._before = before
        self._waiting: dict[tuple[Key, int], StoredDelta] = {}
        self._committed: dict[Key, Numbers] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, delta: StoredDelta) -> None:
        """Accept a delta. One that is committed already is acknowledged again."""
        key = (delta.run, delta.node, delta.epoch)
        if delta.number in self._committed.get(key, ()):
            self._acknowledge(key, [delta.number])
        elif len(self._waiting) < self._most:
            self._waiting.setdefault((key, delta.number), delta)

    def flush(self) -> bool:
        """Commit and acknowledge what waits. False where the store is away."""
        while self._waiting:
            batch = list(islice(self._waiting.items(), BATCH))
            if not self._commit([delta for _, delta in batch]):
                return False
            for name, _ in batch:
                self._waiting.pop(name, None)
            self._acknowledge_all([name for name, _ in batch])
        return True

    def _commit(self, deltas: list[StoredDelta]) -> bool:
        # Run by run: a run that the store does not know (it is of another database) must not delay the others.
        by_run = sorted(deltas, key=lambda delta: delta.run)
        for run, group in groupby(by_run, key=lambda delta: delta.run):
            part = list(group)
            if not self._before(run):
                return False
            if not self._journal.write(lambda part=part: self._store.save_deltas(part)):  # type: ignore[misc]
                return False
        return True

    def _acknowledge_all(self, names: list[tuple[Key, int]]) -> None:
        for key, group in groupby(sorted(names), key=lambda name: name[0]):
            numbers = [number for _, number in group]
            committed = self._committed.setdefault(key, Numbers())
            for number in numbers:
                committed.add(number)
            self._acknowledge(key, numbers)
        while len(self._committed) > REMEMBERED:
            del self._committed[next(iter(self._committed))]
