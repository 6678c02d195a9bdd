"""Paths into JSON: `$.a.b[0]`, `[-1]`, `[*]`, `$['odd name']`. A part of JSONPath (RFC 9535, sections 2.3 and 2.5).

`[*]` gives the elements of an array and the values of an object. What is not there gives no match, and no error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gluten.errors import WorkloadError
from gluten.workload.json_text import Json

PATH_HELP = "$.a.b, [0], [-1], [*] and ['odd name']"

_STEP = re.compile(
    r"""\.(?P<name>[^\s.\[\]'"*=<>!]+)|\[(?:(?P<index>-?[0-9]{1,9})|(?P<all>\*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\]"""
)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Steps from the root: a member's name, an element's index, or None for `[*]`."""

    steps: tuple[str | int | None, ...]

    has_many: bool
    """Whether it can match more than one value."""

    def find(self, root: Json) -> list[Json]:
        """All matches, in the order of the text."""
        if not self.has_many:
            return self._one(root)
        found = [root]
        for step in self.steps:
            found = [value for item in found for value in _stepped(item, step)]
        return found

    def _one(self, root: Json) -> list[Json]:
        """The usual case, in which there is at most one match."""
        value: Any = root
        for step in self.steps:
            # The names of an object are texts, so an index is none of them.
            if not (step in value if type(value) is dict else _has(value, step)):
                return []
            value = value[step]
        return [value]


def _has(value: Json, step: str | int | None) -> bool:
    if type(value) is dict:
        return type(step) is str and step in value
    return type(value) is list and type(step) is int and -len(value) <= step < len(value)


def parse_prefix(text: str) -> tuple[JsonPath, str]:
    """The path at the start of `text`, and what follows it. Raises `WorkloadError`."""
    if not text.startswith("$"):
        raise WorkloadError(f"a path into JSON begins with $: {PATH_HELP}")
    steps: list[str | int | None] = []
    position = 1
    while step := _STEP.match(text, position):
        steps.append(_step(step))
        position = step.end()
    rest = text[position:]
    if rest[:1] in (".", "[", "'", '"', "*"):
        raise WorkloadError(f"cannot read the path from character {position + 1}: it is made of {PATH_HELP}")
    return JsonPath(tuple(steps), None in steps), rest


def _step(step: re.Match[str]) -> str | int | None:
    if step["index"] is not None:
        return int(step["index"])
    return next((step[kind] for kind in ("name", "single", "double") if step[kind] is not None), None)


def _stepped(value: Any, step: str | int | None) -> Iterable[Json]:
    if step is not None:
        return [value[step]] if _has(value, step) else []
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else []
