"""How the parts of the view share a window."""

from __future__ import annotations

import pytest

from gluten.terminal.layout import Panel, beside, heights, shown_width, stack


def panel(rank: int, least: int, want: int, most: int, name: str = "x", apart: bool = False) -> Panel:
    return Panel(rank, least, want, most, lambda columns, lines: [name * columns] * lines, apart)


CHART, TIMES, TABLE = panel(1, 1, 2, 9), panel(2, 3, 3, 3), panel(3, 3, 6, 6)


@pytest.mark.parametrize(
    ("room", "given"),
    [
        (0, [0, 0, 0]),
        (1, [1, 0, 0]),
        (3, [3, 0, 0]),  # the chart takes what is too little for the times
        (4, [1, 3, 0]),
        (6, [3, 3, 0]),  # 1 + 3, then the chart has what it wants, and more, because the table has no room
        (7, [1, 3, 3]),
        (8, [2, 3, 3]),  # the chart has what it wants before the table has
        (11, [2, 3, 6]),
        (15, [6, 3, 6]),  # the chart alone can use more
        (99, [9, 3, 6]),
    ],
)
def test_what_matters_has_its_lines_first(room: int, given: list[int]) -> None:
    assert heights([CHART, TIMES, TABLE], room) == given


def test_lines_go_by_rank_and_not_by_order() -> None:
    assert heights([TABLE, CHART], 3) == [0, 3]
    assert heights([TABLE, CHART], 4) == [3, 1]


def test_panels_that_can_use_more_get_equal_shares() -> None:
    assert heights([panel(1, 1, 1, 9), panel(2, 1, 1, 9), panel(3, 1, 1, 2)], 12) == [5, 5, 2]


@pytest.mark.parametrize("room", range(40))
def test_a_stack_never_exceeds_its_room(room: int) -> None:
    panels = [CHART, panel(4, 1, 4, 4, apart=True), TIMES, panel(5, 3, 6, 6, apart=True)]
    assert len(stack(panels, 3, room)) <= room


def test_with_lines_to_spare_an_empty_one_goes_before_a_table() -> None:
    head, table = panel(1, 1, 1, 1, "a"), panel(2, 2, 2, 2, "b", apart=True)
    assert stack([head, table], 1, 14) == ["a", "b", "b"]
    assert stack([head, table], 1, 15) == ["a", "", "b", "b"]
    assert stack([table, head], 1, 15) == ["b", "b", "a"]


def test_two_columns_stand_beside_each_other_whatever_their_styles() -> None:
    red = "\x1b[31mred\x1b[0m"
    assert beside([red, "x"], ["one", "", "three"], 5) == [f"{red}     one", "x", "        three"]
    assert shown_width(red) == 3
