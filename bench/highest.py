"""Searches the highest constant rate that a client holds on one core.

A rate is held if 99 % of its requests are completed, none fails, and the p99 of lateness is below 1 ms where the client
reports it (wrk2 does not). The search halves the distance between a rate that is held and one that is not.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.cases import SUBJECT, WRK2, Case
from bench.peers import Peer
from bench.progress import show_progress
from bench.results import Sample, at_least
from bench.rounds import Bench, in_turn

LOW, HIGH = 20_000.0, 400_000.0
STEP = 1.02
"""The search ends when the two rates are this close."""
TRIES = 2
"""A rate that is not held is tried again, because something else on the machine may have disturbed it."""
ENOUGH = 0.99
LATE = 1000.0
STAGGER = 0.005
"""wrk2 opens its connections so many s apart, and each connection's part of the rate starts with it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A client's highest rate in one round, and the share of its core that it used there."""

    rate: float
    busy: float


def measure(bench: Bench) -> dict[str, Any]:
    """Search in each round, for each client. Returns the case's entry in the JSON file."""
    found: dict[str, dict[int, Found]] = defaultdict(dict)
    troubles: dict[str, str] = {}
    for number in range(bench.rounds):
        for peer in in_turn(bench.able, number):
            try:
                found[peer.name][number] = _search(bench, peer, number)
            except ValueError as error:
                troubles[peer.name] = str(error)
    case = bench.case
    return {
        "name": case.name,
        "title": case.title,
        "base": case.base,
        "bounds": judge(case, found),
        "highest": {name: [asdict(one) for one in rounds.values()] for name, rounds in found.items()},
        "peers": {},
        "unable": bench.unable,
        "troubles": troubles,
    }


def _search(bench: Bench, peer: Peer, number: int) -> Found:
    busy: dict[float, float] = {}

    def holds(rate: float) -> bool:
        show_progress(f"{bench.case.name}: round {number + 1} of {bench.rounds}, {peer.name} at {rate:,.0f}/s")
        measurement = bench.measurement(rate)
        seconds = measurement.seconds - lead(peer.name, bench.case)
        for _ in range(TRIES):
            sample = bench.sample(peer, measurement, number)
            if is_held(sample, rate, seconds):
                busy[rate] = sample.cpu / sample.wall
                return True
        return False

    rate = search(holds, LOW, HIGH)
    if rate not in busy:
        raise ValueError(f"it does not even hold {rate * STEP:,.0f}/s")
    return Found(rate, busy[rate])


def search(holds: Callable[[float], bool], low: float, high: float) -> float:
    """The highest rate that is held. It is `low`, which is not tried, if no rate above it is held."""
    while high / low > STEP:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def lead(name: str, case: Case) -> float:
    """Seconds of the rate that are missing because a client starts one connection after the other."""
    return case.connections * STAGGER / 2 if name == WRK2 else 0.0


def is_held(sample: Sample, rate: float, seconds: float) -> bool:
    in_time = sample.lateness is None or sample.lateness < LATE
    return in_time and not sample.failed and sample.completed >= ENOUGH * rate * seconds


def judge(case: Case, found: Mapping[str, Mapping[int, Found]]) -> list[dict[str, Any]]:
    """GLuTEN's highest rate is at least the base's. Rates of one round are compared, and the median counts."""
    ours, theirs = found.get(SUBJECT, {}), found.get(case.base, {})
    pairs = [one.rate / theirs[number].rate for number, one in ours.items() if number in theirs]
    return [at_least(f"x {case.base}'s highest rate", median(pairs), 1.0, case.base)] if pairs else []
