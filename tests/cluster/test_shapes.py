"""What the master answers fits JSON and the protobuf schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gluten.cluster.slave.cpu import CpuMeter
from gluten.net.rpc import convert
from tests.support.world import World, a_task


@pytest.fixture
def world() -> World:
    made = World()
    made.cluster("a", "b")
    made.master.submit(a_task(rate=60.0, name="shapes", body=b"\xff\x00", headers=(("Cookie", "hunter2"),)), who="ann")
    made.advance(2.5)
    made.master.submit(a_task())
    return made


OF_WORKLOADS = {"by_request", "by_scenario", "sessions", "groups"} | {
    "begun", "active", "most_active", "finished", "ended", "cut", "sessions_dropped", "session_p50", "session_p99",
}  # fmt: skip


def test_everything_is_json_without_nan(world: World) -> None:
    for ref in ("1", "2"):
        json.dumps(world.master.update(ref, 0), allow_nan=False)
    json.dumps(world.master.nodes(), allow_nan=False)
    json.dumps(world.master.report("1"), allow_nan=False)
    world.finish("2")
    json.dumps(world.master.report("2"), allow_nan=False)


def test_every_field_of_the_schema_is_filled(world: World) -> None:
    update = world.master.update("1", 0)
    message = convert.update_to_proto(update)
    assert message.run.id == update["run"]["id"]
    assert message.run.who == "ann"
    assert len(message.rows) == len(update["rows"]) == 2
    assert [node.name for node in map(convert.node_to_proto, world.master.nodes())] == ["a", "b"]
    for plain, made in ((update["run"], message.run), (update["rows"][0], message.rows[0])):
        # A second of load does not mention the drain, and a plain URL has neither named requests nor sessions.
        assert {field.name for field in made.DESCRIPTOR.fields} - OF_WORKLOADS - {"drain"} <= set(plain)


def test_secrets_are_not_shown(world: World) -> None:
    world.finish("1")
    for shown in (world.master.run("1"), world.master.report("1"), world.desk.run("1").summary):
        assert "hunter2" not in json.dumps(shown)


def test_the_busy_share_is_what_rose_between_two_looks(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu 100 0 100 800 0 0 0 0 0 0\n")
    meter = CpuMeter(str(stat))
    stat.write_text("cpu 150 0 125 825 0 0 0 0 0 0\n")
    assert meter() == pytest.approx(0.75)
    assert meter() == 0.0
    assert 0.0 <= CpuMeter(str(tmp_path / "none"))() <= 1.0
