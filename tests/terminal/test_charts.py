"""Charts of characters: their scale, and that they keep within their columns."""

from __future__ import annotations

import pytest

from gluten.terminal.charts import column_chart, histogram
from gluten.terminal.terminal import ASCII, Theme, width

PLAIN = Theme(colour=False)
POOR = ASCII._replace(colour=False)


def drawn(values: list[float], columns: int, rows: int, expected: float = 0.0) -> list[str]:
    return column_chart(values, expected, columns, rows, lambda value: f"{value:g}", "p99", PLAIN)


def test_in_one_row_it_is_a_sparkline() -> None:
    # 7 steps: 0 -> the least block, 1/7 of the greatest -> the second, the greatest -> the last
    assert drawn([0, 10, 35, 70], 40, 1) == ["p99          ▁▂▅█"]
    assert drawn([0, 0], 40, 1) == ["p99          ▁▁"]
    assert column_chart([0, 70], 0, 40, 1, str, "p99", POOR) == ["p99          _@"]


def test_in_more_rows_it_says_the_greatest_value_and_has_as_many_steps() -> None:
    # 16 steps in two rows: 0 -> 1, 35 -> round(7.5) + 1 = 9, 70 -> 16
    assert drawn([0, 35, 70], 40, 2) == ["p99       70  ▁█", "           0 ▁██"]


def test_the_last_values_are_shown_in_as_many_columns_as_there_are() -> None:
    assert drawn([7, 0, 7], 15, 1) == ["p99          ▁█"]
    assert drawn([7, 0, 7], 13, 1) == ["p99          "]


def test_a_short_run_uses_the_whole_width_in_the_end() -> None:
    assert drawn([7, 0], 13 + 9, 1, expected=3) == ["p99          ███▁▁▁"]
    assert drawn([7, 0], 13 + 2, 1, expected=3) == ["p99          █▁"]


def test_a_chart_without_values_is_empty() -> None:
    assert drawn([], 40, 2) == ["p99        0 ", "           0 "]
    assert drawn([0], 40, 1) == ["p99          ▁"]


@pytest.mark.parametrize("theme", [PLAIN, POOR])
@pytest.mark.parametrize("columns", [1, 13, 20, 45, 200])
@pytest.mark.parametrize("rows", [1, 2, 9])
def test_a_chart_keeps_within_its_columns_and_rows(columns: int, rows: int, theme: Theme) -> None:
    lines = column_chart([float(37 * at % 101) for at in range(300)], 60, columns, rows, str, "p99", theme)
    assert len(lines) == rows
    assert max(map(width, lines)) <= columns
    assert theme is PLAIN or "".join(lines).isascii()


def test_a_histogram_has_a_line_for_each_band_with_its_upper_end_and_share() -> None:
    # Band 40 is from 2^10 to 2^10.25 us, band 42 ends at 2^10.75 = 1722 us. The bar has 60 - 13 - 20 = 27 columns.
    head, first, second, third = histogram({40: 30, 42: 10}, 60, 10, PLAIN)
    assert head.split() == ["histogram", "response", "times", "so", "far,", "up", "to"]
    assert first == "      1.22ms          30   75.0% " + "━" * 27
    assert second == "      1.45ms           0    0.0% "
    assert third == "      1.72ms          10   25.0% " + "━" * 9


def test_with_few_lines_bands_are_added_up_and_none_is_lost() -> None:
    bands = {band: band for band in range(20, 60)}
    for lines in range(2, 50):
        found = histogram(bands, 60, lines, PLAIN)
        assert len(found) <= lines
        assert sum(int(text.split()[1].replace(",", "")) for text in found[1:]) == sum(bands.values())


def test_groups_of_bands_begin_at_the_same_times_whatever_is_counted() -> None:
    ends = [text.split()[0] for text in histogram(dict.fromkeys(range(20, 60), 1), 60, 11, PLAIN)[1:]]
    again = [text.split()[0] for text in histogram(dict.fromkeys(range(23, 60), 7), 60, 11, PLAIN)[1:]]
    assert again == ends


def test_what_is_rare_still_has_a_bar() -> None:
    assert histogram({40: 1_000_000, 41: 1}, 60, 10, PLAIN)[2].endswith("0.0% ━")
