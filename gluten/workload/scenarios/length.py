"""How long a session lasts, before any was seen: its pauses and its requests, on average. Pure.

What is assumed: pauses, repeats, chance and branches are as often as they are drawn on average, no `until` ends a
repeat, each `if` is true, and each request takes `ALLOWANCE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gluten.workload.scenarios.steps import (
    Ask,
    Chance,
    If,
    OneOf,
    Repeat,
    Scenario,
    Step,
    Steps,
    Think,
    every_step,
    inside,
)

ALLOWANCE = 0.1
"""Seconds of one request."""


class Length(NamedTuple):
    """`pauses` is in seconds, `requests` how many; both on average."""

    pauses: float = 0.0
    requests: float = 0.0

    @property
    def seconds(self) -> float:
        return self.pauses + self.requests * ALLOWANCE

    def times(self, factor: float) -> Length:
        return Length(self.pauses * factor, self.requests * factor)


def length_of(scenario: Scenario) -> Length:
    """Of one session. `once` belongs to a connection, and is left out."""
    return _length(scenario.do)


def mean_length(scenarios: Sequence[Scenario]) -> Length:
    """Of the sessions of a run: the scenarios by their weights."""
    total = sum(scenario.weight for scenario in scenarios)
    return _sum(length_of(scenario).times(scenario.weight / total) for scenario in scenarios)


def has_conditions(scenarios: Sequence[Scenario]) -> bool:
    """Whether the length follows from answers, too: by `until` or `if`."""
    return any(step for scenario in scenarios for step in every_step(scenario.do) if _has_condition(step))


def _has_condition(step: Step) -> bool:
    return isinstance(step, If) or (isinstance(step, Repeat) and step.until is not None)


def _length(steps: Steps) -> Length:
    return _sum(map(_of, steps))


def _of(step: Step) -> Length:
    match step:
        case Ask():
            return Length(0.0, 1.0)
        case Think():
            return Length(step.mean, 0.0)
        case Repeat(low, high, do):
            return _length(do).times((low + high) / 2)
        case Chance(share, do):
            return _length(do).times(share)
        case OneOf(branches):
            total = sum(branch.weight for branch in branches)
            return _sum(_length(branch.do).times(branch.weight / total) for branch in branches)
        case _:
            return _sum(map(_length, inside(step)))


def _sum(lengths: Iterable[Length]) -> Length:
    pauses, requests = 0.0, 0.0
    for one in lengths:
        pauses, requests = pauses + one.pauses, requests + one.requests
    return Length(pauses, requests)
