"""Every message is the same after the wire, and everything else is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WireError
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.plan.split import PlanNode, split
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import MOST, pack, unpack
from gluten.task.limits import (
    MAX_AUTHORITIES,
    MAX_BODY,
    MAX_HEADER_BYTES,
    MAX_METHOD,
    MAX_PEM,
    MAX_RULE,
    MAX_RULES,
    MAX_STAGES,
    MAX_TAKEN,
    MAX_URL,
)
from gluten.task.task import Task
from tests.support.deltas import packed

RUN = "0123456789abcdef" * 2
PART = split(Task("http://h/", body=b"\x00\xff", headers=(("A", "b"),)), [PlanNode("n", "näme", 2)])[0]
UP: list[wire.Message] = [
    wire.Hello(5, "0.1.0", RUN, "node", 4, "3.11.2", "host", 9090, True, "slave"),
    wire.Heartbeat(1.5, 0.25, [(RUN, 1)], -3.5, 0.001, 1.0),
    wire.Heartbeat(1.5, 0.25, [], None, None, 0.0),
    wire.Delta(RUN, 1, 7, packed(3)),
    wire.Ended(RUN, 1, 7, "failed", "dns: no such host", 1.5, "dns"),
    wire.Armed(RUN, 1, 0.0),
    wire.Refused(RUN, 1, "no"),
    wire.NodeNotice(RUN, 1, "worker_lost", 2, "a worker died", None),
    wire.NodeNotice(RUN, 1, "adjust_taken", 0, "took the rate of 200/s in second 4", 4),
    wire.Prepared(RUN, "its disk is full"),
    wire.ChoreDone(RUN, "setup", "", "", {"token": "a\nb\x00ü"}, 0.12),
    wire.ChoreDone(RUN, "teardown", "request bye: it was answered with status 500", "", {}, 0.12),
    wire.FileWanted(RUN + RUN, 1 << 20),
    wire.Bye(),
]
DOWN: list[wire.Message] = [
    wire.Welcome(5, "0.1.0", 15.0, 1.0),
    wire.Refuse("name", "taken"),
    wire.Challenge(),
    wire.Beat(1.0, 2.0),
    wire.TaskOrder(RUN, 2, PART, 10.0, -10.0, [(3.0, 100.0)]),
    wire.TaskOrder(RUN, 2, PART, 10.0, -10.0, [], {"token": "a"}),
    wire.Chore(RUN, "teardown", PART.task, {"token": "a"}),
    wire.Adjust(RUN, 1, 100.0, 4.0),
    wire.Stop(RUN, 1, False),
    wire.Prepare(RUN, [(RUN + RUN, True)]),
    wire.FilePart(RUN + RUN, 0, 3, b"abc"),
    wire.FilePart(RUN + RUN, 0, None, b""),
    wire.Ack(RUN, 1, [1, 2, 5]),
    wire.Closed(RUN, 1),
]


@pytest.mark.parametrize("message", UP, ids=lambda m: m.type)
def test_what_goes_up_arrives(message: wire.Message) -> None:
    assert frames.decode_up(frames.encode(message)) == message


@pytest.mark.parametrize("message", DOWN, ids=lambda m: m.type)
def test_what_goes_down_arrives(message: wire.Message) -> None:
    assert frames.decode_down(frames.encode(message)) == message


def test_every_type_is_tried_here() -> None:
    assert {m.type for m in UP} == set(wire.UP)
    assert {m.type for m in DOWN} == set(wire.DOWN)


@pytest.mark.parametrize("message", DOWN, ids=lambda m: m.type)
def test_a_slave_cannot_say_what_a_master_says(message: wire.Message) -> None:
    with pytest.raises(WireError):
        frames.decode_up(frames.encode(message))


def plain(message: wire.Message) -> dict[str, Any]:
    return dict(msgpack.unpackb(frames.encode(message)))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "pickle"}, "type"),
        ({"type": 3}, "type"),
        ({"extra": 1}, "fields"),
        ({"t0": "soon"}, "value"),
        ({"t0": float("nan")}, "value"),
        ({"t0": True}, "value"),
        ({"cpu": 1.5}, "value"),
        ({"jobs": [[RUN, 0]]}, "value"),
        ({"jobs": [["short", 1]]}, "value"),
        ({"jobs": {"a": 1}}, "value"),
    ],
)
def test_a_heartbeat_that_is_not_sound_is_refused(changes: dict[str, Any], code: str) -> None:
    frame = msgpack.packb(plain(UP[1]) | changes)
    with pytest.raises(WireError) as caught:
        frames.decode_up(frame)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "\x1b[31m"])
def test_a_name_that_would_spoil_a_terminal_is_refused(name: str) -> None:
    with pytest.raises(WireError):
        frames.decode_up(msgpack.packb(plain(UP[0]) | {"name": name}))


def test_another_protocol_version_is_recognized_whatever_the_other_fields_are() -> None:
    with pytest.raises(WireError, match=r"GLuTEN 9\.9 speaks bus protocol 7, GLuTEN .* speaks 5") as caught:
        frames.decode_up(msgpack.packb({"type": "hello", "proto": 7, "version": "9.9", "new": []}))
    assert caught.value.code == "version"


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xc1",
        b"\xff" * 100,
        msgpack.packb([1, 2]),
        msgpack.packb({"type": "bye", 1: 2}),
        msgpack.packb({"type": "bye", "x": msgpack.ExtType(5, b"x")}),
        msgpack.packb({"type": "bye", "x": msgpack.Timestamp(1, 1)}),
        b"\x91" * 100_000,
        b"\xdd\x7f\xff\xff\xff" * 50,
        b"\xdf\x7f\xff\xff\xff",
        frames.encode(wire.Bye()) + b"\x00",
        b"\x00" * (wire.MAX + 1),
    ],
)
def test_an_invalid_message_is_refused(frame: bytes) -> None:
    with pytest.raises(WireError):
        frames.decode_up(frame)


def test_the_largest_task_fits() -> None:
    pem = "-----BEGIN"
    task = Task(
        "http://h/".ljust(MAX_URL, "x"),
        threads=100_000,
        connections=1_000_000,
        requests=10**13,
        body=b"x" * MAX_BODY,
        stages=tuple((at + 0.1, 1e5 + 0.1) for at in range(MAX_STAGES)),
        method="M" * MAX_METHOD,
        name="é" * 200,
        headers=(("A", "\udcff" * (MAX_HEADER_BYTES - 5)),),
        cacert=pem.ljust(MAX_AUTHORITIES),
        cert=pem.ljust(MAX_PEM),
        key=pem.ljust(MAX_PEM),
        resolve=("h:80:".ljust(MAX_RULE, "1"),) * MAX_RULES,
    )
    (part,) = split(task, [PlanNode("n" * 64, "n" * 64, 1)])
    frame = frames.encode(
        wire.TaskOrder(RUN, 1, part, 0.1, 0.1, [(1e5 + 0.1, 1e5 + 0.1)] * 10_000, {"a": "x" * (MAX_TAKEN - 1)})
    )
    assert len(frame) < wire.MAX
    assert frames.decode_down(frame)


def test_a_full_histogram_fits() -> None:
    delta = Delta(1)
    for micros in range(1, 3_000_000, 50):
        for histogram in (delta.of().response, delta.of().service, delta.lateness):
            histogram.record(micros)
    frame = frames.encode(wire.Delta(RUN, 1, 1, pack(delta)))
    message = frames.decode_up(frame)
    assert isinstance(message, wire.Delta)
    assert unpack(message.body, MOST).to_map() == delta.to_map()


def test_a_subtask_that_cannot_be_is_refused() -> None:
    broken = plain(DOWN[4])
    odd: list[dict[str, Any]] = [
        {"threads": []},
        {"threads": [99]},
        {"task": {}},
        {"task": None},
        {"begin": -1},
        {"cores": "x"},
    ]
    for changes in odd:
        with pytest.raises(WireError):
            frames.decode_down(msgpack.packb(broken | {"node_task": broken["node_task"] | changes}))


PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 63), (1 << 64) - 1),
        st.floats(),
        st.text(max_size=8),
        st.binary(max_size=8),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(("messages", "decode"), [(UP, frames.decode_up), (DOWN, frames.decode_down)])
@given(data=st.data())
def test_no_value_anywhere_does_more_than_be_refused(
    messages: list[wire.Message], decode: Callable[[bytes], wire.Message], data: st.DataObject
) -> None:
    fields = plain(data.draw(st.sampled_from(messages)))
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(PLAIN)
    with contextlib.suppress(WireError):
        decode(msgpack.packb(fields))


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(frame: bytes) -> None:
    with pytest.raises(WireError):
        frames.decode_up(frame)
