"""A dead worker is replaced at most three times. What is not known about its part is reported and counted."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gluten.engine.host.reported import Reported
from gluten.engine.host.respawn import Respawn, describe, succeed
from gluten.engine.host.worker_group import WorkerGroup
from gluten.engine.parts import WorkerTask
from gluten.plan.job import DeltaReady
from gluten.plan.lead import RESPAWN
from gluten.stats.delta import Delta
from gluten.task.task import Task
from tests.support.nginx import Nginx
from tests.support.rig import Rig, gone, wait_until

START = 1000.0


def part_of(task: Task, requests: int | None = None, begin: float = 0.0) -> WorkerTask:
    """Thread 1 of 2."""
    return WorkerTask(task, ["127.0.0.1"], (1,), (5,), requests, START, begin)


def told(*seconds: tuple[int, int]) -> Reported:
    """Reports of (second, sent)."""
    made = Reported()
    for second, sent in seconds:
        delta = Delta(second)
        delta.of().sent = sent
        made.add(delta)
    return made


PACED = Task("http://h/", threads=2, rate=20.0, duration=10.0)
CLOSED = Task("http://h/", threads=2, duration=10.0)
COUNTED = Task("http://h/", threads=2, duration=None, requests=200)


@pytest.mark.parametrize(
    ("at", "words", "begin", "first", "gap"),
    [
        (3.2, ((0, 10), (1, 10), (2, 10)), 4.0, 3, 1),
        (3.95, ((0, 10), (1, 10), (2, 10)), 5.0, 3, 2),  # too late to be ready at second 4
        (0.4, (), 1.0, 0, 1),  # it had told nothing
        (-0.5, (), 0.0, 0, 1),  # nothing was due yet
    ],
)
def test_a_successor_begins_with_a_run_second(
    at: float, words: tuple[tuple[int, int], ...], begin: float, first: int, gap: int
) -> None:
    after = succeed(part_of(CLOSED), told(*words), START + at, 1e9, ())
    assert after.job is not None
    assert (after.job.begin, after.first, after.gap, after.until, after.dropped) == (begin, first, gap, begin, 0)
    assert (after.job.threads, after.job.connections, after.job.lease) == ((1,), (5,), 1e9)


def test_what_is_not_known_at_a_rate_counts_as_dropped() -> None:
    # 20/s over two threads: 10 slots a second are this one's. By second 4 that is 40, of which 30 were told.
    after = succeed(part_of(PACED), told((0, 10), (1, 10), (2, 10)), START + 3.2, 1e9, ())
    assert after.dropped == 40 - 30


def test_slots_follow_the_adjustments() -> None:
    # From second 2 on 40/s: 10 + 10 + 20 + 20 by second 4.
    after = succeed(part_of(PACED), told((0, 10), (1, 10), (2, 20)), START + 3.2, 1e9, [(2.0, 40.0)])
    assert after.dropped == 60 - 40
    assert after.job is not None
    assert after.job.adjustments == ((2.0, 40.0),)


def test_the_rest_of_the_requests_is_what_was_not_told() -> None:
    after = succeed(part_of(COUNTED, 100), told((0, 30), (1, 30)), START + 2.5, 1e9, ())
    assert after.job is not None
    assert (after.job.requests, after.dropped) == (40, 0)


def test_what_a_dead_worker_had_begun_is_not_sent_again() -> None:
    after = succeed(part_of(COUNTED, 100), told((0, 30), (1, 30)), START + 2.5, 1e9, (), taken=85)
    assert after.job is not None
    assert (after.job.requests, after.unknown) == (15, 25)


def test_what_it_had_begun_counts_as_sent_and_stays_in_flight() -> None:
    group: WorkerGroup[str] = WorkerGroup("run", 1)
    group.members.append("a")
    delta = Delta(0)
    delta.of().sent, delta.of().completed, delta.in_flight, delta.of().status = 10, 7, 3, {200: 7}
    group.receive("a", {"type": "delta", "delta": delta.to_map()}, 1.0)
    group.due(1.0)
    (event,) = group.replaced("a", Respawn(None, 1, 1, 2.0, 0, unknown=5), 1.5)
    assert isinstance(event, DeltaReady)
    assert (event.delta.sent, event.delta.in_flight) == (5, 3 + 5)


def test_a_worker_that_had_sent_everything_is_not_replaced() -> None:
    after = succeed(part_of(COUNTED, 100), told((0, 100)), START + 1.5, 1e9, ())
    assert (after.job, after.gap) == (None, 1)
    assert "nothing was left to do" in describe(7, 9, after, 1)


def test_no_worker_is_replaced_after_the_end() -> None:
    after = succeed(part_of(PACED), told(*((second, 10) for second in range(9))), START + 9.95, 1e9, ())
    assert (after.job, after.until, after.gap, after.dropped) == (None, 10.0, 1, 10)


def test_a_late_part_begins_no_earlier_than_it_should() -> None:
    after = succeed(part_of(CLOSED, begin=7.0), told(), START + 5.0, 1e9, ())
    assert after.job is not None
    assert after.job.begin == 7.0


def test_it_takes_longer_to_open_many_connections() -> None:
    job = WorkerTask(CLOSED, [], (1,), (9000,), None, START)
    after = succeed(job, told((0, 10)), START + 1.5, 1e9, ())
    assert after.until == 3.0 > 1.5 + RESPAWN.base


def test_requests_of_a_dead_worker_stay_in_flight() -> None:
    group: WorkerGroup[str] = WorkerGroup("run", 1)
    group.members += ["a", "b"]
    for member, flying in (("a", 3), ("b", 4)):
        delta = Delta(0)
        delta.of().sent = delta.in_flight = flying
        group.receive(member, {"type": "delta", "delta": delta.to_map()}, 1.0)
    assert in_flight(group.due(1.0)) == [(0, 7)]
    group.members.append("c")
    group.replaced("a", Respawn(None, 1, 1, 2.0, 9), 1.5)
    for member in ("b", "c"):
        group.receive(member, {"type": "delta", "delta": Delta(1).to_map()}, 2.0)
    (event,) = group.due(2.0)
    assert in_flight([event]) == [(1, 3)]
    assert isinstance(event, DeltaReady)
    assert event.delta.dropped == 9
    assert not group.broken_off


def in_flight(events: Sequence[object]) -> list[tuple[int, int]]:
    return [(event.delta.second, event.delta.in_flight) for event in events if isinstance(event, DeltaReady)]


@pytest.mark.alone
def test_a_killed_worker_is_replaced_and_its_gap_is_said(own_rig: Rig, nginx_url: str) -> None:
    own_rig.start(Task(nginx_url, threads=2, connections=4, rate=200.0, duration=5.0), cores=2)
    first = own_rig.workers(2)
    own_rig.next_delta()
    os.kill(first[0], signal.SIGKILL)
    wait_until(lambda: len(now := own_rig._workers()) == 2 and set(now) != set(first))
    outcome = own_rig.finish()
    assert (outcome.state, len(outcome.lost)) == ("finished", 1)
    assert f"process {first[0]}" in outcome.lost[0]
    assert 1 <= outcome.gaps <= 3
    assert outcome.adds_up
    total = outcome.total
    assert total.sent + total.dropped == 1000
    assert 100 * 0.5 < total.dropped <= 100 * outcome.gaps + 100 * 0.1
    # In the seconds after the gap everything is as it was; the answers to the last may come after them.
    assert sum(delta.completed for delta in outcome.deltas if delta.second >= 4) >= 200


SHOP = """
[request.login]
get = "/"
[request.pay]
get = "/pay"
[[scenario]]
name = "browse"
weight = 3
do = ["login"]
[[scenario]]
name = "buy"
do = ["login", {think = "1s"}, "pay"]
"""


@pytest.mark.alone
@pytest.mark.parametrize("pace", [{"rate": 80.0}, {"connections": 8, "duration": None, "requests": 64}])
def test_sessions_of_a_killed_worker_were_cut_or_dropped(own_rig: Rig, nginx_url: str, pace: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"threads": 2, "duration": 5.0, "workload": SHOP, "timeout": 5.0, **pace}
    own_rig.start(Task(nginx_url, **fields), cores=2)
    first = own_rig.workers(2)
    own_rig.next_delta()
    os.kill(first[0], signal.SIGKILL)
    outcome = own_rig.finish()
    sessions = outcome.total.sessions
    assert (outcome.state, len(outcome.lost)) == ("finished", 1)
    assert outcome.adds_up
    # What it had told of and not ended was cut. Each session began or was dropped.
    assert outcome.total.by_scenario["buy"].cut > 0
    assert sessions.begun == sessions.finished + sessions.cut
    assert sessions.begun + sessions.dropped == (400 if "rate" in pace else 64)
    assert outcome.deltas[-1].active == 0


def test_a_closed_loop_goes_on_for_the_rest_of_its_requests_and_sends_none_twice(own_rig: Rig, tmp_path: Path) -> None:
    with Nginx(tmp_path) as nginx:
        _kill_one_of(own_rig, nginx, 100_000)


def _kill_one_of(own_rig: Rig, nginx: Nginx, requests: int) -> None:
    own_rig.start(Task(nginx.url, threads=1, connections=1, duration=None, requests=requests), cores=1)
    (worker,) = own_rig.workers(1)
    own_rig.next_delta()
    os.kill(worker, signal.SIGKILL)
    outcome = own_rig.finish()
    assert (outcome.state, outcome.total.sent) == ("finished", requests)
    assert outcome.adds_up
    assert outcome.total.in_flight >= 1
    # One connection: at most one was begun and not sent.
    assert requests - 1 <= len(nginx.log(requests)) <= requests


def test_the_fourth_death_fails_the_run(own_rig: Rig, nginx_url: str) -> None:
    own_rig.start(Task(nginx_url, threads=1, connections=2, duration=30.0), cores=1)
    for _ in range(4):
        (worker,) = own_rig.workers(1)
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda worker=worker: gone(worker) and [worker] != own_rig._workers())
    outcome = own_rig.finish()
    assert (outcome.state, len(outcome.lost)) == ("failed", 3)
    assert "died" in outcome.reason
    assert "\n" not in outcome.reason
    assert outcome.took < 10


def test_a_worker_that_dies_while_all_end_is_not_replaced(own_rig: Rig, nginx_url: str) -> None:
    own_rig.start(Task(nginx_url, threads=2, connections=2, duration=30.0), cores=2)
    workers = own_rig.workers(2)
    own_rig.next_delta()
    os.kill(workers[0], signal.SIGSTOP)
    own_rig.stop()
    wait_until(lambda: gone(workers[1]))
    os.kill(workers[0], signal.SIGKILL)
    outcome = own_rig.finish()
    assert outcome.lost == []
    assert outcome.took < 10


@pytest.fixture
def nginx_url(tmp_path: Path) -> Iterator[str]:
    with Nginx(tmp_path) as served:
        yield served.url
