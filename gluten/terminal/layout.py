"""How the parts of the live view share a window. Pure.

What matters most gets its lines first. Then each part may say all that it has. What is left goes to those that can use
more: charts, histogram, events.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gluten.terminal.terminal import width

GAP = "   "
"""Between two columns."""
SPARE = 12
"""With fewer spare lines there is no empty line in front of a table."""
_STYLED = re.compile("\x1b\\[[0-9;]*m")


class Panel(NamedTuple):
    """A part of the view. The lower its `rank`, the more it matters. Without `least` lines it is left out, with `want`
    it says all, and it can fill `most`. `draw` gets the columns and the lines. `apart`: an empty line may go before
    it."""

    rank: int
    least: int
    want: int
    most: int
    draw: Callable[[int, int], list[str]]
    apart: bool = False


def heights(panels: Sequence[Panel], room: int) -> list[int]:
    """The lines of each panel, `room` in all at most."""
    given = _needed(panels, room)
    left = room - sum(given)
    while left > 0 and (growing := [at for at in _ranked(panels) if 0 < given[at] < panels[at].most]):
        for at in growing[:left]:
            given[at] += 1
        left = room - sum(given)
    return given


def stack(panels: Sequence[Panel], columns: int, room: int) -> list[str]:
    """The panels below each other, in at most `room` lines."""
    needed = _needed(panels, room)
    spare = room - sum(needed)
    apart = [panel.apart and lines > 0 and at > 0 for at, (panel, lines) in enumerate(zip(panels, needed, strict=True))]
    if spare < SPARE:
        apart = [False] * len(panels)
    found: list[str] = []
    for panel, gap, lines in zip(panels, apart, heights(panels, room - sum(apart)), strict=True):
        found += [""] * gap + panel.draw(columns, lines)[:lines] if lines else []
    return found


def beside(left: Sequence[str], right: Sequence[str], columns: int) -> list[str]:
    """Two columns. The left one is `columns` wide."""
    count = max(len(left), len(right))
    rows = zip([*left, *[""] * (count - len(left))], [*right, *[""] * (count - len(right))], strict=True)
    return [(one + " " * (columns - shown_width(one)) + GAP + other).rstrip() if other else one for one, other in rows]


def shown_width(text: str) -> int:
    """The width of a line, without its styles."""
    return width(_STYLED.sub("", text))


def _ranked(panels: Sequence[Panel]) -> list[int]:
    return sorted(range(len(panels)), key=lambda at: panels[at].rank)


def _needed(panels: Sequence[Panel], room: int) -> list[int]:
    """What each panel needs, then what it wants, as far as there is room."""
    given = [0] * len(panels)
    for at in _ranked(panels):
        if panels[at].least <= room - sum(given):
            given[at] = panels[at].least
    for at in _ranked(panels):
        if given[at] or not panels[at].least:
            given[at] += max(0, min(panels[at].want - given[at], room - sum(given)))
    return given
