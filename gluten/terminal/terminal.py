"""Text for a terminal: styled spans cut to its columns, sparklines, bars. Pure.

Widths are columns: East Asian wide characters take two, combining ones none (Unicode's annex 11, by `unicodedata`).
Nothing that is shown can steer a terminal: control characters become `?`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[str, str]
"""A text and its style: a key of `STYLES`, empty for plain."""

STYLES = {"": "", "bold": "1", "dim": "2", "good": "32", "warn": "33", "bad": "31", "line": "36"}
"""Select Graphic Rendition (ECMA-48), in the 8 colours that people's own palettes define."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a terminal can show. `blocks` rise from the least to the greatest."""

    colour: bool = True
    blocks: str = "▁▂▃▄▅▆▇█"
    full: str = "━"
    rest: str = "─"
    more: str = "…"
    dot: str = " · "


ASCII = Look(True, "_.-=+*#@", "#", "-", "~", " - ")
"""For a terminal whose encoding has no block elements."""


def width(text: str) -> int:
    """Columns."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clean(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def cut(text: str, columns: int, more: str) -> str:
    """The text in at most `columns`, its end as `more` where it was longer."""
    if width(text) <= columns:
        return text
    kept, left = "", columns - len(more)
    for char in text:
        left -= _columns(char)
        if left < 0:
            break
        kept += char
    return kept + more if columns >= len(more) else ""


def line(spans: Sequence[Span], columns: int, look: Look) -> str:
    """The spans in a row, cut to the columns, with their styles if the look has colour."""
    out, left = "", columns
    for text, style in spans:
        shown = cut(clean(text), left, look.more)
        left -= width(shown)
        code = STYLES[style] if look.colour and shown else ""
        out += f"\x1b[{code}m{shown}\x1b[0m" if code else shown
    return out


def apart(left: Sequence[Span], right: Span, columns: int, look: Look) -> str:
    """`left` from the first column and `right` up to the last, which is never cut."""
    room = columns - width(right[0]) - 1
    if room < 1:
        return line([right], columns, look)
    used = min(room, sum(width(text) for text, _ in left))
    return line(left, room, look) + " " * (columns - used - width(right[0])) + line([right], columns, look)


def spark(values: Sequence[float], columns: int, blocks: str) -> str:
    """The last values as one character each, from zero to the greatest of them."""
    shown = list(values)[-columns:] if columns > 0 else []
    most = max(shown, default=0.0)
    steps = len(blocks) - 1
    return "".join(blocks[round(value / most * steps) if most else 0] for value in shown)


def bar(share: float, columns: int, look: Look) -> list[Span]:
    """A bar of so many columns, filled from the left by `share` (0 to 1)."""
    filled = round(min(max(share, 0.0), 1.0) * columns)
    return [(look.full * filled, "line"), (look.rest * (columns - filled), "dim")]
