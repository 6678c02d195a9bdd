"""Which value of an answer a later request uses: the takes of each call, and what is replaced in each.

A value that a request has before any answer gives it is the client's own, and no take. The first answer that gives a
value is the one that it is taken from. A name is used again as soon as nothing needs what it held.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gluten.workload.importers.filling import Taken
from gluten.workload.importers.har.sources import Source, found, sources_of
from gluten.workload.importers.names import free, identifier, singular, value_name
from gluten.workload.importers.recording import Call
from gluten.workload.importers.spots import HEADER, PATH, REFERENCE, Spot, prefixes, spots_of
from gluten.workload.importers.strength import LONGEST, STRONG, WEAK, is_identifier, strength

MOST = 40
"""Takes of one request."""

_TOKENS = re.compile(r"[A-Za-z0-9_\-]{3,}|[A-Za-z0-9_\-.~+/=|:]{4,}")
_SEARCHED = 64 << 10
_CREATE = ("POST", "PUT")


@dataclass
class Plan:
    """By call: the takes (name to take), and what its spots may hold."""

    takes: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    holds: dict[int, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    users: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    """By the call that gives a name its value: the calls that may use it."""


def plan_of(calls: Sequence[Call], base: str) -> Plan:
    """`base`: the origin that a reference is resolved against."""
    uses = _uses(calls, base)
    given = sorted(_given(calls, uses), key=lambda one: one[0])
    plan, ends = Plan(), dict[str, int]()
    for index, source, at, taken in given:
        if len(plan.takes[index]) >= MOST:
            continue
        name = _name(source, calls[index], index, ends)
        ends[name] = max(at)
        plan.takes[index][name] = source.take
        plan.users[index, name] = at
        for user in at:
            plan.holds[user].append(replace(taken, name=name))
    return plan


def _name(source: Source, call: Call, index: int, ends: dict[str, int]) -> str:
    """The source's name, or with a number where that name is still needed for another value."""
    words = source.words
    if len(words) == 1 and words != ("Location",):
        segments = [part for part in call.place.path.partition("?")[0].split("/") if part and not is_identifier(part)]
        words = (*segments[-1:], *words)
    live = [name for name, end in ends.items() if end > index]
    return free(value_name(words), live, "_")


def _uses(calls: Sequence[Call], base: str) -> dict[str, list[tuple[int, Spot]]]:
    """By value: where requests have it. Whole spots, and what in them looks like a token."""
    uses: dict[str, list[tuple[int, Spot]]] = defaultdict(list)
    for index, call in enumerate(calls):
        for spot in spots_of(call):
            if spot.kind == REFERENCE:
                if call.place.origin == base and _is_telling(spot.raw):
                    uses[spot.raw].append((index, spot))
                    uses[base + spot.raw].append((index, spot))
                continue
            texts = {spot.text, spot.text.partition(" ")[2], *_TOKENS.findall(spot.text[:_SEARCHED])}
            for text in texts:
                if text and len(text) <= LONGEST:
                    uses[text].append((index, spot))
    return uses


def _is_telling(path: str) -> bool:
    return any(is_identifier(part) or _is_short_id(part) for part in re.split("[/?&=]", path))


def _is_short_id(segment: str) -> bool:
    """Enough for a Location, whose whole path stands in the later request, too: `c1771`, and not `v2`."""
    return strength(segment) >= WEAK and any(letter.isdigit() for letter in segment)


_Given = tuple[int, Source, list[int], Taken]


def _given(calls: Sequence[Call], uses: dict[str, list[tuple[int, Spot]]]) -> Iterator[_Given]:
    """Each value that an answer gives first: from which call, by what, which calls use it, and how it is known."""
    seen: set[str] = set()
    for index, call in enumerate(calls):
        for source in sources_of(call.answer):
            value = source.value
            if value in seen or value not in uses:
                continue
            at = uses[value]
            if at[0][0] <= index:
                seen.add(value)  # a request had it first
                continue
            wanted, taken = _wanted(call, source, at, calls)
            if wanted and found(source.take, call.answer) == value:
                seen.add(value)
                yield index, source, wanted, taken


def _wanted(call: Call, source: Source, at: list[tuple[int, Spot]], calls: Sequence[Call]) -> tuple[list[int], Taken]:
    """The calls that use the value, and how it is known there."""
    strong = Taken("", source.value)
    if references := {index for index, spot in at if spot.kind == REFERENCE}:
        return sorted(references), strong
    bits = strength(source.value)
    if bits >= STRONG:
        return sorted({index for index, _ in at}), strong
    weak = Taken("", source.value, True, _called(source, at))
    if not source.is_id:
        return [], weak
    places = [(index, spot) for index, spot in at if spot.kind != HEADER and weak.fits(spot)]
    if bits < WEAK:
        places = [(index, spot) for index, spot in places if _created(call, source.value, calls[index])]
    return sorted({index for index, _ in places}), weak


def _called(source: Source, at: list[tuple[int, Spot]]) -> frozenset[str]:
    """What the thing of this id is called: `product`, where `products` is above the id, or before it in a path."""
    above = [spot.name for _, spot in at if spot.kind == PATH and spot.text == source.value]
    return frozenset(singular(identifier(word)) for word in (*source.words[-2:-1], *above) if word)


def _created(call: Call, value: str, later: Call) -> bool:
    """Whether the path of `later` is that of what `call` created: `POST /orders`, `GET /orders/7`."""
    parent = f"{call.place.path.partition('?')[0].rstrip('/')}/{value}"
    same = call.method in _CREATE and call.place.origin == later.place.origin
    return same and parent in set(prefixes(later.place.path))
