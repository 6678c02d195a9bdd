"""What was due in the warmup counts in its last second, whenever it is answered. So the later seconds are exact."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from gluten.stats.delta import Delta
from gluten.task.task import Task
from tests.support.engine.faults import OK, Behaviour, FaultServer, Visit
from tests.support.rig import Outcome, Rig

SLOW = 0.6
QUICK = 550_000
"""Microseconds: no answer that is not slow takes so long, even where a segment has to be sent again after 200 ms, or
the server with its threads has to wait for its turn."""


def slow_ones(many: int, path: bytes = b"/", seconds: float = SLOW) -> Behaviour:
    """The first `many` requests for the path are answered after so many seconds."""
    numbers = count(1)

    def behave(visit: Visit) -> None:
        for head in visit.requests():
            if head.startswith(b"GET " + path) and next(numbers) <= many:
                visit.pause(seconds)
            visit.send(OK)

    return behave


def load(rig: Rig, server: FaultServer, **words: Any) -> tuple[Outcome, Delta, Delta]:
    """The outcome, and the sums of the seconds of the warmup and of the rest."""
    asked: dict[str, Any] = {"url": f"http://127.0.0.1:{server.port}/", "timeout": 5.0, "warmup": 1.0} | words
    outcome = rig.run(Task(**asked))
    assert outcome.state == "finished", outcome
    assert outcome.adds_up
    before, after = Delta(), Delta()
    for delta in outcome.deltas:
        (after if delta.second >= 1 else before).follow(delta)
    return outcome, before, after


@pytest.mark.alone
@pytest.mark.parametrize("workload", [False, True])
@pytest.mark.parametrize("threads", [1, 3])
def test_at_a_rate_the_rest_is_exactly_what_was_due_after_the_warmup(rig: Rig, threads: int, workload: bool) -> None:
    with FaultServer(slow_ones(100)) as server:
        words: dict[str, Any] = {"rate": 100.0, "duration": 2.5, "connections": 80, "threads": threads}
        if workload:
            words["workload"] = f'url = "http://127.0.0.1:{server.port}"\n[request.a]\nget = "/{{{{seq}}}}"\n'
        _, before, after = load(rig, server, **words)
    assert (before.completed, after.completed) == (100, 150)
    assert after.response.most < QUICK
    assert before.response.percentile(1) > SLOW * 1e6 * 0.9


@pytest.mark.alone
def test_a_backlog_of_the_warmup_is_none_of_the_rest(rig: Rig) -> None:
    """With 20 connections a slow target answers 20 of 60 requests in the warmup: the others wait."""
    with FaultServer(slow_ones(60)) as server:
        _, before, after = load(rig, server, rate=60.0, duration=3.0, connections=20, threads=1)
    assert (before.completed, after.completed) == (60, 120)
    assert before.response.most > 700_000


@pytest.mark.alone
@pytest.mark.parametrize("words", [{}, {"keepalive": False}, {"requests": 3000, "duration": None}])
def test_in_a_closed_loop_a_request_that_began_in_the_warmup_is_of_the_warmup(rig: Rig, words: dict[str, Any]) -> None:
    """The last of two slow rounds goes from 0.6 to 1.2 s."""
    with FaultServer(slow_ones(16)) as server:
        _, before, after = load(rig, server, **({"duration": 2.0, "connections": 8, "threads": 2} | words))
    assert after.response.most < QUICK
    assert (before.completed, after.completed > 100) == (16, True)


@pytest.mark.alone
def test_those_that_fail_are_told_apart_likewise(rig: Rig) -> None:
    with FaultServer(slow_ones(50)) as server:
        _, before, after = load(rig, server, rate=50.0, duration=2.0, connections=60, threads=1, timeout=0.4)
    assert before.errors == {"timeout": 50}
    assert (after.failed, after.completed) == (0, 50)


@pytest.mark.alone
def test_counts_and_gauges_are_those_of_a_run_without_a_warmup(rig: Rig) -> None:
    with FaultServer(slow_ones(100)) as server:
        outcome, _, _ = load(rig, server, rate=100.0, duration=2.5, connections=80, threads=2)
    assert outcome.total.sent == outcome.total.completed == 250
    assert {delta.connections for delta in outcome.deltas if delta.second < 2} == {80}


@pytest.mark.alone
@pytest.mark.parametrize(
    ("words", "early", "late"), [({"rate": 40.0}, 40, 60), ({"pace": 0.9, "duration": 2.4}, 16, 8)]
)
def test_sessions_that_were_due_in_the_warmup_are_told_apart(
    rig: Rig, words: dict[str, Any], early: int, late: int
) -> None:
    with FaultServer(slow_ones(early, b"/a", 0.5)) as server:
        text = f'url = "http://127.0.0.1:{server.port}"\n[request.a]\nget = "/a"\n[request.b]\nget = "/b"\n'
        text += '[[scenario]]\nname = "x"\ndo = [{group = "g", do = ["a", {think = "100ms"}, "b"]}]\n'
        asked: dict[str, Any] = {"threads": 2, "duration": 2.5, "connections": 40 if "rate" in words else 8} | words
        outcome, before, after = load(rig, server, workload=text, **asked)
    first, rest = before.by_scenario["x"], after.by_scenario["x"]
    assert (first.finished, rest.finished) == (early, late)
    assert first.time.percentile(1) > 500_000
    assert max(rest.time.most, after.groups["g"].most) < 500_000
    assert (len(before.groups["g"]), len(after.groups["g"])) == (early, late)
    assert outcome.deltas[-1].active == 0
