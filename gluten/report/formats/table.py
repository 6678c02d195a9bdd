"""Aligned columns of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def align(rows: Sequence[Sequence[str]], how: str, indent: str = "  ") -> Iterator[str]:
    """The rows with columns two spaces apart, `how` holding `<` or `>` for each column."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(how))]
    for row in rows:
        cells = (f"{cell:{side}{width}}" for cell, side, width in zip(row, how, widths, strict=True))
        yield (indent + "  ".join(cells)).rstrip()
