"""Searches simulated queues many times, and says how right the answers are.

    python -m tests.capacity.batch [--searches 40] [mm8 mm4 …]

The same as `bench.capacity` without a network: a search of ten minutes takes seconds.
"""

from __future__ import annotations

import argparse
from statistics import mean, median
from typing import NamedTuple

from gluten.capacity.decision import SearchPlan
from gluten.slo.grammar import parse_all
from tests.capacity.simulated import Queue, search, truth

QUEUES = {
    "mm16": (16, 0.008, 0.06),
    "mm8": (8, 0.008, 0.05),
    "mm4": (4, 0.008, 0.1),
    "mm2": (2, 0.002, 0.02),
}
"""Servers, seconds of work, the limit of the p99."""


class Answer(NamedTuple):
    """The ends of the interval, over the truth."""

    holds: float
    misses: float
    seconds: int
    confidence: float

    @property
    def marks(self) -> tuple[bool, bool, bool, bool]:
        """Whether each end is right to 3 %, the interval has at most 6 %, and contains the truth."""
        narrow = self.misses <= 1.06 * self.holds
        return self.holds <= 1.03, self.misses >= 0.97, narrow, self.holds <= 1 <= self.misses


def answer(name: str, seed: int) -> Answer:
    servers, work, limit = QUEUES[name]
    known = truth(servers, work, limit, 0.01)
    plan = SearchPlan(parse_all([f"p99 < {limit * 1e3:g}ms"]))
    searcher, seconds = search(plan, Queue(servers, work, seed), seed)
    found = searcher.document()
    return Answer(
        (found["holds"] or 0.0) / known, (found["misses"] or float("inf")) / known, seconds, found["confidence"]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.capacity.batch", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", default=list(QUEUES), metavar="QUEUE")
    parser.add_argument("--searches", type=int, default=40)
    asked = parser.parse_args()
    for name in asked.names:
        found = [answer(name, seed) for seed in range(1, asked.searches + 1)]
        sums = [sum(one.marks[at] for one in found) for at in range(4)]
        words = "holds <= 1.03: {}, misses >= 0.97: {}, at most 6 % wide: {}, the truth inside: {}".format(*sums)
        told = f"told with {mean(one.confidence for one in found):.0%}"
        seconds = f"median {median(one.seconds for one in found):.0f} s"
        print(f"{name}: of {len(found)} {words}, {told}; {seconds}", flush=True)


if __name__ == "__main__":
    main()
