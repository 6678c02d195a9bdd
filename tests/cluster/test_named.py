"""What a master shows of named requests: in run maps, updates and lists."""

from __future__ import annotations

from typing import Any

from gluten.cluster.master.views import brief
from tests.support.world import World, a_task

SHOP = "[request.home]\nget = '/'\n[request.order]\npost = '/orders'\n"


def running() -> World:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task(workload=SHOP))
    world.advance(3)
    return world


def test_a_run_of_a_workload_has_figures_by_request_live_and_at_its_end() -> None:
    world = running()
    live = world.master.run("1")
    over = world.finish()
    for run in (live, over):
        assert run["completed"]
        for count in ("sent", "completed", "good", "failed"):
            assert sum(found[count] for found in run["by_request"]) == run[count]
    names = [entry["name"] for entry in world.master.report("1")["by_request"]]
    assert [found["name"] for found in over["by_request"]] == names


def test_the_figures_of_a_stored_run_are_those_of_its_report() -> None:
    world = running()
    world.finish()
    world.new_master()
    entries = {entry["name"]: entry for entry in world.master.report("1")["by_request"]}
    for found in world.master.run("1")["by_request"]:
        entry = entries[found["name"]]
        assert (found["p99"], found["rate"]) == (entry["response_time"]["p99"], entry["rate"])


def test_a_run_of_one_url_is_told_by_its_totals() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task())
    assert "by_request" not in world.finish()


def test_the_text_of_a_workload_is_in_no_update_and_no_list() -> None:
    world = running()
    for _ in ("live", "over"):
        assert world.master.run("1")["task"]["workload"] == SHOP
        for run in (world.master.update("1", 0)["run"], world.master.runs()[0]):
            assert "workload" not in run["task"]
            assert run["task"]["url"]
        world.finish()
    assert world.master.report("1")["task"]["workload"] == SHOP


def test_a_run_without_a_workload_is_left_as_it_is() -> None:
    plain: Any = {"task": {"url": "http://t.test/", "workload": ""}}
    assert brief(plain) is plain


def test_what_requests_have_counted_is_what_the_report_says_of_a_run_that_is_just_over() -> None:
    world = running()
    run = world.finish()
    counted = {name: (stats, times) for name, stats, times in world.master.counted(run["id"])}
    report = [entry for entry in world.master.report("1")["by_request"] if entry["completed"]]
    assert [entry["name"] for entry in report] == sorted(counted) != []
    for entry in report:
        stats, times = counted[entry["name"]]
        assert {str(code): count for code, count in stats.status.items()} == entry["status"]
        assert (stats.read, stats.written) == (entry["bytes"]["read"], entry["bytes"]["written"])
        assert (len(times), times.percentile(99)) == (entry["completed"], entry["response_time"]["p99"])


def test_what_requests_have_counted_is_unknown_of_a_stored_run() -> None:
    world = running()
    run = world.finish()
    world.new_master()
    assert list(world.master.counted(run["id"])) == []


def test_the_times_are_those_after_the_warmup_and_the_counts_are_of_all() -> None:
    world = World()
    world.cluster("a")
    run = world.master.submit(a_task(workload=SHOP, warmup=2.0))
    world.advance(2.5)
    counted = {name: (stats.completed, len(times)) for name, stats, times in world.master.counted(run["id"])}
    assert all(count == timed > 0 for count, timed in counted.values())
    world.finish()
    counted = {name: (stats.completed, len(times)) for name, stats, times in world.master.counted(run["id"])}
    assert all(count > timed > 0 for count, timed in counted.values())
