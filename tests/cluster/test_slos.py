"""SLOs over a whole cluster: judged each second over all nodes, told once, and able to end the run."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import TaskError
from gluten.stats.delta import Delta
from tests.cluster.test_restart import silence
from tests.support.world import PER_THREAD, World, a_task

SERVED = 6 * PER_THREAD


def slos(world: World) -> dict[str, Any]:
    """How each SLO of the newest run stands, by its text."""
    return {entry["slo"]: entry for entry in world.master.run("last")["slo"]}


def told(world: World) -> list[tuple[int | None, str]]:
    events = world.master.update("last")["events"]
    return [(event.get("second"), event["text"]) for event in events if event["kind"] == "slo"]


def test_all_nodes_are_judged_together_while_the_run_goes_on_and_at_its_end() -> None:
    world = World()
    world.running(4.5, "a", "b", slo=(f"rate >= {SERVED}", "p99 < 2ms", "errors < 1%"), duration=8.0)
    assert {entry["state"] for entry in slos(world).values()} == {"holds"}
    over = world.finish()
    assert [entry["value"] for entry in over["slo"]] == [float(SERVED), 1000.0, 0.0]
    assert world.master.report("last")["slo"] == over["slo"]
    assert told(world) == []


def test_a_node_that_misses_is_seen_in_the_sum_of_all() -> None:
    world = World()
    a, _ = world.running(2.5, "a", "b", slo=("errors < 40%", "errors < 5% for 3s"), duration=9.0)
    a.engine.status = 500
    world.finish()
    report = world.master.report("last")
    missed = [(entry["slo"], entry["state"]) for entry in report["slo"]]
    assert missed == [("errors < 40%", "holds"), ("errors < 5% for 3s", "missed")]
    assert told(world) == [(report["slo"][1]["since"], "SLO missed: errors < 5% for 3s (50%)")]


def test_an_slo_ends_the_run_with_itself_as_the_reason() -> None:
    world = World()
    nodes = world.running(3.0, "a", "b", slo=("errors < 1%, else stop",), duration=60.0)
    for node in nodes:
        node.engine.status = 500
    began = world.clock
    world.until(lambda: world.master.run("last")["state"] == "stopping", 5.0)
    assert world.clock - began < 4.0
    over = world.finish()
    assert (over["state"], over["kind"]) == ("stopped", "slo")
    assert over["reason"].startswith("SLO missed: errors < 1%, else stop (")
    assert world.master.report("last")["slo"][0]["state"] == "missed"
    assert world.master.report("last")["kind"] == "slo"


def test_a_run_without_slos_is_not_judged() -> None:
    world = World()
    world.running(3.0, "a")
    assert world.finish()["slo"] == []
    assert world.master.report("last")["slo"] == []


def test_the_next_master_judges_on_from_the_first_second_and_tells_nothing_twice() -> None:
    world = World()
    texts = ("errors < 1%", "errors < 60% for 20s, else stop")
    (node,) = world.running(3.0, "a", slo=texts, duration=60.0)
    node.engine.status = 500
    world.advance(4.0)
    assert len(told(world)) == 1
    silence(world, 6.0)
    world.new_master()
    world.advance(3.0)
    entry = slos(world)["errors < 1%"]
    assert (entry["state"], entry["since"]) == ("missed", told(world)[0][0])
    over = world.finish()
    assert (over["state"], len(told(world))) == ("stopped", 2)
    # 3 good seconds, then 20 that miss; the rest is what it takes to notice and to stop.
    assert 22.0 < over["duration"] < 28.0


def test_a_long_past_is_looked_at_in_several_turns() -> None:
    world = World()
    world.running(120.0, "a", slo=("p99 < 2ms",), duration=200.0)
    silence(world, 1.0)
    world.new_master()
    assert slos(world)["p99 < 2ms"]["state"] == "unmeasured"
    world.advance(2.0)
    assert slos(world)["p99 < 2ms"]["state"] == "holds"
    assert world.master.report("last")["slo"][0]["state"] == "holds"


def test_a_delta_that_comes_late_is_judged_too() -> None:
    world = World()
    (node,) = world.running(6.0, "a", slo=("errors == 0",), duration=20.0)
    book = world.master._scheduler.active.book  # type: ignore[union-attr]
    late = Delta(1)
    late.of().fail("timeout")
    late.of().sent = 1
    book.ledger.add("a", 1, 10_000, late, book.version + 1)
    world.advance(2.0)
    entry = slos(world)["errors == 0"]
    assert (entry["state"], entry["value"], entry["since"]) == ("missed", 1.0, 1)
    assert node.up


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("p99 of nobody < 1s", "there is no request 'nobody'; there is request"),
        ("session p99 < 1s", "only a workload with scenarios"),
        ("p99 < 250", "has no unit"),
    ],
)
def test_what_can_never_be_judged_is_refused(text: str, why: str) -> None:
    world = World()
    world.cluster("a")
    with pytest.raises(TaskError, match=why):
        world.master.submit(a_task(slo=(text,)))


def test_the_name_of_the_only_request_is_known() -> None:
    world = World()
    world.running(3.0, "a", slo=("p99 of request < 1s", "p99 of each < 1s"))
    over = world.finish()
    assert [entry["state"] for entry in over["slo"]] == ["holds", "holds"]
    assert over["slo"][1]["request"] == "request"
