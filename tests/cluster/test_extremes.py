"""A node sends the largest values that the bus accepts. The master can still serve, store and read what it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.rpc import convert
from gluten.report.formats.export import FORMATS
from gluten.stats import request_stats
from gluten.stats.delta import CEILING, COUNTS, GAUGES, HISTOGRAMS, Delta
from gluten.stats.histogram import HIGHEST
from gluten.store.delta_bodies import delta_of
from gluten.task.limits import MAX_DURATION
from gluten.webui.api.metrics import metrics
from gluten.webui.api.recalled import Recalled
from gluten.webui.http.web_request import Request
from tests.support.deltas import body, changed
from tests.support.world import World, a_task

B, U, LARGEST = (1 << 62) - 1, (1 << 64) - 1, (1 << 31) - 1
C = CEILING - 1
Say = Callable[[str], wire.Message]
TIMES = (*HISTOGRAMS, *request_stats.HISTOGRAMS)


def counted(number: int, second: int = 1, **fields: Any) -> Say:
    return lambda run: wire.Delta(run, 1, number, body(changed(Delta(second).to_map(), **fields)))


def a_gap(text: str) -> Say:
    return lambda run: wire.NodeNotice(run, 1, "worker_lost", LARGEST, text, LARGEST)


def full(count: int) -> dict[str, Any]:
    counts = dict.fromkeys((*COUNTS, *GAUGES), count)
    return counts | {"status": [[999, count]], "errors": {"reset": count}, "cpu": 1e9, "drained": 1e9}


def many(head: list[int], slot: int, times: int) -> dict[str, Any]:
    return {name: [*head, slot, times] for name in TIMES} | {"completed": 1, "status": [[200, 1]]}


EXTREMES: dict[str, list[Say]] = {
    "the most that is taken": [counted(n, **full(C)) for n in (100, 101, 102)],
    "more counts than that": [counted(n, **full(B)) for n in (100, 101, 102)],
    "histograms as full as they may be": [counted(n, **many([B, B, B, 5, 5], 5, C - 2**36)) for n in (100, 101, 102)],
    "fuller ones": [counted(n, **many([U] * 5, 5, U)) for n in (100, 101, 102)],
    "least above most": [counted(n, **many([9, 0, 9, 9, 1], 5, 1)) for n in (100, 101, 102)],
    "codes that are none": [counted(100, completed=2, status=[[B, 1], [7, 1]])],
    "an example without end": [counted(100, failed=1, errors={"reset": 1}, samples={"reset": "x" * 3_000_000})],
    "an example that is no text": [counted(100, failed=1, errors={"reset": 1}, samples={"reset": [["x"]]})],
    "an example that is no Unicode": [counted(100, failed=1, errors={"reset": 1}, samples={"reset": "\ud800\x1b[2J"})],
    "seconds far apart": [counted(n, int(MAX_DURATION) + n, **full(C)) for n in range(100, 130)],
    "numbers far apart": [counted(LARGEST - n, n, **full(C)) for n in range(30)],
    "gaps": [a_gap(f"{n}") for n in range(9)],
    "an end that was long ago": [lambda run: wire.Ended(run, 1, LARGEST, "finished", "", 1e9, "")],
    "an end in another epoch": [lambda run: wire.Ended(run, LARGEST, LARGEST, "failed", "x" * 1000, 0.0, "lease")],
    "later than anything": [lambda run: wire.Armed(run, 1, 1e9)],
    "a heartbeat from afar": [lambda run: wire.Heartbeat(1e12, 1.0, [(run, LARGEST)] * 1000, -1e12, 1e9, 1e9)],
}


def serve(world: World, run: str) -> None:
    """Ask the master for everything that it answers."""
    master = world.master
    messages = (
        convert.run_to_proto(master.run(run)),
        convert.update_to_proto(master.update(run)),
        *map(convert.run_to_proto, master.runs()),
        *map(convert.node_to_proto, master.nodes()),
    )
    assert all(message.SerializeToString() for message in messages)
    report = master.report(run)
    plain = [
        master.run(run),
        master.update(run),
        master.nodes(),
        report,
        master.window(run, 0, 3),
        master.pulse(run, 5),
    ]
    assert json.dumps(plain, allow_nan=False, ensure_ascii=False).encode()
    for _, made in FORMATS.values():
        assert made(report).encode()
    assert metrics(master, Request.of({}), world.epoch + world.clock, Recalled(None)).body


def hear(said: list[Say]) -> tuple[World, str]:
    """A run in which one of two nodes also sends these messages."""
    world = World()
    rogue, _ = world.cluster("a", "b")
    run = world.master.submit(a_task(duration=3.0, rate=60.0))["id"]
    world.advance(0.5)
    for say in said:
        rogue.dealer.send(frames.encode(say(run)))
        world.network.deliver()
    serve(world, run)
    world.advance(0.2)
    return world, run


@pytest.mark.parametrize("said", EXTREMES.values(), ids=EXTREMES)
def test_what_was_said_can_be_served_stored_and_read_again(said: list[Say]) -> None:
    world, run = hear(said)
    assert world.finish(run)["state"] in ("finished", "failed")
    assert world.master.store_away == ""
    world.advance(15)
    serve(world, run)
    for delta in world.desk.deltas(run):
        assert delta_of(delta).second == delta.second
    world.new_master()
    serve(world, run)
    world.advance(30)
    after = world.master.submit(a_task(duration=2.0))
    assert world.finish(after["id"])["state"] == "finished"


@pytest.mark.parametrize("said", EXTREMES.values(), ids=EXTREMES)
def test_a_master_that_is_restarted_meanwhile_finds_nothing_that_stops_it(said: list[Say]) -> None:
    world, run = hear(said)
    world.new_master()
    world.advance(1)
    serve(world, run)
    assert world.finish(run)["state"] in ("finished", "failed")
    serve(world, run)


EDGES = st.sampled_from([0, 1, 5, C, CEILING, B, U, HIGHEST, HIGHEST + 1, 1 << 32, 1 << 63])


@st.composite
def deltas(draw: st.DrawFn) -> Say:
    second, made = draw(st.integers(0, 3)), dict[str, Any]()
    for name in draw(st.sets(st.sampled_from((*COUNTS, *GAUGES)))):
        made[name] = draw(EDGES)
    made["status"], made["errors"] = [[200, made.get("completed", 0)]], {"reset": made.get("failed", 0)}
    for name in draw(st.sets(st.sampled_from(TIMES))):
        head, slots = [draw(EDGES) for _ in range(3)], draw(st.lists(EDGES, min_size=1, max_size=3))
        ends = [5, 4 + len(slots)] if draw(st.booleans()) else [draw(EDGES), draw(EDGES)]
        made[name] = [*head, *ends, 5, slots[0], *(part for times in slots[1:] for part in (1, times))]
    made["samples"] = draw(st.dictionaries(st.just("reset"), st.text(max_size=5) | st.just("\udfff")))
    number = draw(st.integers(50, 60))
    return counted(number, second, **made)


@settings(max_examples=12)
@given(st.lists(deltas(), min_size=1, max_size=6))
def test_no_counts_of_one_node_keep_a_master_from_saying_what_it_knows(said: list[Say]) -> None:
    world, run = hear(said)
    assert world.finish(run)["state"] in ("finished", "failed")
    serve(world, run)
