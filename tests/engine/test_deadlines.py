"""A request that takes too long ends at its deadline, once, and does not delay other requests."""

from __future__ import annotations

import time

import pytest

from gluten.task.limits import MAX_BODY
from gluten.task.task import Task
from tests.support.engine import faults
from tests.support.engine.fault_load import TIMEOUT, load
from tests.support.engine.faults import Behaviour, FaultServer, Visit, answer_well
from tests.support.rig import Rig


@pytest.mark.alone
@pytest.mark.parametrize(
    "behaviour",
    [faults.silent, faults.mute, faults.drip(0.1), faults.length_too_long],
    ids=["silent", "mute", "a byte a time", "a body that stays short"],
)
def test_a_deadline_is_for_the_whole_request(rig: Rig, behaviour: Behaviour) -> None:
    """Two connections, two requests each, one after the other: 2 × 0.3 s."""
    with FaultServer(behaviour) as server:
        outcome = load(rig, server, timeout=0.3)
    assert outcome.total.errors == TIMEOUT
    assert 0.6 <= outcome.ended < 0.9, "a third deadline would end at 0.9"


@pytest.mark.alone
def test_a_drain_that_is_asked_for_ends_the_wait_for_responses(rig: Rig) -> None:
    with FaultServer(faults.mute) as server:
        task = Task(f"http://127.0.0.1:{server.port}/", threads=1, connections=4, duration=0.3, timeout=20.0, drain=0.4)
        outcome = rig.run(task)
    assert (outcome.state, outcome.ended) == ("finished", 0.3)
    assert (outcome.total.sent, outcome.total.in_flight, outcome.total.failed) == (4, 4, 0)
    assert outcome.took < 5


@pytest.mark.alone
def test_no_deadline_comes_early_or_twice(rig: Rig) -> None:
    """The server records how long the client stayed after its request: 0.2 s, not twice as long."""
    stays: list[float] = []

    def note(visit: Visit) -> None:
        if visit.read_request() is not None:
            began = time.monotonic()
            visit.read_request()
            stays.append(time.monotonic() - began)

    with FaultServer(note) as server:
        load(rig, server, timeout=0.2, connections=8, requests=24)
    assert len(stays) == 24
    assert all(0.19 <= stay < 0.4 for stay in stays), stays


def test_a_request_that_the_target_does_not_read_ends_at_its_deadline(rig: Rig) -> None:
    """The request is larger than the sockets' buffers, so it cannot be written."""
    with FaultServer(faults.silent, room=4096) as server:
        outcome = load(rig, server, method="POST", body=b"x" * MAX_BODY, timeout=0.3, connections=1, requests=1)
    assert outcome.total.errors == {"timeout": 1}
    assert "written" in outcome.total.samples["timeout"]


@pytest.mark.alone
@pytest.mark.parametrize(
    ("bad", "kind"), [(faults.mute, "timeout"), (faults.drip(0.05), "timeout"), (faults.endless_headers, "limit")]
)
def test_the_load_of_other_connections_goes_on(rig: Rig, bad: Behaviour, kind: str) -> None:
    def behave(visit: Visit) -> None:
        (bad if visit.number % 5 == 1 else answer_well)(visit)

    with FaultServer(behave) as server:
        outcome = load(rig, server, connections=5, requests=None, duration=0.8, timeout=0.3)
    assert set(outcome.total.errors) == {kind}
    assert outcome.total.completed > 500
    assert outcome.total.service.percentile(50) < 300_000, "the others wait for no deadline"


def test_a_connection_that_waits_sends_nothing_more(rig: Rig) -> None:
    """`bench/bounds.py` measures the CPU that waiting takes."""
    with FaultServer(faults.silent) as server:
        outcome = load(rig, server, connections=20, threads=2, requests=None, duration=1.5, timeout=2.0)
    assert outcome.total.sent == 20
    assert outcome.total.errors == {"timeout": 20}
