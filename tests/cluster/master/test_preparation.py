"""Who has a run's files, and how long the others are waited for."""

from __future__ import annotations

import pytest

from gluten.cluster.master.preparation import AGAIN, PATIENCE, STALLED, Preparation

HERE = [("a", "id-a"), ("b", "id-b")]


def preparation(size: int = 0) -> Preparation:
    return Preparation("run", {"x" * 64: False}, size, dict(HERE), 100.0)


def test_those_that_answered_are_ready() -> None:
    one = preparation()
    assert one.answered("a", "id-a", "") == ""
    assert (one.ready, one.waiting) == ({"a"}, ["b"])
    assert one.answered("b", "id-b", "its disk is full") == "its disk is full"
    assert (one.ready, one.waiting, one.left_out) == ({"a"}, [], {"b": "its disk is full"})


@pytest.mark.parametrize(("name", "node"), [("c", "id-c"), ("a", "another process")])
def test_an_answer_of_another_node_changes_nothing(name: str, node: str) -> None:
    one = preparation()
    assert one.answered(name, node, "") == ""
    assert one.waiting == ["a", "b"]


def test_who_does_not_answer_is_asked_again() -> None:
    one = preparation()
    assert one.ask_again(100.0 + AGAIN - 0.1) == []
    one.answered("a", "id-a", "")
    assert one.ask_again(100.0 + AGAIN) == ["b"]
    assert one.ask_again(100.0 + AGAIN + 0.1) == []


@pytest.mark.parametrize(
    ("present", "after", "why"),
    [
        (HERE[:1], 0.0, "it is gone"),
        ([HERE[0], ("b", "another process")], 0.0, "it is gone"),
        (HERE, STALLED + 0.1, "it did not ask for a part for 30 s"),
        (HERE, STALLED - 0.1, ""),
    ],
)
def test_a_node_is_left_out_with_its_reason(present: list[tuple[str, str]], after: float, why: str) -> None:
    one = preparation()
    one.answered("a", "id-a", "")
    assert one.leave_out(present, 100.0 + after) == ({"b": why} if why else {})


def test_a_node_that_asks_for_parts_is_waited_for_by_the_size_of_the_files() -> None:
    size = 60 << 20
    one, at = preparation(size), 100.0
    while at < 100.0 + PATIENCE + 60 - 10:
        at += 10.0
        one.heard("a", at)
        one.heard("b", at)
        assert one.leave_out(HERE, at) == {}
    assert set(one.leave_out(HERE, at + 10.1).values()) == {"it took too long"}
