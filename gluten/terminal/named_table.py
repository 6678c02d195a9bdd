"""A table of named things in the live view: a line for each, its figures at the right edge. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gluten.terminal.terminal import Span, Theme, clean, cut, line, width

Map = Mapping[str, Any]

NARROW = 64
"""In fewer columns than this the less important columns of a table are left out."""
WIDE = 90
"""From this on a table has all its columns."""
LEAST = 3
"""The head and two lines: with less room there is no table."""
_COLUMN = 10


def named_table(
    title: str,
    found: Sequence[Map],
    cells: Callable[[Map], Mapping[str, Span]],
    short: Sequence[str],
    columns: int,
    room: int,
    theme: Theme,
    long: Sequence[str] = (),
) -> list[str]:
    """A head and a line for each of `found`, in at most `room` lines. Those without a line are counted in the last one.
    A single one needs no table.

    `cells` gives the figures of one by the names of the columns; `short` names those for a narrow window, `long` those
    for a wide one alone.
    """
    if len(found) < 2 or room < LEAST:
        return []
    shown = found if len(found) < room else found[: room - 2]
    figures = [cells(one) for one in shown]
    names = [name for name in figures[0] if columns >= WIDE or name not in long] if columns >= NARROW else short
    first = max(columns - _COLUMN * len(names), 1)
    head = [_cell(title, first, "dim", theme), *((f"{name:>{_COLUMN}}", "dim") for name in names)]
    rows = [
        [_cell(one["name"], first, "", theme), *(_figure(known[name]) for name in names)]
        for one, known in zip(shown, figures, strict=True)
    ]
    left = len(found) - len(shown)
    rest: list[list[Span]] = [[(f"and {left} more", "dim")]] if left else []
    return [line(spans, columns, theme) for spans in (head, *rows, *rest)]


def _cell(text: str, columns: int, style: str, theme: Theme) -> Span:
    shown = cut(clean(text), columns, theme.more)
    return shown + " " * (columns - width(shown)), style


def _figure(figure: Span) -> Span:
    return f"{figure[0]:>{_COLUMN}}", figure[1]
