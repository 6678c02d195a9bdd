"""The sessions of one thread: which scenario the next one is, its rows, and its order of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.numbers import Numbers
from gluten.engine.worker.requests.tracer import Tracer
from gluten.workload.scenarios.steps import END, Ask, Scenario
from gluten.workload.scenarios.walk import Act, Facts, Walk
from gluten.workload.templates.values import Values
from gluten.workload.workload import Workload


class Begun(NamedTuple):
    """A session: its number, the place of its scenario, what it does. `fresh`: on connections of its own. `once`: what
    its connection asks before its first session."""

    number: int
    place: int
    acts: Iterator[Act]
    fresh: bool = False
    once: tuple[int, ...] = ()


class ThreadSessions:
    """`named` are the workload's requests. Without scenarios each request is a scenario of one step, which nobody
    counts: then `counted` is false. `hesitates`: a closed loop waits after a failed connect.
    `draws_each`: there are feeds with a row for each request."""

    def __init__(
        self,
        workload: Workload,
        named: Sequence[Named],
        numbers: Numbers,
        values: Callable[[], Values],
        tracer: Tracer | None,
        hesitates: bool,
    ) -> None:
        self.named, self.values, self.tracer, self.numbers = named, values, tracer, numbers
        self.workload, self.counted = workload, bool(workload.scenarios)
        self.scenarios: Sequence[Scenario] = workload.scenarios or [
            Scenario(request.name, (Ask(place),)) for place, request in enumerate(workload.requests)
        ]
        self._walks = [Walk(scenario, workload.seed) for scenario in self.scenarios]
        each = {feed.name for feed in workload.feeds if feed.per == "request"}
        feeds = [sorted(workload.feeds_of(session)) for session in workload.sessions]
        self._rows = [numbers.rows_of([name for name in names if name not in each]) for names in feeds]
        self._each = [numbers.rows_of([name for name in names if name in each]) for names in feeds]
        self.draws_each, self.hesitates = bool(each), hesitates

    def begin(self, values: Values, facts: Facts) -> Begun:
        """Take the next number, and the session's rows. Raises `RowsUsed`."""
        number = self.numbers.next()
        place = self.numbers.request(number)
        values.begin(self.numbers.numbering.session(number))
        for name, row_of in self._rows[place]:
            values.rows[name] = row_of(number)
        scenario, acts = self.scenarios[place], self._walks[place].acts(values.number, facts)
        return Begun(number, place, acts, scenario.fresh, scenario.once if self.hesitates else ())

    def draw_rows(self, values: Values, begun: Begun) -> None:
        """The rows of feeds that have one for each request."""
        for name, row_of in self._each[begun.place]:
            values.rows[name] = row_of(begun.number, values.step)

    def on_fail(self, begun: Begun, request: int) -> str:
        """What follows from a request of the session that is not good."""
        said = (self.workload.requests[request].on_fail, self.scenarios[begun.place].on_fail, self.workload.on_fail)
        return next((one for one in said if one is not None), END)

    def taken_by(self, request: int) -> frozenset[str]:
        """The names that a request takes."""
        return frozenset(name for name, _ in self.workload.requests[request].takes)

    def drop(self, count: int) -> list[int]:
        """How many of the next `count` sessions, which never begin, are of each scenario."""
        return self.numbers.of_dropped(count)
