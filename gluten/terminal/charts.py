"""Charts of characters: columns over time, and the histogram of response times. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gluten.stats.heatmap import BANDS
from gluten.terminal.terminal import LABEL, Span, Theme, line
from gluten.units import format_micros

_FIGURES = 20
"""Columns for a count and its share."""


def column_chart(
    values: Sequence[float],
    expected: float,
    columns: int,
    rows: int,
    words: Callable[[float], str],
    name: str,
    theme: Theme,
) -> list[str]:
    """The last values from zero to the greatest of them: a column each, or more where the `expected` number of values
    has room. In one row `name` stands before it; with more, the greatest value, too, and the zero."""
    room = max(0, columns - LABEL - 1)
    each = max(1, int(room / expected)) if expected else 1
    shown = [value for value in list(values)[-max(1, room // each) :] for _ in range(each)] if room else []
    most = max(shown, default=0.0)
    top = f"{name:<4}{words(most):>{LABEL - 4}}" if rows > 1 else name
    labels = [top, *[""] * (rows - 2), *(["0".rjust(LABEL)] if rows > 1 else [])]
    drawn = _rows(shown, most, rows, theme.blocks)
    return [
        line([(f"{label:<{LABEL}} ", "dim"), (text, "line")], columns, theme)
        for label, text in zip(labels, drawn, strict=True)
    ]


def _rows(values: Sequence[float], most: float, rows: int, blocks: str) -> list[str]:
    """From the top. Each character is as high as `blocks` has steps; zero is the lowest of them."""
    steps = len(blocks)
    levels = [round(value / most * (rows * steps - 1)) + 1 if most else 1 for value in values]
    return ["".join(_block(level - row * steps, blocks) for level in levels) for row in range(rows - 1, -1, -1)]


def _block(level: int, blocks: str) -> str:
    return " " if level <= 0 else blocks[min(level, len(blocks)) - 1]


def histogram(bands: Mapping[int, int], columns: int, lines: int, theme: Theme) -> list[str]:
    """A head, and a line for each group of bands: its upper end, a bar, how many, and their share. The groups begin at
    fixed times, so they stay where they are while the counts rise."""
    head: list[Span] = [(f"{'histogram':<{LABEL}} ", "dim"), ("response times so far, up to", "dim")]
    groups, step = _groups(bands, lines - 1)
    total, most = sum(groups.values()), max(groups.values(), default=0)
    found = [line(head, columns, theme)]
    for group in range(min(groups), max(groups) + 1):
        count = groups.get(group, 0)
        end = format_micros(2 ** ((group + 1) * step / BANDS))
        found.append(_bar_line(f"{end:>{LABEL}} ", count, most, total, columns, theme))
    return found


def _groups(bands: Mapping[int, int], lines: int) -> tuple[dict[int, int], int]:
    """The counts by group of `step` bands each, the fewest with which they fit into the lines."""
    step = 1
    while max(bands) // step - min(bands) // step >= max(1, lines):
        step += 1
    groups: dict[int, int] = {}
    for band, count in bands.items():
        groups[band // step] = groups.get(band // step, 0) + count
    return groups, step


def share_line(label: str, count: int, total: int, columns: int, theme: Theme) -> str:
    """A count, its share of the total, and a bar of that."""
    return _bar_line(label, count, total, total, columns, theme)


def _bar_line(label: str, count: int, most: int, total: int, columns: int, theme: Theme) -> str:
    room = max(0, columns - len(label) - _FIGURES)
    length = max(round(count / most * room), 1) if count and most and room else 0
    figures = f"{count:>11,} {count / total if total else 0:>7.1%} "
    return line([(label, "dim"), (figures, "" if count else "dim"), (theme.full * length, "line")], columns, theme)
