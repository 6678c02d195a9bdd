"""The highest epoch that a node knows of a run."""

from __future__ import annotations

from gluten.cluster.slave.fences import KNOWN, Fences


def test_a_fence_never_falls() -> None:
    fences = Fences([("a", 3), ("a", 2), ("b", 1)])
    assert (fences.highest("a"), fences.highest("b"), fences.highest("c")) == (3, 1, 0)
    fences.set("a", 1)
    assert fences.highest("a") == 3


def test_the_runs_of_which_something_was_heard_last_are_remembered() -> None:
    fences = Fences((str(run), 1) for run in range(KNOWN))
    fences.set("0", 1)
    fences.set("new", 2)
    assert (fences.highest("0"), fences.highest("1"), fences.highest("new")) == (1, 0, 2)
