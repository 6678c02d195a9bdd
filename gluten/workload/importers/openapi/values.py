"""A value for a schema: its example or default, else templates that draw one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from gluten.workload.importers.openapi.tree import Tree, items, table, text
from gluten.workload.importers.toml_text import literal
from gluten.workload.json_text import Number

DEEPEST = 6
MOST_MEMBERS, MOST_CHOICES, MOST_VALUES = 60, 20, 500
_LARGEST = 10**17
_FORMATS = {
    "date-time": "{{now}}", "date": "2030-01-15", "time": "12:00:00Z", "duration": "PT1H",
    "email": "{{text 8}}@example.com", "idn-email": "{{text 8}}@example.com", "uri": "https://example.com/{{text 8}}",
    "url": "https://example.com/{{text 8}}", "uri-reference": "/{{text 8}}", "uuid": "{{uuid}}", "guid": "{{uuid}}",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "hostname": "example.com", "byte": "{{base64 'example'}}",
    "password": "{{text 12}}",
}  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z0-9_.:/+-]+")


class Values:
    """Makes values with templates in their texts. `{{raw …}}` stands for a number or a truth."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._open: list[str] = []
        """The schemas, by reference, that a value is being made for: one inside of itself is left out."""
        self._left = MOST_VALUES

    def begin(self) -> None:
        """Another request: what one may have is bounded."""
        self._left = MOST_VALUES

    def of(self, schema: Any, depth: int = 0) -> Any:
        found = self.merged(schema)
        self._left -= 1
        for known in (*_given(found), *(_enum(found) or ())):
            return known
        self._open.append(_reference(schema))
        try:
            return self._drawn(found, depth)
        finally:
            self._open.pop()

    def merged(self, schema: Any, depth: int = 0) -> dict[str, Any]:
        """The schema with all of `allOf`, and the first of `oneOf` or `anyOf`."""
        found = dict(self._tree.table(schema))
        parts = items(found.pop("allOf", None))[:MOST_MEMBERS]
        parts += (items(found.pop("oneOf", None)) or items(found.pop("anyOf", None)))[:1]
        for part in parts if depth < DEEPEST and self._left > 0 else []:
            self._left -= 1
            inner = self.merged(part, depth + 1)
            properties = {**table(inner.get("properties")), **table(found.get("properties"))}
            required = [*items(inner.get("required")), *items(found.get("required"))]
            found = {**inner, **found, "properties": properties, "required": required}
        return found

    def _drawn(self, schema: dict[str, Any], depth: int) -> Any:
        match _type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                inner = schema.get("items")
                return [self.of(inner, depth + 1)] if self._has_room(inner, depth) else []
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return "{{raw pick true false}}"
            case "null":
                return None
        return _string(schema)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = [name for name in items(schema.get("required")) if isinstance(name, str)]
        members = list(table(schema.get("properties")).items())[:MOST_MEMBERS]
        found = {}
        for name, inner in members:
            wanted = (name in required or depth < 3) and not self._tree.table(inner).get("readOnly")
            if wanted and self._has_room(inner, depth):
                found[literal(text(name))] = self.of(inner, depth + 1)
        return found

    def _has_room(self, schema: Any, depth: int) -> bool:
        return depth < DEEPEST and self._left > 0 and _reference(schema) not in self._open


def _reference(schema: Any) -> str:
    """The reference that the schema is; for another schema a text that is none."""
    return text(table(schema).get("$ref")) or f"#{id(schema)}"


def plain(value: Any) -> Any:
    """A value of the document, in whose texts nothing is a template."""
    match value:
        case str():
            return literal(text(value))
        case dict():
            return {literal(text(name)): plain(item) for name, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case int() | float() if not isinstance(value, bool):
            return Number(json.dumps(value)) if isfinite(value) else None
    return value


def _given(schema: dict[str, Any]) -> Iterator[Any]:
    for name in ("const", "example", "default"):
        if schema.get(name) is not None:
            yield plain(schema[name])
            return
    yield from (plain(item) for item in items(schema.get("examples"))[:1])


def _enum(schema: dict[str, Any]) -> Iterator[Any] | None:
    choices = [item for item in items(schema.get("enum")) if isinstance(item, (str, int, float))][:MOST_CHOICES]
    words = [_word(item) for item in choices]
    if not words or None in words:
        return iter([plain(choices[0])]) if choices else None
    if len(words) == 1:
        return iter([plain(choices[0])])
    raw = "" if any(isinstance(item, str) for item in choices) else "raw "
    return iter([f"{{{{{raw}pick {' '.join(str(word) for word in words)}}}}}"])


def _word(item: Any) -> str | None:
    """A choice as a word of a template. None: it cannot be one."""
    if isinstance(item, bool):
        return "true" if item else "false"
    word = text(item) if isinstance(item, str) else str(item)
    if _PLAIN.fullmatch(word):
        return word
    return f"'{word}'" if "'" not in word and "{" not in word and word.isprintable() else None


def _type(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if schema.get("properties") else "array" if schema.get("items") else "string"


def _number(schema: dict[str, Any]) -> str:
    low, high = _bound(schema, "inimum"), _bound(schema, "aximum")
    if low is None:
        low = 1 if high is None or high >= 1 else high
    high = max(low, low + 99 if high is None else high)
    return f"{{{{raw int {low} {high}}}}}"


def _bound(schema: dict[str, Any], end: str) -> int | None:
    """A limit as a whole number. `exclusive` may be a flag beside it (3.0) or the number itself (3.1)."""
    plain_bound, exclusive = _limit(schema.get(f"m{end}")), schema.get(f"exclusiveM{end}")
    step = 1 if end == "inimum" else -1
    found = [] if plain_bound is None else [_whole(plain_bound, step) + (step if exclusive is True else 0)]
    if (beyond := _limit(exclusive)) is not None:
        found.append(_whole(beyond, step) + step)
    return (max(found) if step > 0 else min(found)) if found else None


def _limit(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and abs(value) < _LARGEST else None


def _whole(value: float, step: int) -> int:
    whole = int(value)
    return whole + step if whole != value and (value > whole) == (step > 0) else whole


def _string(schema: dict[str, Any]) -> str:
    if known := _FORMATS.get(text(schema.get("format"))):
        return known
    low, high = _limit(schema.get("minLength")), _limit(schema.get("maxLength"))
    length = int(min(max(8, low or 0), 10_000 if high is None else high, 10_000))
    return f"{{{{text {length}}}}}" if length >= 1 else ""
