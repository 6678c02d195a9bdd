"""The figures of a part of a run, from memory while it is at hand and from the store afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import NotFound
from tests.support.world import World, a_task


def bare(window: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in window.items() if name not in ("from", "to", "seconds", "rate")}


def test_the_whole_run_as_a_window_is_its_report() -> None:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task())
    world.finish()
    report, window = world.master.report("1"), world.master.window("1", 0, 1000)
    assert {"p50": 0} | window["response_time"] == report["response_time"]
    assert window["status"] == report["status"]
    assert window["completed"] == report["requests"]["completed"] > 0


def test_windows_beside_each_other_are_the_whole() -> None:
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task())
    world.finish()
    parts = [world.master.window("1", first, first + 1)["completed"] for first in range(20)]
    assert sum(parts) == world.master.window("1", 0, 20)["completed"]
    assert sum(part > 0 for part in parts) > 1


def test_memory_and_store_say_the_same() -> None:
    world = World()
    world.cluster("a", "b")
    run = world.master.submit(a_task())["id"]
    world.finish()
    before = [world.master.window("1", first, last) for first, last in ((0, 1), (0, 100), (1, 2))]
    world.master._scheduler.forget(run)
    assert [world.master.window("1", first, last) for first, last in ((0, 1), (0, 100), (1, 2))] == before


def test_an_unknown_run_has_no_window() -> None:
    world = World()
    with pytest.raises(NotFound):
        world.master.window("9", 0, 1)


def test_what_people_say_of_a_run_is_kept_while_it_waits_and_when_it_is_over() -> None:
    world = World()
    world.cluster("a")
    world.master.submit(a_task())
    assert world.master.annotate("1", "first try") == "first try"
    world.finish()
    assert world.master.annotation("last") == "first try"
