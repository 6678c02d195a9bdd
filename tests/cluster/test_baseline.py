"""A run is pinned for its name and is found by that name."""

from __future__ import annotations

import pytest

from gluten.errors import NotFound, WrongState
from tests.support.world import World, a_task


@pytest.fixture
def world() -> World:
    made = World()
    made.cluster("a")
    return made


def test_a_pinned_run_is_found_by_its_name(world: World) -> None:
    run = world.master.submit(a_task(name="Shop: a/b"))
    world.finish()
    assert world.master.pin("1")["id"] == run["id"]
    assert world.master.baselines() == [{"name": "Shop: a/b", "run": run["id"], "number": 1}]
    assert world.master.run("baseline:Shop: a/b")["id"] == run["id"]
    assert world.master.report("baseline:Shop: a/b")["id"] == run["id"]


def test_a_run_that_has_not_finished_cannot_be_a_baseline(world: World) -> None:
    world.master.submit(a_task())
    with pytest.raises(WrongState, match="run 1 is starting"):
        world.master.pin("1")


def test_a_pin_is_taken_back_from_the_run_that_has_it(world: World) -> None:
    for _ in range(2):
        world.master.submit(a_task(name="shop"))
        world.finish()
    world.master.pin("1")
    with pytest.raises(WrongState, match="run 2 is no baseline"):
        world.master.pin("2", pinned=False)
    world.master.pin("1", pinned=False)
    assert world.master.baselines() == []


@pytest.mark.parametrize(("name", "words"), [("shop", "runs called 'shop'"), ("", "runs without a name")])
def test_a_name_without_a_baseline_says_what_to_do(world: World, name: str, words: str) -> None:
    with pytest.raises(NotFound, match=f"no baseline is pinned for {words}: pin one with"):
        world.master.run(f"baseline:{name}")
