"""At a rate over HTTP/2: which connection gets a request, when another is opened, and what is dropped."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.engine.faults import FaultServer, Visit
from tests.support.http2.frames import answer
from tests.support.http2.peer import Peer
from tests.support.http2.programs import Node
from tests.support.rig import Outcome, Rig

LOAD: dict[str, Any] = {"threads": 1, "http2": True, "timeout": 5.0}


class Slow(Node):
    delay = 200


class Silent(Node):
    """It answers long after the deadline: a slow machine reads none in time."""

    delay = 60_000


def sound(outcome: Outcome) -> Outcome:
    assert outcome.state == "finished", outcome
    assert outcome.adds_up, vars(outcome.total)
    assert (outcome.total.errors, outcome.total.in_flight) == ({}, 0), outcome.total.samples
    return outcome


def test_a_connection_that_is_slow_gets_few_requests(rig: Rig) -> None:
    """One of two takes 0.2 s for each, one after the other: it has about as many in flight as the other one, which has
    none as each comes. Half of them would be 25."""
    seen: dict[int, int] = {}

    def behave(visit: Visit) -> None:
        peer, slow = Peer(visit), visit.number == 2  # the first one is the check before the run
        for stream in peer.requests():
            seen[visit.number] = peer.count
            if slow:
                visit.pause(0.2)
            peer.send(answer(stream))

    with FaultServer(behave) as server:
        words = {"connections": 2, "streams": 50, "rate": 50.0, "duration": 1.0, "timeout": 30.0}
        total = sound(rig.run(Task(f"http://127.0.0.1:{server.port}/", **(LOAD | words)))).total
    assert total.sent + total.dropped == 50
    assert sum(seen.values()) == total.sent
    assert seen[2] <= 12, seen


def test_another_connection_is_opened_when_all_streams_are_taken(rig: Rig) -> None:
    """200/s for 0.2 s each: 40 at once, on connections with two streams each, of which ten are there at first."""
    with Slow() as server:
        words = {"connections": None, "streams": 2, "rate": 200.0, "duration": 1.5}
        total = sound(rig.run(Task(server.url, **(LOAD | words)))).total
        assert server.count(total.sent) == total.sent
    assert total.sent + total.dropped == 300
    assert total.completed >= 150
    assert total.opened > 10


@pytest.mark.parametrize("streams", [1, 4])
def test_what_finds_no_stream_in_time_is_dropped(rig: Rig, streams: int) -> None:
    """Two connections carry 2 x streams / 0.2 s: 10/s or 40/s of 100/s."""
    with Slow() as server:
        words = {"connections": 2, "streams": streams, "rate": 100.0, "duration": 1.5}
        total = sound(rig.run(Task(server.url, **(LOAD | words)))).total
        assert server.count(total.sent) == total.sent
    assert total.sent + total.dropped == 150
    assert total.completed <= 2 * streams * 10
    assert total.dropped > 0


def test_a_deadline_cancels_its_stream_and_leaves_the_others(rig: Rig) -> None:
    with Silent() as server:
        words = {"connections": 2, "streams": 4, "requests": 16, "duration": None, "timeout": 0.1}
        outcome = rig.run(Task(server.url, **(LOAD | words)))
    assert outcome.adds_up
    assert outcome.total.errors == {"timeout": 16}
    assert outcome.total.opened == 2
