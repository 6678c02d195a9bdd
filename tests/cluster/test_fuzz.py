"""Whatever comes over the bus, and whoever sends it: no handler raises, and other nodes are not disturbed.

Frames are real messages with fields exchanged for hostile values, real ones with hostile but well-formed fields, and
any msgpack at all. They come to a master from a node that has registered and from one that has not, and to a slave
from whoever plays its master.
"""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluten.cluster.slave.admission import EARLY, LATE
from gluten.errors import WireError
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.net.bus.memory import MemoryDealer, MemoryRouter
from tests.net.bus.test_messages import DOWN, UP
from tests.support.world import PER_THREAD, World, a_task

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=40)
    | st.binary(max_size=40)
    | st.sampled_from([0, 1, -1, 1e9, 1e12, -1e12, 1e308, float("nan"), float("inf"), 1 << 31])
    | st.sampled_from(["", "a" * 64, "\ud800", "0" * 32, "http://169.254.169.254/"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FUZZ = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def plain(message: wire.Message) -> dict[str, Any]:
    made: dict[str, Any] = msgpack.unpackb(frames.encode(message), raw=False, unicode_errors="surrogatepass")
    return made


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of each value inside a message."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    value[path[0]] = put(value[path[0]], path[1:], new)
    return value


@st.composite
def hostile_frames(draw: st.DrawFn, messages: list[wire.Message], runs: list[str]) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200) | VALUES.map(pack))
    made: Any = plain(draw(st.sampled_from(messages)))
    if "run" in made:
        made["run"] = draw(st.sampled_from(runs))
        made["epoch"] = draw(st.sampled_from([1, 2, 3, 1 << 31]))
    for _ in range(draw(st.integers(0, 3))):
        if isinstance(made, dict):
            made = put(made, draw(st.sampled_from(places(made))), draw(VALUES))
    return pack(made)


def pack(value: Any) -> bytes:
    try:
        return bytes(msgpack.packb(value, use_bin_type=True, unicode_errors="surrogatepass"))
    except (OverflowError, ValueError, TypeError):
        return b"\xc1"


@FUZZ
@given(hostile_frames(UP + DOWN, ["0" * 32]))
def test_a_frame_is_a_message_or_a_wire_error(frame: bytes) -> None:
    for decode in (frames.decode_up, frames.decode_down):
        try:
            again = frames.encode(decode(frame))
        except WireError as error:
            text = str(error)
        else:
            text = ""
            assert frames.encode(decode(again)) == again
        assert "\n" not in text
        assert len(text) < 1000


@pytest.mark.slow
@FUZZ
@given(st.data())
def test_a_node_that_sends_nonsense_does_not_disturb_another_node_s_run(data: st.DataObject) -> None:
    world = World()
    world.cluster("a", "b")
    stranger, rogue = world.network.dealer(), world.node("c", load=False)
    world.advance(0.5)
    run = world.master.submit(a_task(duration=3.0, rate=60.0))["id"]
    for _ in range(data.draw(st.integers(1, 12))):
        for dealer in (stranger, rogue.dealer):
            say(world, dealer, data.draw(hostile_frames(UP, [run, "f" * 32])))
        world.advance(0.1)
    over = world.finish(run)
    assert (over["state"], over["completed"]) == ("finished", 3 * 6 * PER_THREAD)
    assert {node["name"] for node in over["plan"]} == {"a", "b"}
    assert all(isinstance(node["name"], str) for node in world.master.nodes())


@pytest.mark.slow
@FUZZ
@given(st.data())
def test_a_node_that_talks_nonsense_of_its_own_part_breaks_no_master(data: st.DataObject) -> None:
    world = World()
    a, _ = world.cluster("a", "b")
    run = world.master.submit(a_task(duration=3.0, rate=60.0))["id"]
    world.advance(0.5)
    for _ in range(data.draw(st.integers(1, 12))):
        say(world, a.dealer, data.draw(hostile_frames(UP, [run, "f" * 32])))
        world.advance(0.1)
    over = world.finish(run)
    assert over["state"] in ("finished", "stopped", "failed")
    assert world.master.report(run)["requests"]["sent"] >= 0
    world.advance(1)
    assert len(world.master.update(run)["rows"]) < 100
    # The next run is not affected.
    a.kill()
    world.advance(12)
    after = world.master.submit(a_task(duration=2.0))
    assert world.finish(after["id"])["state"] == "finished"


@pytest.mark.slow
@FUZZ
@given(st.data())
def test_a_master_that_talks_nonsense_breaks_no_slave(data: st.DataObject) -> None:
    world = World(master=False)
    node = world.node("a")
    router: MemoryRouter = world.network.router()
    router.serve(lambda peer, frame: None)
    world.advance(0.3)
    for _ in range(data.draw(st.integers(1, 12))):
        router.send(node.dealer.peer, data.draw(hostile_frames(DOWN, ["e" * 32, "f" * 32])))
        world.network.deliver()
        node.step()
        world.advance(0.1)
    for job in node.engine.started:
        assert job.start_at is not None
        assert -LATE - 60 < job.start_at + job.node_task.begin - world.clock < EARLY
        assert job.node_task.task.target.hostname == "h"
    if node.slave.refused:
        return  # the master has refused this slave, and it has left
    world.new_master()
    world.advance(60)
    after = world.master.submit(a_task(duration=2.0))
    assert world.finish(after["id"])["state"] == "finished"


def say(world: World, dealer: MemoryDealer, frame: bytes) -> None:
    dealer.send(frame)
    world.network.deliver()
