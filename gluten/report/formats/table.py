"""Aligned columns of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def align(rows: Sequence[Sequence[str]], sides: str, indent: str = "  ") -> Iterator[str]:
    """The rows with aligned columns, two spaces apart. `sides` has `<` (left) or `>` (right) for each column."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(sides))]
    for row in rows:
        cells = (f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True))
        yield (indent + "  ".join(cells)).rstrip()
