"""The table by request in a terminal: within the window, and within its columns."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.terminal.requests import table
from gluten.terminal.terminal import Theme, width
from tests.terminal.test_live import live, row, shown, update

PLAIN = Theme(colour=False)


def found(name: str, **more: Any) -> dict[str, Any]:
    figures = {"name": name, "completed": 1200, "good": 1190, "failed": 2, "rate": 40.0, "p50": 1000, "p99": 4000}
    return figures | more


SHOP = [found("home"), found("search", failed=0, good=1200), found("order", completed=0, good=0)]


def test_each_request_has_its_figures() -> None:
    head, home, search, order = table(SHOP, 80, 20, PLAIN)
    assert head.split() == ["by", "request", "requests", "req/s", "p50", "p99", "errors"]
    assert home.split() == ["home", "1,200", "40.00", "1.00ms", "4.00ms", "12"]
    assert search.split()[-1] == "0"
    assert order.split() == ["order", "0", "40.00", "2"]


def test_errors_are_marked() -> None:
    _, home, search, _ = table(SHOP, 80, 20, Theme())
    assert "\x1b[31m        12\x1b[0m" in home
    assert "\x1b[31m" not in search


@pytest.mark.parametrize("room", [0, 1, 2, 3, 4, 5, 70])
def test_it_keeps_within_its_room_and_counts_what_it_leaves_out(room: int) -> None:
    many = [found(f"request {number}") for number in range(64)]
    lines = table(many, 80, room, PLAIN)
    assert len(lines) <= room
    if lines and room < 65:
        assert lines[-1] == f"and {64 - (room - 2)} more"
    elif lines:
        assert len(lines) == 65


@pytest.mark.parametrize("columns", [1, 20, 40, 63, 64, 200])
def test_it_keeps_within_its_columns(columns: int) -> None:
    named = [found("a name that is very long, longer than any column could be, 日本"), *SHOP]
    assert all(width(text) <= columns for text in table(named, columns, 20, PLAIN))


def test_a_name_does_not_control_the_terminal() -> None:
    assert "\x1b" not in "".join(table([found("a\x1b[2J"), *SHOP], 80, 20, PLAIN))


def test_a_run_of_one_request_has_no_table() -> None:
    assert table(SHOP[:1], 80, 20, PLAIN) == []
    assert not any("by request" in text for text in shown(live(update(row(0)))))


def test_the_view_shows_it_as_far_as_the_window_is_high() -> None:
    made = live(update(row(0), by_request=SHOP))
    lines = shown(made)
    at = next(place for place, text in enumerate(lines) if text.startswith("by request"))
    assert [text.split()[0] for text in lines[at + 1 :]] == ["home", "search", "order"]
    most = 0
    for height in range(1, 24):
        lines = shown(made, height=height)
        assert len(lines) <= height
        count = sum(text.startswith(("home", "search", "order")) for text in lines)
        assert count >= most
        most = count
    assert most == 3


def test_a_wide_window_has_p95_too() -> None:
    named = [found("home", p95=3000), found("search", p95=2500)]
    head, home, _ = table(named, 90, 20, PLAIN)
    assert head.split()[4:] == ["p50", "p95", "p99", "errors"]
    assert home.split()[3:] == ["1.00ms", "3.00ms", "4.00ms", "12"]
    assert "p95" not in table(named, 89, 20, PLAIN)[0]
