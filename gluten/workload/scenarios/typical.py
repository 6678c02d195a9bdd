"""A typical session of a scenario: its requests and pauses, in the file's order, and how often each is to be expected.

What is drawn counts with its mean: steps of a chance of 0.7 come 0.7 times. What answers decide is not known: a
condition counts as true, and a repeat that may end sooner comes as often as it has to. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from gluten.workload.scenarios.steps import Ask, Chance, OneOf, Repeat, Step, Steps, Think, inside


class TypicalStep(NamedTuple):
    """A request by its name, or with None a pause of `pause` seconds, and how often a session does it."""

    step: str | None
    pause: float
    times: float


def typical_steps(do: Steps, names: Sequence[str], most: int | None = None) -> list[TypicalStep]:
    """The steps one after the other, at most so many. `names` are those of the workload's requests. What never comes is
    left out."""
    return list(islice(_of(do, names, 1.0), most))


def _of(do: Steps, names: Sequence[str], times: float) -> Iterator[TypicalStep]:
    for step in do:
        if isinstance(step, Ask):
            yield TypicalStep(names[step.request], 0.0, times)
        elif isinstance(step, Think):
            yield TypicalStep(None, step.mean, times)
        else:
            for inner, share in _inside(step):
                yield from _of(inner, names, times * share) if share else ()


def _inside(step: Step) -> list[tuple[Steps, float]]:
    """The lists of steps that a step has, and how often each is done."""
    match step:
        case Repeat(low, high, do, until):
            return [(do, (low + high) / 2 if until is None else low)]
        case OneOf(branches):
            weights = sum(branch.weight for branch in branches)
            return [(branch.do, branch.weight / weights) for branch in branches]
        case Chance(share, do):
            return [(do, share)]
        case _:
            return [(do, 1.0) for do in inside(step)]
