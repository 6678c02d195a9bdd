"""The grammar of `{{…}}`: a text becomes constants and holes, and a hole becomes words.

Words are separated by spaces. A word with spaces or braces stands in quotes, single or double. A column with an odd
name is `FEED['odd name']`. What is in quotes is always a text, so `{{'{{'}}` is a literal `{{`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gluten.errors import WorkloadError

_TOKEN = re.compile(
    r"""\s*(?:(?P<end>\}\})"""
    r"""|(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'"""
    r"""|(?P<bare>(?:[^\s"'{}\[\]]|\[(?:'[^']*'|"[^"]*")\])+))(?=\s|\}\}))"""
)
_OF_OTHERS = re.compile(r"\$\{([^{}]{0,60})\}")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Hole:
    """One `{{…}}`: its words, and how it was written."""

    words: tuple[Word, ...]
    source: str


def split(text: str) -> Iterator[str | Hole]:
    """Constants and holes in their order. Raises `WorkloadError`."""
    position = 0
    while (start := text.find("{{", position)) >= 0:
        if start > position:
            yield _constant(text[position:start])
        hole, position = _hole(text, start)
        yield hole
    if position < len(text):
        yield _constant(text[position:])


def shown(text: str) -> str:
    """The text as a message quotes it: on one line, and not too long."""
    line = text if text.isprintable() else repr(text)[1:-1]
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _constant(text: str) -> str:
    if found := _OF_OTHERS.search(text):
        name = shown(found[1].strip() or "x")
        raise WorkloadError(f"${{{name}}} is not filled in: write {{{{{name}}}}} (a literal ${{ is {{{{'${{'}}}})")
    return text


def _hole(text: str, start: int) -> tuple[Hole, int]:
    words: list[Word] = []
    position = start + 2
    while (token := _TOKEN.match(text, position)) and token["end"] is None:
        words.append(_word(token))
        position = token.end()
    if token is None:
        raise WorkloadError(_wrong(text, start, position))
    source = text[start : token.end()]
    if not words:
        raise WorkloadError(f"{shown(source)} is empty: write {{{{NAME}}}}, or {{{{'{{{{'}}}} for a literal {{{{")
    return Hole(tuple(words), source), token.end()


def _word(token: re.Match[str]) -> Word:
    if token["bare"] is not None:
        return Word(token["bare"], False)
    return Word(token["double"] if token["double"] is not None else token["single"], True)


def _wrong(text: str, start: int, position: int) -> str:
    source = shown(text[start:])
    if "}}" not in text[position:]:
        return f"{source}: {{{{ is not closed with }}}} (a literal {{{{ is {{{{'{{{{'}}}})"
    rest = shown(text[position:].lstrip())
    return f"{source}: cannot read {rest}: words are separated by spaces, and stand in quotes if they have odd signs"
