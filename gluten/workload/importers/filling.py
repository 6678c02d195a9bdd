"""What is written at a spot: its text, with templates for what was taken, and variables for what is secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from gluten.workload.importers.hiding import Hidden, secrets_in
from gluten.workload.importers.names import identifier, singular
from gluten.workload.importers.spots import ENCODED, FIELD, JSON, NUMBER, PATH, QUERY, REFERENCE, Spot
from gluten.workload.importers.strength import STRONG, is_called_id, strength
from gluten.workload.importers.toml_text import literal


@dataclass(frozen=True)
class Taken:
    """A value under its name. `weak`: it is known only where it stands alone, in a path or under one of the names
    `called`, or under one that is called an id."""

    name: str
    value: str
    weak: bool = False
    called: frozenset[str] = frozenset()

    def fits(self, spot: Spot) -> bool:
        """Whether the value may be what stands at the spot, as a whole or, if it is strong, as a part."""
        if not self.weak:
            return True
        if spot.text != self.value:
            return False
        return spot.kind == PATH or is_called_id(spot.name) or singular(identifier(spot.name)) in self.called


_NAMED = (FIELD, QUERY, JSON)
_TOKEN = re.compile(r"[A-Za-z0-9_\-.~+=]+")


class _Part(NamedTuple):
    start: int
    end: int
    words: str
    """Of the template."""


class Filling:
    """Writes the spots of one call. `used` are the names of taken values that it has written."""

    def __init__(self, holds: Sequence[Taken], hidden: Hidden, base: str, label: str) -> None:
        self._holds = sorted(holds, key=lambda taken: -len(taken.value))
        self._known = sorted(hidden.known().items(), key=lambda pair: -len(pair[0]))
        self._hidden, self._base, self._label = hidden, base, label
        self.used: set[str] = set()
        self.loose: list[str] = []
        """The names of values that look like tokens, and that nothing is known of."""

    def write(self, spot: Spot) -> str:
        if spot.kind == REFERENCE:
            return self._reference(spot.raw)
        parts = self._taken(spot)
        parts += self._secret(spot, parts)
        if not parts and spot.kind in _NAMED and _TOKEN.fullmatch(spot.text) and strength(spot.text) >= 2 * STRONG:
            self.loose.append(spot.name)
        return _written(spot, sorted(parts))

    def _reference(self, path: str) -> str:
        for taken in self._holds:
            if taken.value in (path, self._base + path):
                self.used.add(taken.name)
                return f"{{{{{taken.name}}}}}"
        return ""

    def _taken(self, spot: Spot) -> list[_Part]:
        parts: list[_Part] = []
        for taken in self._holds:
            if taken.fits(spot):
                found = [_Part(start, end, taken.name) for start, end in _places(spot, taken.value)]
                parts += [part for part in found if _is_free(part, parts)]
        self.used |= {part.words for part in parts}
        return parts

    def _secret(self, spot: Spot, taken: Sequence[_Part]) -> list[_Part]:
        parts: list[_Part] = []
        for secret in secrets_in(spot):
            part = _Part(secret.start, secret.end, "")
            if _is_free(part, taken):
                where = f"{spot.kind} {spot.name}".strip()
                name = self._hidden.name(secret.value, secret.name, f"{where} of {self._label}")
                parts.append(part._replace(words=f"env {name}"))
        for value, name in self._known:
            found = [_Part(start, end, f"env {name}") for start, end in _places(spot, value)]
            parts += [part for part in found if _is_free(part, (*taken, *parts))]
        return parts


def _places(spot: Spot, value: str) -> Iterator[tuple[int, int]]:
    """Where the value stands by itself: no letter or digit is beside it."""
    if len(spot.raw) < len(value) or (spot.kind not in ENCODED and value not in spot.raw):
        return
    if spot.text == value:
        yield 0, len(spot.raw)
        return
    forms = {value, quote(value, safe=""), quote_plus(value)} if spot.kind in ENCODED else {value}
    for form in sorted((form for form in forms if form in spot.raw), key=len, reverse=True):
        pattern = rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])"
        yield from (found.span() for found in re.finditer(pattern, spot.raw))


def _is_free(part: _Part, parts: Sequence[_Part]) -> bool:
    return part.start < part.end and all(part.end <= one.start or one.end <= part.start for one in parts)


def _written(spot: Spot, parts: Sequence[_Part]) -> str:
    if spot.kind == NUMBER:
        return f"{{{{raw {parts[0].words}}}}}" if parts else spot.raw
    text, position = "", 0
    for part in parts:
        text += literal(spot.raw[position : part.start]) + f"{{{{{part.words}}}}}"
        position = part.end
    return text + literal(spot.raw[position:])
