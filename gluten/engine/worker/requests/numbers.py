"""The numbers of a thread's sessions, and what follows from them: which request it is, and which rows it takes.

At a constant rate the numbers are those of the schedule's slots, so the weights are exact over the whole cluster. In a
closed loop each thread has numbers of its own. A session without scenarios is one request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gluten.errors import RowsUsed
from gluten.workload.feeds.picks import Pick, pick
from gluten.workload.feeds.rows import Rows
from gluten.workload.mix import Mix
from gluten.workload.templates.values import Row
from gluten.workload.workload import Feed, Workload


class PlaceOf(Protocol):
    def __call__(self, number: int, step: int = 0) -> int:
        """The place of the row of the session with this number. It raises `RowsUsed` where all rows are used."""


class RowOf(Protocol):
    def __call__(self, number: int, step: int = 0) -> Row:
        """The row of the session with this number. It raises `RowsUsed` where all rows are used."""


@dataclass(frozen=True)
class Numbering:
    """`first` is the thread's first number, `step` the distance to its next one. `stream` is a closed loop's thread, of
    `threads`; None: the numbers are the whole cluster's."""

    first: int
    step: int
    stream: int | None = None
    threads: int = 1

    @property
    def shared(self) -> bool:
        return self.stream is None

    def session(self, number: int) -> int:
        """The session's number, of which no two are alike in a run."""
        return number if self.stream is None else number * self.threads + self.stream

    def use(self, own: int) -> int:
        """The number of a use of a feed, of which no two are alike in a run."""
        return own if self.stream is None else own * self.threads + self.stream


@dataclass
class Drawer:
    """Draws the rows of one feed. `uses` are the numbers of the requests that name it; `every`: all of them do."""

    feed: Feed
    rows: Rows
    pick: Pick
    uses: tuple[int, ...]
    every: bool

    def bound(self, numbering: Numbering, mix: Mix) -> RowOf:
        """The row of the session with a number, for one thread; of its request `step`, where a feed has a row for each.
        It raises `RowsUsed` where all rows are used."""
        row, place_of = self.rows.row, self.placed(numbering, mix)
        return lambda number, step=0: row(place_of(number, step))

    def placed(self, numbering: Numbering, mix: Mix) -> PlaceOf:
        """The same, but the row's place in the file."""
        pick, count, uses, before = self.pick, len(self.rows), self.uses, mix.before
        name, fails = self.feed.name, self.feed.at_end == "fail"
        use_of = None if numbering.shared else numbering.use
        every, unique = self.every, self.feed.pick == "unique"

        def place(number: int, step: int = 0) -> int:
            use = number if every else sum([before(index, number) for index in uses])
            if use_of is not None:
                use = use_of(use)
            found = use if unique and use < count else pick(use, step)
            if found is None:
                raise RowsUsed(name, count, fails)
            return found

        return place


@dataclass
class Numbers:
    """Of one thread. `taken` is shared with who may replace a worker that dies: how many numbers were taken."""

    numbering: Numbering
    mix: Mix
    drawers: Mapping[str, Drawer] = field(default_factory=dict)
    taken: list[int] | memoryview[int] = field(default_factory=lambda: [0])
    place: int = 0
    _block: int = -1
    _order: Sequence[int] = ()

    def next(self) -> int:
        """The next number."""
        count = self.taken[self.place]
        self.taken[self.place] = count + 1
        return self.numbering.first + count * self.numbering.step

    def request(self, number: int) -> int:
        """The index of the request that this number is."""
        block, place = divmod(number, self.mix.block)
        if block != self._block:
            self._block, self._order = block, self.mix.order(block)
        return self._order[place]

    def rows_of(self, feeds: Sequence[str]) -> tuple[tuple[str, RowOf], ...]:
        """What draws the rows of these feeds, by their names."""
        return tuple((name, self.drawers[name].bound(self.numbering, self.mix)) for name in feeds)

    def of_dropped(self, count: int) -> list[int]:
        """Of the next `count` numbers, how many are of each request: they were planned, and nobody took them."""
        first = self.numbering.first + self.taken[self.place] * self.numbering.step
        return self.mix.counts(first, first + count * self.numbering.step, self.numbering.step)


def drawers(workload: Workload, rows: Mapping[str, Rows]) -> dict[str, Drawer]:
    """What draws the rows of each feed."""
    found = {}
    for feed in workload.feeds:
        uses = [at for at, session in enumerate(workload.sessions) if feed.name in workload.feeds_of(session)]
        draw = pick(feed.pick, len(rows[feed.name]), workload.seed, feed.name)
        every = len(uses) == len(workload.sessions)
        found[feed.name] = Drawer(feed, rows[feed.name], draw, tuple(uses), every)
    return found
