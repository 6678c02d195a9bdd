"""The places of a call at which a value can stand, and the call rewritten with templates at them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

from gluten.workload.importers.bodies import File
from gluten.workload.importers.recording import Body, Call, Entry
from gluten.workload.importers.toml_text import literal
from gluten.workload.json_text import Number

REFERENCE, PATH, QUERY, HEADER, FIELD, JSON, NUMBER, TEXT = (
    "reference", "path", "query", "header", "field", "json", "number", "text"
)  # fmt: skip
ENCODED = (PATH, QUERY)


class Spot(NamedTuple):
    """`name` is that of the header, the field, the member; of a path the segment before.

    `raw` is as it stands there.
    """

    kind: str
    name: str
    raw: str

    @property
    def text(self) -> str:
        if self.kind == QUERY:
            return unquote_plus(self.raw)
        return unquote(self.raw) if self.kind == PATH else self.raw


Write = Callable[[Spot], str]
"""What to write at a spot: a template."""


def rewrite(call: Call, write: Write) -> Entry:
    """The call as an entry. A reference that `write` leaves empty is divided into its spots."""
    return Entry(
        method=call.method,
        origin=call.place.origin,
        path=_path(call.place.path, write),
        headers=tuple(f"{name}: {write(Spot(HEADER, name, text))}" for name, text in call.headers),
        body=replace(call.body, value=_body(call.body, write)),
    )


def spots_of(call: Call) -> list[Spot]:
    found: list[Spot] = []

    def keep(spot: Spot) -> str:
        found.append(spot)
        return ""

    rewrite(call, keep)
    return found


def prefixes(path: str) -> Iterator[str]:
    """The path, and what it begins with up to a `/` or its query, longest first."""
    yield path
    ends = [found.start() for found in re.finditer(r"[/?]", path) if found.start() > 0]
    yield from (path[:end] for end in reversed(ends[:50]))


def _path(path: str, write: Write) -> str:
    """`write` gives `{{NAME}}` for the longest prefix that it knows as a reference."""
    for prefix in prefixes(path):
        if known := write(Spot(REFERENCE, "", prefix)):
            return known + _rest(path[len(prefix) :], write)
    return _rest(path, write)


def _rest(path: str, write: Write) -> str:
    front, mark, query = path.partition("?")
    parts = front.split("/")
    segments = [
        write(Spot(PATH, unquote(before), part)) if part else ""
        for before, part in zip(["", *parts], parts, strict=False)
    ]
    pairs = [_pair(pair, write) for pair in query.split("&")] if query else []
    return "/".join(segments) + literal(mark) + "&".join(pairs)


def _pair(pair: str, write: Write) -> str:
    name, equals, text = pair.partition("=")
    if not equals:
        return write(Spot(QUERY, "", pair)) if pair else ""
    return f"{literal(name)}={write(Spot(QUERY, unquote_plus(name), text)) if text else ''}"


def _body(body: Body, write: Write) -> Any:
    match body.kind:
        case "json":
            return _json(body.value, "", write)
        case "form":
            return {literal(name): _field(name, item, write) for name, item in body.value.items()}
        case "multipart":  # names of parts have no templates
            return {name: _field(name, item, write) for name, item in body.value.items()}
        case "body" if not isinstance(body.value, File):
            return write(Spot(TEXT, "", body.value))
    return body.value


def _field(name: str, item: Any, write: Write) -> Any:
    if isinstance(item, list):
        return [_field(name, one, write) for one in item]
    return item if isinstance(item, File) else write(Spot(FIELD, name, item))


def _json(value: Any, name: str, write: Write) -> Any:
    match value:
        case dict():
            return {literal(key): _json(item, key, write) for key, item in value.items()}
        case list():
            return [_json(item, name, write) for item in value]
        case Number():
            written = write(Spot(NUMBER, name, str(value)))
            return value if written == value else written
        case str():
            return write(Spot(JSON, name, value))
    return value
