"""At a rate without a number of connections the real engine opens as many as it needs, and at most as many as it
may."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.engine import faults
from tests.support.engine.faults import FaultServer
from tests.support.rig import Outcome, Rig


def task(url: str, **words: Any) -> Task:
    return Task(url, **({"threads": 2, "duration": 1.0} | words))


def peak(outcome: Outcome) -> int:
    return max(delta.peak for delta in outcome.deltas)


def check(outcome: Outcome, planned: int) -> None:
    assert outcome.state == "finished", outcome
    assert outcome.adds_up
    assert outcome.total.sent + outcome.total.dropped == planned


@pytest.mark.alone
def test_as_many_are_opened_as_the_target_s_times_need(rig: Rig, known_target: str) -> None:
    outcome = rig.run(task(known_target, rate=500.0, duration=2.0), cores=2)
    check(outcome, 1000)
    assert outcome.total.dropped == 0
    assert outcome.total.errors == {}
    assert 8 <= peak(outcome) < 500
    assert outcome.total.opened == peak(outcome)  # none is opened twice


@pytest.mark.alone
@pytest.mark.parametrize("keepalive", [True, False])
def test_a_target_that_stalls_gets_rate_times_timeout_connections_at_most(rig: Rig, keepalive: bool) -> None:
    with FaultServer(faults.silent) as server:
        url = f"http://127.0.0.1:{server.port}/"
        outcome = rig.run(task(url, rate=200.0, timeout=0.3, keepalive=keepalive), cores=2)
    check(outcome, 200)
    assert outcome.total.errors == {"timeout": outcome.total.sent}
    assert outcome.total.dropped <= 100  # each deadline is kept to within some 10 ms, or more on a busy machine
    assert 30 <= peak(outcome) <= 60
    assert outcome.took < 4


@pytest.mark.alone
def test_a_host_that_allows_fewer_has_a_backlog_at_once(rig: Rig) -> None:
    with FaultServer(faults.silent) as server:
        url = f"http://127.0.0.1:{server.port}/"
        rig.start(task(url, rate=200.0, timeout=1.5, duration=2.0), cores=2, room=8)
        first = rig.next_delta()
        assert (first.connections, first.peak) == (8, 8)
        assert 150 <= first.backlog <= 192
        outcome = rig.finish()
    check(outcome, 400)
    assert peak(outcome) == 8
    assert outcome.total.backlog == 0  # what was not sent by the end is dropped


@pytest.mark.alone
def test_a_target_that_refuses_is_not_spun_on(rig: Rig) -> None:
    with FaultServer(faults.answer_well) as server:
        rig.start(task(f"http://127.0.0.1:{server.port}/", rate=1000.0, duration=2.0), cores=1)
        rig.next_delta()
    outcome = rig.finish()
    check(outcome, 2000)
    assert outcome.total.failed >= 500
    assert outcome.total.opened <= 1000 + 2000 - outcome.total.failed
    assert outcome.ended == 2.0


@pytest.mark.alone
def test_a_higher_rate_raises_the_limit(rig: Rig) -> None:
    """20/s with 0.3 s to answer may have 6 connections, of which 2 are needed; 300/s needs 30."""
    with FaultServer(faults.slow(0.1)) as server:
        rig.start(task(f"http://127.0.0.1:{server.port}/", rate=20.0, timeout=0.5, duration=3.0), cores=2)
        rig.adjust(300.0, 1.0)
        outcome = rig.finish()
    check(outcome, 620)
    assert outcome.total.dropped == 0
    assert 25 <= peak(outcome) <= 150


@pytest.mark.alone
def test_what_each_request_dials_for_itself_is_counted_as_opened(rig: Rig) -> None:
    with FaultServer(faults.slow(0.05)) as server:
        outcome = rig.run(task(f"http://127.0.0.1:{server.port}/", rate=200.0, keepalive=False), cores=2)
    check(outcome, 200)
    assert outcome.total.opened == outcome.total.completed == 200
    assert peak(outcome) >= 10


@pytest.mark.parametrize("how", ["stop", "abort"])
def test_an_end_while_connections_are_opened_ends_all(rig: Rig, how: str) -> None:
    with FaultServer(faults.silent) as server:
        rig.start(task(f"http://127.0.0.1:{server.port}/", rate=500.0, timeout=1.0, duration=30.0), cores=2)
        rig.next_delta()
        asked = time.monotonic()
        (rig.stop if how == "stop" else rig.abort)()
        outcome = rig.finish()
    assert outcome.state == "stopped"
    assert outcome.adds_up
    assert time.monotonic() - asked < (3.0 if how == "stop" else 1.5)
