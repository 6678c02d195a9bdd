"""The nodes in the view: sorted, each in its place."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.terminal.nodes import node_line, node_table
from gluten.terminal.terminal import Theme, width
from tests.terminal.test_live import live, row, shown, update

PLAIN = Theme(colour=False)


def part(completed: int = 50, cpu: float = 0.25) -> dict[str, Any]:
    return {"completed": completed, "cpu": cpu, "in_flight": 3}


def names(lines: list[str]) -> list[str]:
    return [text.split()[0] for text in lines]


def test_a_line_has_them_in_order_and_all_if_they_fit() -> None:
    nodes = {name: part() for name in ("slave-10", "master", "slave-2")}
    assert node_line(nodes, 80, PLAIN) == [
        "3 nodes      master 50.00/s 25%   slave-2 50.00/s 25%   slave-10 50.00/s 25%   "
    ]
    assert node_line(nodes, 70, PLAIN) == ["3 nodes      master 50.00/s 25%   slave-2 50.00/s 25%   and 1 more"]


def test_a_table_has_each_node_in_its_place_whatever_order_they_report_in() -> None:
    seen = {name: (4, part()) for name in ("slave-10", "master", "slave-2")}
    assert names(node_table(seen, 4, 80, 20, PLAIN)) == ["by", "master", "slave-2", "slave-10"]
    assert names(node_table(dict(reversed(seen.items())), 4, 80, 20, PLAIN)) == ["by", "master", "slave-2", "slave-10"]


def test_a_node_that_reports_no_more_keeps_its_line() -> None:
    seen = {"a": (4, part()), "b": (2, part(77))}
    _, first, second = node_table(seen, 4, 80, 20, PLAIN)
    assert first.split() == ["a", "50.00", "3", "25%"]
    assert second.split() == ["b", "no", "report"]


def test_a_busy_generator_is_marked() -> None:
    _, busy, calm = node_table({"a": (0, part(cpu=0.95)), "b": (0, part())}, 0, 80, 20, Theme())
    assert "\x1b[33m" in busy
    assert "\x1b[33m" not in calm


def both(second: int, *names: str) -> dict[str, Any]:
    return row(second, 50 * len(names), nodes={name: part() for name in names})


def test_the_view_keeps_a_lost_node_in_its_place() -> None:
    made = live(update(both(0, "b", "a", "c"), both(1, "c", "a"), both(2, "c", "a")))
    lines = shown(made, 80, 40)
    at = next(place for place, text in enumerate(lines) if text.startswith("by node"))
    assert names(lines[at + 1 : at + 4]) == ["a", "b", "c"]
    assert "no report" in lines[at + 2]


def test_a_run_of_one_node_has_neither() -> None:
    assert not [text for text in shown(live(update(row(0))), 80, 40) if "node" in text]


@pytest.mark.parametrize("columns", [1, 20, 63, 64, 200])
def test_it_keeps_within_its_columns(columns: int) -> None:
    nodes = {f"a node with a long name {at}, 日本": part() for at in range(9)}
    seen = {name: (0, found) for name, found in nodes.items()}
    lines = node_line(nodes, columns, PLAIN) + node_table(seen, 0, columns, 6, PLAIN)
    assert all(width(text) <= columns for text in lines)
