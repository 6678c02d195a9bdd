"""An HTTP/1 session whose target is the test. The transport is the one in memory, so there is no socket and no
waiting."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gluten.engine.fault import Fault
from tests.support.engine.hub import turn, until
from tests.support.engine.session_rig import SessionRig

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + b"x" * 30_000


@pytest.fixture
def make() -> Iterator[Callable[..., SessionRig]]:
    made: list[SessionRig] = []

    def one(**words: Any) -> SessionRig:
        made.append(SessionRig(**words))
        return made[-1]

    yield one
    for rig in made:
        rig.client.greenlet.kill()


Make = Callable[..., SessionRig]
WORDS: list[dict[str, Any]] = [{}, {"requests": 1000}, {"keepalive": False}]
EACH = pytest.mark.parametrize("words", WORDS, ids=["always due", "count", "no-keepalive"])


@EACH
@pytest.mark.parametrize(
    "answer",
    [OK, CHUNKS, INTERIM, CLOSE, LARGE[:600].replace(b"30000", b"558")],
    ids=["length", "chunks", "interim", "close", "shape"],
)
def test_a_response_may_be_cut_anywhere(make: Make, words: dict[str, Any], answer: bytes) -> None:
    rig = make(**words)
    for cut in range(1, len(answer)):
        rig.say(answer[:cut], answer[cut:])
    delta, times = rig.delta, len(answer) - 1
    assert (delta.errors, delta.status, delta.read) == ({}, {200: times}, times * len(answer))
    assert rig.requests == times + 1
    assert delta.in_flight == 1


@EACH
@pytest.mark.parametrize("answer", [OK, CHUNKS, LARGE], ids=["length", "chunks", "large"])
@pytest.mark.parametrize("reads", [1, 7, 4096, 9000])
def test_a_read_may_give_less_than_was_asked_for(make: Make, words: dict[str, Any], answer: bytes, reads: int) -> None:
    if answer is LARGE and reads < 4096:
        answer = LARGE[:800].replace(b"30000", b"758")
    rig = make(**words)
    rig.transport.reads = reads
    rig.say(*[answer] * 6)
    delta = rig.delta
    assert (delta.errors, delta.status, delta.read) == ({}, {200: 6}, 6 * len(answer))


@pytest.mark.parametrize("size", [10_000, 30_000], ids=["medium", "large"])
def test_large_bodies_are_counted(make: Make, size: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    rig = make()
    rig.say(*[answer] * 10, answer[:5000], answer[5000:])
    delta = rig.delta
    assert (delta.errors, delta.completed, delta.read) == ({}, 11, 11 * len(answer))
    rig.say(OK, CHUNKS)  # the target's responses may change
    assert rig.delta.status == {200: 13}


def test_a_fresh_connection_that_ends_is_another_kind_than_a_kept_one(make: Make) -> None:
    rig = make()
    rig.end()
    rig.break_off(ConnectionResetError())
    assert rig.delta.errors == {"read": 1, "reset": 1}
    assert rig.delta.completed == 0
    rig.say(OK)
    rig.end()
    rig.say(OK)
    rig.break_off(ConnectionResetError())
    delta = rig.delta
    assert (delta.errors, delta.completed) == ({"read": 1, "reset": 1, "closed": 2}, 2)
    assert rig.transport.dials == 5


@EACH
@pytest.mark.parametrize("part", [OK[:-3], LARGE[:9000], CHUNKS[:60], OK[:20]])
def test_an_end_within_a_response_is_a_read_error(make: Make, words: dict[str, Any], part: bytes) -> None:
    rig = make(**words)
    rig.say(OK, OK, part)
    rig.end()
    rig.say(OK, part)
    rig.break_off(ConnectionResetError())
    delta = rig.delta
    assert (delta.errors, delta.completed) == ({"read": 1, "reset": 1}, 3)


def test_a_connect_may_take_as_long_as_its_request(make: Make) -> None:
    rig = make()
    rig.context.slots.timeouts[0] = 0.25
    rig.end()
    rig.say(OK)
    assert (rig.transport.dials, rig.transport.seconds) == (2, 0.25)


@EACH
@pytest.mark.parametrize("part", [b"", OK[:20], OK[:-3], LARGE[:9000]])
def test_a_deadline_ends_the_request_and_its_connection(make: Make, words: dict[str, Any], part: bytes) -> None:
    rig = make(**words)
    if part:
        rig.say(part)
    dials = rig.transport.dials
    rig.expire()
    assert rig.delta.errors == {"timeout": 1}
    assert rig.transport.dials == dials + 1
    rig.say(OK)
    assert rig.delta.completed == 1


@pytest.mark.parametrize("garbage", [b"the password is s3\r\n\r\n", CHUNKS[:48] + b"s3\r\n\r\n"])
@pytest.mark.parametrize("secret", [False, True])
def test_what_the_target_said_is_not_quoted_where_requests_hold_secrets(
    make: Make, secret: bool, garbage: bytes
) -> None:
    rig = make(secret=secret)
    rig.say(garbage)
    (sample,) = rig.delta.samples.values()
    assert sample.startswith("not a")
    assert ("s3" in sample) is not secret


@EACH
def test_garbage_is_a_protocol_error(make: Make, words: dict[str, Any]) -> None:
    rig = make(**words)
    rig.say(b"SSH-2.0-x\r\n")
    assert rig.delta.errors == {"protocol": 1}


# Writing.


@EACH
def test_a_request_is_written_in_as_many_parts_as_the_target_takes(make: Make, words: dict[str, Any]) -> None:
    rig = make(**words)
    rig.transport.room = 0
    rig.say(OK)
    for _ in range(len(rig.request) // 7):
        rig.transport.room = 7
        rig.hub(rig.transport.deliver)
    # The target has all but the last bytes, and these count.
    assert rig.delta.errors == {}
    rig.transport.room = None
    rig.hub(rig.transport.deliver)
    rig.say(OK)
    assert (rig.requests, rig.context.slots.in_flight) == (3, 1)


@EACH
def test_a_request_that_is_never_taken_expires(make: Make, words: dict[str, Any]) -> None:
    rig = make(**words)
    rig.transport.room = 5
    rig.say(OK)
    rig.expire()
    delta = rig.delta
    assert (delta.errors, delta.completed) == ({"timeout": 1}, 1)
    assert "written" in delta.samples["timeout"]


def test_a_write_that_fails_on_a_kept_connection_is_the_same_race(make: Make) -> None:
    rig = make()
    rig.transport.unwritable = BrokenPipeError()
    rig.say(OK)
    delta = rig.delta
    assert (delta.errors, delta.completed) == ({"closed": 1}, 1)
    assert rig.requests == 2


# Connecting.


def test_a_refused_connect_is_recorded_and_tried_again_by_the_next_request(make: Make) -> None:
    for words in WORDS:
        rig = make(wait=True, refusal=Fault("connect", "refused"), **words)
        rig.transport.refusal = Fault("connect", "refused")
        rig.started.set()
        turn()
        assert rig.delta.errors == {"connect": 1}
        until(lambda: rig.requests == 1)  # noqa: B023 -- a closed loop pauses
        rig.say(OK)
        assert rig.delta.completed == 1


def test_a_failed_connect_before_the_start_is_not_an_error(make: Make) -> None:
    rig = make(wait=True, refusal=Fault("connect", "refused"))
    assert (rig.state, rig.delta.errors) == ("closed", {})
    rig.started.set()
    turn()
    rig.say(OK)
    assert (rig.delta.completed, rig.transport.dials) == (1, 2)


def test_it_connects_before_the_start_and_reads_nothing_until_then(make: Make) -> None:
    rig = make(wait=True)
    assert (rig.state, rig.requests) == ("paused", 0)
    rig.end()
    assert rig.state == "paused"
    rig.started.set()
    turn()
    assert rig.state == "open"
    rig.hub(rig.transport.deliver)
    assert rig.delta.errors == {"read": 1}


def test_connections_are_counted(make: Make) -> None:
    rig = make()
    rig.say(OK, CLOSE)
    delta = rig.delta
    assert (delta.connections, delta.opened, delta.peak) == (1, 2, 1)
    single = make(keepalive=False)
    single.say(OK, OK)
    delta = single.delta
    assert (delta.connections, delta.opened, single.transport.dials) == (1, 2, 3)


# A constant rate.


def test_an_idle_connection_may_end_and_the_next_request_opens_another(make: Make) -> None:
    rig = make(rate=10.0)
    rig.fire(0.0)
    rig.say(OK)
    assert not rig.context.slots.busy(0)
    rig.end()
    assert rig.state == "closed"
    rig.fire(0.1)
    rig.say(OK)
    delta = rig.delta
    assert (delta.errors, delta.completed, rig.transport.dials) == ({}, 2, 2)


def test_what_was_not_asked_for_ends_an_idle_connection_but_blank_lines_do_not(make: Make) -> None:
    rig = make(rate=10.0)
    rig.fire(0.0)
    rig.say(OK, b"\r\n")
    assert rig.state == "open"
    rig.say(OK)
    assert rig.state == "closed"
    assert rig.delta.completed == 1


def test_a_slot_that_is_late_is_sent_at_once_after_the_response(make: Make) -> None:
    rig = make(rate=10.0)
    rig.fire(0.0)
    rig.fire(0.35)
    rig.say(OK, OK, OK, OK)
    delta = rig.delta
    assert (delta.completed, delta.in_flight) == (4, 0)


def test_a_connection_that_was_idle_for_too_long_is_not_used(make: Make) -> None:
    rig = make(rate=10.0)
    rig.fire(0.0)
    rig.say(OK.replace(b"\r\n\r\n", b"\r\nKeep-Alive: timeout=1\r\n\r\n"))
    assert rig.context.responses.rest == 0
    rig.fire(11.0)
    assert (rig.transport.dials, rig.requests) == (2, 2)


# The end.


def test_the_end_is_said_to_an_idle_client_at_once_and_to_a_busy_one_after_its_response(make: Make) -> None:
    idle = make(rate=10.0)
    idle.finish()
    assert idle.left
    for words in WORDS:
        busy = make(**words)
        busy.context.always_due = False
        busy.recorders.count_sends()
        busy.finish()
        assert not busy.left
        busy.say(OK)
        assert (busy.left, busy.state, busy.delta.completed) == (True, "closed", 1)


def test_what_is_in_flight_at_an_abort_stays_in_flight(make: Make) -> None:
    rig = make()
    rig.client.greenlet.kill()
    delta = rig.delta
    assert (delta.in_flight, delta.failed, rig.left, rig.state) == (1, 0, True, "closed")
    assert math.isfinite(rig.context.slots.starts[0])


def test_it_says_what_it_is(make: Make) -> None:
    rig = make()
    size = len(rig.request)
    assert repr(rig.client.session) == f"<Http1Session slot 0, busy, <MemoryTransport open, {size} bytes sent>>"


def test_a_slot_that_waited_for_a_connection_does_not_make_the_generator_late(make: Make) -> None:
    """The target had all connections, and one of them became idle just now."""
    rig = make(rate=10.0)
    rig.fire(0.0)
    rig.say(OK)
    rig.fire(10.1)
    rig.say(OK)
    assert rig.delta.sent >= 2
    assert rig.delta.lateness.most < 1_000_000


def test_what_was_due_before_a_late_beginning_makes_the_generator_late(make: Make) -> None:
    """The worker begins five seconds late. The pacer sends the first of these slots, the others follow responses."""
    rig = make(rate=10.0)
    rig.context.slots.ticked(rig.begin + 5.0, 5.0)
    rig.context.slots.ticked(rig.begin + 5.2, 0.0)
    rig.fire(10.1)
    rig.say(*[OK] * 5)
    delta = rig.delta
    assert delta.sent == 6
    assert delta.lateness.least > 4_400_000
