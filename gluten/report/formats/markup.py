"""Texts and tables as HTML. All texts are escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as escape_markup

from gluten.report.formats.style import STYLE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MARKS = {"✓": "held", "✗": "missed", "better": "held", "worse": "missed"}


def page(title: str, body: Sequence[str]) -> str:
    """One file that needs no other, and whose policy blocks scripts."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>\n{STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def card(title: str, content: str, kind: str = "") -> str:
    return f'<div class="card {kind}"><h2>{escape(title)}</h2>{content}</div>'


def escape(text: str) -> str:
    """The text with markup escaped, and with `?` in place of control characters."""
    return escape_markup("".join(char if char.isprintable() or char == "\n" else "?" for char in text))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kinds: str) -> str:
    """An HTML table of texts. `kinds` has one letter for each column: h(eader), n(umber), t(ext) or m(ark)."""
    top = "".join(map(_head_cell, head, kinds))
    body = "".join(f"<tr>{''.join(map(_cell, row, kinds))}</tr>" for row in rows)
    start = f"<thead><tr>{top}</tr></thead>" if head else ""
    return f'<div class="scroll"><table>{start}<tbody>{body}</tbody></table></div>'


def _head_cell(value: str, kind: str) -> str:
    return f'<th class="n">{escape(value)}</th>' if kind == "n" else f"<th>{escape(value)}</th>"


def _cell(value: str, kind: str) -> str:
    mark = _MARKS.get(value, "none")
    opening, closing = {
        "h": ('<th scope="row">', "</th>"),
        "n": ('<td class="n">', "</td>"),
        "m": (f'<td class="state {mark}">', "</td>"),
    }.get(kind, ('<td class="text">', "</td>"))
    return f"{opening}{escape(value)}{closing}"
