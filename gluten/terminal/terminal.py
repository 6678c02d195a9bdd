"""Text for a terminal: styled spans, cut to the columns; bars. Pure.

Widths are in columns. East Asian wide characters take two columns, and combining characters take none (Unicode's annex
11, by `unicodedata`). Control characters become `?`, so that no text can control the terminal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

Span = tuple[str, str]
"""A text and its style. The style is a key of `STYLES`; an empty one is plain."""
LABEL = 12
"""Columns of what stands at the left edge and says what a line is."""

STYLES = {"": "", "bold": "1", "dim": "2", "good": "32", "warn": "33", "bad": "31", "line": "36"}
"""Codes of Select Graphic Rendition (ECMA-48). The 8 basic colours follow the user's own palette."""


class Theme(NamedTuple):
    """The colours and characters that a terminal can show. `blocks` are in rising order. `marks`: it holds, it is
    missed, it is not known."""

    colour: bool = True
    blocks: str = "▁▂▃▄▅▆▇█"
    full: str = "━"
    rest: str = "─"
    more: str = "…"
    dot: str = " · "
    marks: str = "✓✗·"


ASCII = Theme(True, "_.-=+*#@", "#", "-", "~", " - ", "+x.")
"""For a terminal whose encoding has no block elements."""


def width(text: str) -> int:
    """The width of the text in columns."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clean(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def cut(text: str, columns: int, more: str) -> str:
    """The text in at most `columns` columns. A longer text is cut, and ends with `more`."""
    if width(text) <= columns:
        return text
    kept, left = "", columns - len(more)
    for char in text:
        left -= _columns(char)
        if left < 0:
            break
        kept += char
    return kept + more if columns >= len(more) else ""


def line(spans: Sequence[Span], columns: int, theme: Theme) -> str:
    """The spans in one row, cut to the columns. They have their styles if the theme has colour."""
    out, left = "", columns
    for text, style in spans:
        shown = cut(clean(text), left, theme.more)
        left -= width(shown)
        code = STYLES[style] if theme.colour and shown else ""
        out += f"\x1b[{code}m{shown}\x1b[0m" if code else shown
    return out


def label(text: str) -> Span:
    return f"{text:<{LABEL}} ", "dim"


def justified(left: Sequence[Span], right: Span, columns: int, theme: Theme) -> str:
    """`left` at the left edge and `right` at the right edge. `right` is never cut to make room for `left`."""
    room = columns - width(right[0]) - 1
    if room < 1:
        return line([right], columns, theme)
    used = min(room, sum(width(text) for text, _ in left))
    return line(left, room, theme) + " " * (columns - used - width(right[0])) + line([right], columns, theme)


def bar(share: float, columns: int, theme: Theme) -> list[Span]:
    """A bar of `columns` columns, of which the share `share` (0 to 1) is filled, from the left."""
    filled = round(min(max(share, 0.0), 1.0) * columns)
    return [(theme.full * filled, "line"), (theme.rest * (columns - filled), "dim")]
