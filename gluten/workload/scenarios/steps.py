"""What a scenario says: its steps, as values. They never change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gluten.workload.checks.check import Check
from gluten.workload.checks.condition import Condition
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import NO_NAMES, Names

END, CONTINUE, STOP = "end", "continue", "stop"
ON_FAIL = (END, CONTINUE, STOP)
"""What follows from a request that is not good: its session ends, it goes on, or the run is stopped."""


@dataclass(frozen=True)
class Ask:
    """Send a request, known by its place among the workload's requests."""

    request: int


@dataclass(frozen=True)
class Think:
    """A pause, in seconds: even between `low` and `high`. `exponential`: of the mean `low`, at most `high`."""

    low: float
    high: float
    exponential: bool = False

    @property
    def mean(self) -> float:
        return self.low if self.exponential else (self.low + self.high) / 2


@dataclass(frozen=True)
class Repeat:
    """Do the steps so often: even between `low` and `high`. With `until` as often as it takes until that is true of the
    last answer, at most `high` times."""

    low: int
    high: int
    do: Steps
    until: Check | None = None


@dataclass(frozen=True)
class Branch:
    """One choice of `OneOf`, as likely as its weight says."""

    weight: int
    do: Steps


@dataclass(frozen=True)
class OneOf:
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Chance:
    """Do the steps with this probability (0 to 1)."""

    share: float
    do: Steps


@dataclass(frozen=True)
class Group:
    """Steps whose time is measured together."""

    name: str
    do: Steps


@dataclass(frozen=True)
class If:
    """Do the steps where `condition` is true of the text that `left` gives. `text` is as it was written."""

    text: str
    left: Template
    condition: Condition
    do: Steps


Step = Ask | Think | Repeat | OneOf | Chance | Group | If
Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Scenario:
    """`on_fail` None: the file's. `once`: the requests that a connection of a closed loop sends before its first
    session. `fresh`: each session has connections of its own."""

    name: str
    do: Steps
    weight: int = 1
    on_fail: str | None = None
    once: tuple[int, ...] = ()
    fresh: bool = False

    @property
    def looks_back(self) -> bool:
        """Whether a step depends on the answer before it."""
        return any(isinstance(step, Repeat) and step.until is not None for step in every_step(self.do))

    @property
    def requests(self) -> frozenset[int]:
        """The places of all requests that it may send."""
        return frozenset(self.once) | frozenset(step.request for step in every_step(self.do) if isinstance(step, Ask))

    @property
    def names(self) -> Names:
        """What its conditions need."""
        return Names.of_all([names_of(step) for step in every_step(self.do)])


def every_step(steps: Steps) -> Iterator[Step]:
    """The steps, and those inside of them, in the file's order."""
    for step in steps:
        yield step
        for inner in inside(step):
            yield from every_step(inner)


def names_of(step: Step) -> Names:
    """What the condition of `until` or `if` needs."""
    match step:
        case Repeat(until=Check(names=names)):
            return names
        case If(left=left, condition=condition):
            return left.names | condition.names
        case _:
            return NO_NAMES


def inside(step: Step) -> tuple[Steps, ...]:
    """The lists of steps that a step has."""
    match step:
        case Ask() | Think():
            return ()
        case OneOf(branches):
            return tuple(branch.do for branch in branches)
        case _:
            return (step.do,)
