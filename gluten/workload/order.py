"""What may have been taken before each request, in the order in which sessions send them. Pure.

A session may have taken what any request before it takes: in any branch, and in an earlier round of a repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gluten.task.toml_scan import Path
from gluten.workload.scenarios.steps import Ask, If, Repeat, Scenario, Step, Steps, every_step, inside, names_of
from gluten.workload.templates.values import Names
from gluten.workload.workload import Workload

Taken = frozenset[str]
_NOTHING: Taken = frozenset()


class Need(NamedTuple):
    """A key of the file that needs names, what may have been taken before it, and where that is, for messages."""

    path: Path
    names: Names
    taken: Taken
    where: str = ""


def needs(workload: Workload) -> Iterator[Need]:
    """In the order of the sessions. Without scenarios a session is one request, so only setup takes before it."""
    order = _Order(workload)
    yield from order.sequence(workload.setup, _NOTHING, " in setup")
    known = order.taken(workload.setup)
    yield from order.sequence(workload.teardown, known, " in teardown")
    if not workload.scenarios:
        alone = [place for place, request in enumerate(workload.requests) if request.weight]
        yield from (order.need(place, known, "") for place in alone)
    for index, scenario in enumerate(workload.scenarios):
        yield from order.scenario(scenario, ("scenario", index), known)


class _Order:
    def __init__(self, workload: Workload) -> None:
        self._requests = workload.requests
        self._takes = [frozenset(name for name, _ in request.takes) for request in workload.requests]

    def need(self, place: int, before: Taken, where: str) -> Need:
        request = self._requests[place]
        return Need(("request", request.name), request.names, before, where)

    def taken(self, places: Iterable[int]) -> Taken:
        return _NOTHING.union(*(self._takes[place] for place in places))

    def sequence(self, places: Iterable[int], before: Taken, where: str) -> Iterator[Need]:
        for place in places:
            yield self.need(place, before, where)
            before |= self._takes[place]

    def scenario(self, scenario: Scenario, path: Path, known: Taken) -> Iterator[Need]:
        where = f" in scenario {scenario.name}"
        yield from self.sequence(scenario.once, known, f"{where}, once,")
        yield from self._steps(scenario.do, known | self.taken(scenario.once), path, where)

    def _steps(self, steps: Steps, before: Taken, path: Path, where: str) -> Iterator[Need]:
        for step in steps:
            after = before | self._taken_in(step)
            yield from self._step(step, before, after, path, where)
            before = after

    def _step(self, step: Step, before: Taken, after: Taken, path: Path, where: str) -> Iterator[Need]:
        match step:
            case Ask(place):
                yield self.need(place, before, where)
            case Repeat(high=high):
                yield Need(path, names_of(step), after, where)
                before = after if high > 1 else before
            case If():
                yield Need(path, names_of(step), before, where)
        for steps in inside(step):
            yield from self._steps(steps, before, path, where)

    def _taken_in(self, step: Step) -> Taken:
        if isinstance(step, Ask):
            return self._takes[step.request]
        return self.taken(one.request for one in every_step((step,)) if isinstance(one, Ask))
