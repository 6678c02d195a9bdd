"""The sessions of a trial: one of each scenario, with the first rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from gluten.engine.trial.asker import Asker
from gluten.engine.trial.order import ask_chore, ask_one, taken_in_setup
from gluten.engine.trial.tried import Tried
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.numbers import Drawer
from gluten.plan.chores import SETUP, TEARDOWN
from gluten.workload.checks.check import Check
from gluten.workload.scenarios.steps import END, STOP, Ask, If, Scenario
from gluten.workload.scenarios.walk import Act, Pause, Send, Walk
from gluten.workload.templates.values import Row
from gluten.workload.workload import Workload

LONGEST_PAUSE = 1.0
"""Seconds. A longer pause is shown in full, but the trial sleeps for this time only."""
SESSIONS, _ACTS = 100, 1000
"""The fullest of the first `SESSIONS` sessions is tried. To find it, the first `_ACTS` acts of each are looked at."""


class _Hopeful:
    """The facts of a session that has no response yet: each `if` counts as true, and each `until` as not true."""

    def holds(self, check: Check) -> bool:
        return False

    def true(self, condition: If) -> bool:
        return True


def fullest(walk: Walk, numbers: Iterable[int]) -> int:
    """The first of the sessions that send the most different requests, so that a small `chance` is tried, too."""

    def width(number: int) -> int:
        acts = islice(walk.acts(number, _Hopeful()), _ACTS)
        return len({act.request for act in acts if isinstance(act, Send)})

    return max(numbers, key=width)


class FirstRows:
    """The rows of the feeds, from the first one on. After the last one the first one comes again, also in a unique
    feed, because a trial is no run."""

    def __init__(self, of: Mapping[str, Drawer]) -> None:
        self._of, self._uses = of, dict.fromkeys(of, 0)

    def __call__(self, feed: str) -> Row:
        drawer, use = self._of[feed], self._uses[feed]
        self._uses[feed] += 1
        found = drawer.pick(use % len(drawer.rows), 0)
        return drawer.rows.row(found or 0)


class Sessions:
    """`named` are the workload's requests. Without scenarios each request is a session. `with_once`: what a scenario
    sends `once` is sent before its session, as in a closed loop. `close` closes all connections."""

    def __init__(
        self,
        workload: Workload,
        named: Sequence[Named],
        asker: Asker,
        rows: FirstRows,
        with_once: bool,
        close: Callable[[], None],
        sleep: Callable[[float], None],
    ) -> None:
        self._workload, self._named, self._asker, self._rows = workload, named, asker, rows
        self._with_once, self._close, self._sleep = with_once, close, sleep
        self._scenarios: Sequence[Scenario] = workload.scenarios or [
            Scenario(request.name, (Ask(place),)) for place, request in enumerate(workload.requests) if request.weight
        ]
        self._each = {feed.name for feed in workload.feeds if feed.per == "request"}
        self._known: dict[str, str] = {}
        self._is_over = False

    def run(self) -> Iterator[Tried]:
        """Setup, a session of each scenario, teardown; each request as soon as it is answered."""
        yield from self._around(SETUP)
        if self._is_over:
            return
        self._known = taken_in_setup(self._workload, self._asker.values)
        for place, scenario in enumerate(self._scenarios):
            if not self._is_over:
                yield from self._session(scenario, place)
        yield from self._around(TEARDOWN)

    # What the walk asks.

    def holds(self, check: Check) -> bool:
        return self._asker.last is not None and check.holds(self._asker.last, self._asker.values)

    def true(self, condition: If) -> bool:
        return condition.condition.test([condition.left.text_of(self._asker.values)], self._asker.values)

    def _around(self, kind: str) -> Iterator[Tried]:
        """Of setup the first request that is not good ends the trial."""
        self._begin(0, ())
        self._is_over = yield from ask_chore(kind, self._workload, self._named, self._asker)

    def _session(self, scenario: Scenario, place: int) -> Iterator[Tried]:
        walk, count = Walk(scenario, self._workload.seed), len(self._scenarios)
        number = fullest(walk, range(place, place + count * SESSIONS, count))
        if scenario.fresh:
            self._close()
        feeds = self._workload.feeds_of(scenario)
        self._begin(number, feeds - self._each)
        once = [Send(request, step) for step, request in enumerate(scenario.once)] if self._with_once else []
        yield from self._follow(scenario, chain(once, walk.acts(number, self)), feeds & self._each)

    def _begin(self, number: int, feeds: Iterable[str]) -> None:
        values = self._asker.values
        values.begin(number)
        values.taken.update(self._known)
        self._asker.jar.clear()
        self._draw(feeds)

    def _draw(self, feeds: Iterable[str]) -> None:
        self._asker.values.rows.update((feed, self._rows(feed)) for feed in sorted(feeds))

    def _follow(self, scenario: Scenario, acts: Iterable[Act], each: Iterable[str]) -> Iterator[Tried]:
        """Do what the walk says, until a request ends the session."""
        pause, name = 0.0, scenario.name if self._workload.scenarios else ""
        for act in acts:
            if isinstance(act, Pause):
                pause += act.seconds
                self._sleep(min(act.seconds, LONGEST_PAUSE))
            elif isinstance(act, Send):
                self._draw(each)
                on_fail = self._on_fail(scenario, act.request)
                named = self._named[act.request]
                ended = yield from ask_one(self._asker, named, act.step, name, pause, on_fail)
                pause = 0.0
                if ended:
                    self._is_over = on_fail == STOP
                    return

    def _on_fail(self, scenario: Scenario, place: int) -> str:
        said = (self._workload.requests[place].on_fail, scenario.on_fail, self._workload.on_fail)
        return next((one for one in said if one is not None), END)
