"""Files of whole programs are spread over the others, and none comes last."""

from __future__ import annotations

from tests.support.order import mixed


def test_those_that_wait_are_spread_over_those_that_compute() -> None:
    others = [f"tests/{folder}/{at}" for folder in "az" for at in range(10)]
    files = [*others[:10], "tests/e2e/x", "tests/e2e/y", *others[10:]]
    found = mixed(files)
    assert sorted(found) == sorted(files)
    assert [found.index("tests/e2e/x"), found.index("tests/e2e/y")] == [0, 10]
    assert [file for file in found if file in others] == others


def test_one_kind_alone_keeps_its_order() -> None:
    assert mixed(["tests/e2e/x", "tests/e2e/a"]) == ["tests/e2e/x", "tests/e2e/a"]
    assert mixed(["tests/b", "tests/a"]) == ["tests/b", "tests/a"]
    assert mixed([]) == []
