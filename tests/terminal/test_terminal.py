"""Text for a terminal: never wider than it, never steering it."""

from __future__ import annotations

import re

import pytest

from gluten.terminal.terminal import ASCII, Theme, bar, cut, justified, line, width

PLAIN = Theme(colour=False)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("é", 1), ("e\u0301", 1), ("漢字", 4), ("▁▂", 2), ("", 0)],
)
def test_a_text_s_width_is_what_the_terminal_gives_it(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize("columns", range(12))
@pytest.mark.parametrize("text", ["checkout", "漢字漢字", "a漢b字"])
def test_nothing_is_wider_than_its_room(text: str, columns: int) -> None:
    assert width(cut(text, columns, "…")) <= columns
    assert width(line([(text, ""), (text, "")], columns, PLAIN)) <= columns


def test_what_is_cut_says_so() -> None:
    assert cut("checkout", 5, "…") == "chec…"
    assert cut("check", 5, "…") == "check"


def test_a_control_character_does_not_reach_the_terminal() -> None:
    assert line([("\x1b[2Jname\r\n\x9b", "")], 40, PLAIN) == "?[2Jname???"


def test_styles_are_left_out_without_colour() -> None:
    spans = [("bad ", "bad"), ("plain", "")]
    assert line(spans, 40, PLAIN) == "bad plain"
    assert line(spans, 40, Theme()) == "\x1b[31mbad \x1b[0mplain"


def test_what_stands_on_the_right_ends_in_the_last_column() -> None:
    for columns in (10, 20, 60):
        made = justified([("a long name of a run", "bold")], ("running", "good"), columns, PLAIN)
        assert width(made) == columns
        assert made.endswith(" running")


@pytest.mark.parametrize(("share", "drawn"), [(0, "────"), (0.5, "━━──"), (1, "━━━━"), (7, "━━━━"), (-1, "────")])
def test_a_bar_is_filled_by_its_share(share: float, drawn: str) -> None:
    assert line(bar(share, 4, PLAIN), 4, PLAIN) == drawn


def test_ascii_is_ascii() -> None:
    assert "".join((ASCII.blocks, ASCII.full, ASCII.rest, ASCII.more, ASCII.dot)).isascii()
    assert re.fullmatch("#+-+", line(bar(0.5, 8, ASCII), 8, Theme(False, full="#", rest="-")))
