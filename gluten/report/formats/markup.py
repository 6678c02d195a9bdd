"""Texts, tables and the parts of a page as HTML, with the classes of the web page. All texts are escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as escape_markup

from gluten.report.formats.webpage import assets

_MARKS = {"✓": "holds", "✗": "missed", "better": "holds", "worse": "missed"}


def page(title: str, body: Sequence[str], foot: str, code: str = "", data: str = "") -> str:
    """One file that needs no other. Its policy blocks all scripts and styles but the ones that it names.

    `code` is a script, or empty. `data` is what the script reads, without any character of markup.
    """
    style = assets.style()
    carried = f'<script type="text/plain" id="data">{data}</script>\n<script>{code}</script>\n' if code else ""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(code, style)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<style>{style}</style>\n</head>\n<body class="report" data-page="run">\n<main class="wrap">\n'
        + "\n".join(body)
        + f'\n</main>\n<footer class="wrap foot">{escape(foot)}</footer>\n{carried}</body>\n</html>\n'
    )


def _policy(code: str, style: str) -> str:
    scripts = f"script-src {assets.digest(code)}; " if code else ""
    return f"default-src 'none'; {scripts}style-src {assets.digest(style)}; base-uri 'none'; form-action 'none'"


def panel(title: str, content: str, kind: str = "", beside: str = "") -> str:
    """A section with a heading. `beside`: HTML beside the heading."""
    head = f"<header><h2>{escape(title)}</h2>{beside}</header>"
    return f"<section{_class('panel', kind)}>{head}{content}</section>"


def part(title: str, content: str) -> str:
    """A section within a panel."""
    return f'<section class="part"><h3>{escape(title)}</h3>{content}</section>'


def badge(text: str, kind: str) -> str:
    return f"<span{_class('badge', kind)}>{escape(text)}</span>"


def notice(content: str, kind: str) -> str:
    """A coloured box. `content` is HTML."""
    return f"<div{_class('notice', kind)}>{content}</div>"


def _class(*names: str) -> str:
    return f' class="{" ".join(filter(None, names))}"'


def listed(texts: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


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
    look = _class("num") if kind == "n" else ""
    return f'<th scope="col"{look}>{escape(value)}</th>'


def _cell(value: str, kind: str) -> str:
    if kind == "h":
        return f'<th scope="row">{escape(value)}</th>'
    look = {"n": "num", "m": f"slo {_MARKS.get(value.partition(' ')[0], '')}".strip()}.get(kind, "wraps")
    return f"<td{_class(look)}>{escape(value)}</td>"
