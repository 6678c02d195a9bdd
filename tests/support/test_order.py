"""Files of whole programs and of browsers are spread over the others, and none comes last."""

from __future__ import annotations

from pathlib import Path

from tests.support.order import LONG, mixed

ROOT = Path(__file__).resolve().parents[2]


def test_those_that_wait_and_those_that_draw_are_spread_over_those_that_compute() -> None:
    others = [f"tests/{folder}/{at}" for folder in "az" for at in range(10)]
    drawing = ["tests/webui/browser/x", "tests/webui/browser/y"]
    files = [*others[:10], "tests/e2e/x", "tests/e2e/y", *others[10:], *drawing]
    found = mixed(files)
    assert sorted(found) == sorted(files)
    assert [file for file in found if file not in others] == ["tests/e2e/x", drawing[0], "tests/e2e/y", drawing[1]]
    assert [found.index(file) for file in ("tests/e2e/x", "tests/e2e/y", drawing[1])] == [0, 9, 14]
    assert [file for file in found if file in others] == others


def test_long_ones_are_there_and_come_first() -> None:
    assert [file for file in LONG if not (ROOT / file).is_file()] == []
    assert mixed(["tests/e2e/a", *LONG]) == [*LONG, "tests/e2e/a"]


def test_one_kind_alone_keeps_its_order() -> None:
    for folder in ("e2e", "webui/browser", "plan"):
        assert mixed([f"tests/{folder}/x", f"tests/{folder}/a"]) == [f"tests/{folder}/x", f"tests/{folder}/a"]
    assert mixed([]) == []
