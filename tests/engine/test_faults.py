"""A target that misbehaves: each fault has its kind, is counted once, and affects no other request."""

from __future__ import annotations

import pytest

from gluten.task.limits import MAX_BODY
from tests.support.engine import faults
from tests.support.engine.fault_load import LIMIT, PROTOCOL, READ, RESET, against, load
from tests.support.engine.faults import OK, Behaviour, FaultServer, Visit, answer_well, answering, closing_after
from tests.support.rig import Rig


@pytest.mark.parametrize(("behaviour", "errors"), [
    (faults.reset_before_headers, RESET), (faults.reset_in_headers, RESET), (faults.reset_after_headers, RESET),
    (faults.reset_in_body, RESET),
    (faults.close_before_answer, READ), (faults.close_in_headers, READ), (faults.close_in_body, READ),
    (faults.close_in_chunk, READ), (faults.length_too_long_closing, READ),
    (faults.garbage, PROTOCOL), (faults.garbage_kept_open, PROTOCOL), (faults.length_nonsense, PROTOCOL),
    (faults.length_twice, PROTOCOL), (faults.length_too_short, PROTOCOL), (faults.bytes_after_response, PROTOCOL),
    (faults.two_answers, PROTOCOL), (faults.status_204_with_body, PROTOCOL), (faults.status_304_with_body, PROTOCOL),
    (faults.chunk_size_nonsense, PROTOCOL),
    (faults.endless_headers, LIMIT), (faults.headers_300, LIMIT), (faults.interim_2000, LIMIT),
])  # fmt: skip
def test_each_fault_has_its_kind(rig: Rig, behaviour: Behaviour, errors: dict[str, int]) -> None:
    outcome = against(rig, behaviour)
    assert outcome.total.errors == errors, outcome.total.samples
    assert outcome.total.completed == 0
    assert set(outcome.total.samples) == set(errors)


@pytest.mark.parametrize(
    "behaviour",
    [
        faults.one_interim,
        faults.headers(256),
        faults.http10_until_close,
        faults.chunked_with_extensions_and_trailers,
        faults.close_after_answer,
        closing_after(b"HTTP/1.1 200 OK\r\n\r\nno length"),
        closing_after(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        answering(b"HTTP/1.1 204 No Content\r\n\r\n"),
        answering(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        faults.drip(0.002),
    ],
)
def test_unusual_but_valid_responses_are_completed(rig: Rig, behaviour: Behaviour) -> None:
    outcome = against(rig, behaviour, connections=1, requests=1)
    assert outcome.total.errors == {}
    assert outcome.total.completed == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        faults.http10_until_close,
        closing_after(b"HTTP/1.1 200 OK\r\n\r\nno length"),
        closing_after(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        closing_after(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
    ],
)
def test_a_connection_that_ends_with_its_response_is_not_used_again(rig: Rig, behaviour: Behaviour) -> None:
    with FaultServer(behaviour) as server:
        outcome = load(rig, server, requests=20)
    assert outcome.total.errors == {}
    assert server.requests == outcome.total.completed == 20


def test_no_keep_alive_means_a_connection_a_request_whatever_the_target_says(rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        outcome = load(rig, server, requests=30, keepalive=False)
        # The scout's look is one connection more.
        assert server.connections == 31
    assert outcome.total.completed == server.requests == 30


def test_head_takes_no_body(rig: Rig) -> None:
    assert against(rig, faults.head_well, method="HEAD").total.completed == 4
    assert against(rig, faults.head_with_body, method="HEAD").total.errors == PROTOCOL


@pytest.mark.parametrize(
    "behaviour", [faults.body_of(5000), faults.endless_body, faults.endless_chunks, faults.length_too_long]
)
def test_a_body_over_the_limit_is_not_read_on(rig: Rig, behaviour: Behaviour) -> None:
    outcome = against(rig, behaviour, max_body=19)
    assert outcome.total.errors == LIMIT
    assert outcome.total.read < 4 << 20


def test_a_large_request_is_written_in_pieces(rig: Rig) -> None:
    received: list[int] = []

    def swallow(visit: Visit) -> None:
        if visit.read_request() is not None:
            size = 0
            while size < MAX_BODY:
                visit.pause(0.0005)
                size += len(visit._client.recv(1 << 20))
                size += len(visit._buffer)
                visit._buffer = b""
            received.append(size)
            visit.send(OK)

    with FaultServer(swallow, room=4096) as server:
        outcome = load(rig, server, method="POST", body=b"x" * MAX_BODY, timeout=5.0, connections=1, requests=1)
    assert outcome.total.completed == 1
    assert received == [MAX_BODY]
    assert outcome.total.written > MAX_BODY


@pytest.mark.parametrize("behaviour", [faults.close_on_second_request, faults.reset_on_second_request])
@pytest.mark.parametrize("connections", [1, 8])
def test_a_kept_connection_that_is_closed_on_a_request_is_its_own_kind(
    rig: Rig, behaviour: Behaviour, connections: int
) -> None:
    """Odd requests of a connection are answered, even ones meet its end, by FIN or by RST. With several connections the
    later ones' first answers are already known: that must make no difference. A connection's last may be an odd one."""
    outcome = against(rig, behaviour, connections=connections, requests=8 * connections)
    assert outcome.total.errors == {"closed": outcome.total.failed}
    assert 0 <= outcome.total.completed - outcome.total.failed <= connections


def test_a_closed_race_at_a_constant_rate_is_the_same(rig: Rig) -> None:
    outcome = against(rig, faults.close_on_second_request, rate=200.0, requests=40, duration=2.0)
    assert set(outcome.total.errors) <= {"closed"}
    assert outcome.total.sent == 40


@pytest.mark.alone
def test_an_idle_connection_may_be_closed_without_harm(rig: Rig) -> None:
    """At a constant rate a connection can be idle. The target closes it then, and no request fails."""
    outcome = against(rig, faults.close_after_answer, rate=40.0, requests=20, duration=2.0)
    assert outcome.total.errors == {}
    assert outcome.total.completed == 20


def large_then(last: bytes) -> Behaviour:
    """Ten large responses with different headers, and then the last bytes of the connection."""

    def behave(visit: Visit) -> None:
        for number, _ in enumerate(visit.requests()):
            if number == 10:
                return visit.send(last)
            visit.send(b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 50000\r\n\r\n" % number + b"x" * 50_000)
        return None

    return behave


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        (b"", "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Len", "read"),
        (b"garbage\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX-Id: 9\r\nContent-Length: 50000\r\n\r\nxxx", "read"),
    ],
)
@pytest.mark.parametrize("rate", [None, 200.0])
def test_a_fault_after_large_answers_has_its_kind(rig: Rig, last: bytes, kind: str, rate: float | None) -> None:
    """22 requests, one after another: 10 are answered and one is not, twice."""
    outcome = against(rig, large_then(last), connections=1, requests=22, rate=rate)
    assert outcome.total.errors == {kind: 2}, outcome.total.samples
    assert outcome.total.completed == 20


def test_one_reset_in_a_hundred_affects_no_other_request(rig: Rig) -> None:
    with FaultServer(faults.reset_one_in(5)) as server:
        outcome = load(rig, server, connections=8, keepalive=False, requests=500)
    assert outcome.total.errors == {"reset": 100}
    assert outcome.total.completed == 400
    assert server.requests == 500
