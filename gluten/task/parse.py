"""A task from texts, as people write them: the same words and the same refusals for every front."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gluten import units
from gluten.errors import TaskError
from gluten.task.fields import FIELDS, Field, Kind
from gluten.task.limits import DEFAULT_DURATION
from gluten.task.task import Header, Stage, Task
from gluten.task.validate import TOKEN

_BLANKS = " \t"
"""What may stand around a header's value and is no part of it."""
_ARGUMENTS = (Kind.URL, Kind.BODY)
"""What is no text of an option."""


def ask(url: str, options: Mapping[str, Any], body: bytes = b"") -> Task:
    """The task of `options`: long option names to texts (`header`, `resolve`: lists; switches: bool).

    What is absent or None takes its default. Raises TaskError, which names the option, the value and what
    is allowed.
    """
    given = {field: options.get(field.option) for field in FIELDS if field.kind not in _ARGUMENTS}
    values = {field.name: _value(field, found) for field, found in given.items() if found is not None}
    values |= {"url": url, "body": body}
    values["duration"] = _duration(values)
    return Task(**values)


def _value(field: Field, given: Any) -> Any:
    match field.kind:
        case Kind.FLAG:
            return bool(given) != field.switches_off
        case Kind.HEADERS:
            return tuple(_read(field, text, parse_header) for text in given)
        case Kind.RULES:
            return tuple(given)
        case kind if kind in _NUMBERS:
            return _read(field, str(given), _NUMBERS[kind])
        case _:
            return given


def _duration(values: Mapping[str, Any]) -> float | None:
    """What was said; else the last stage's time; else none with `-n`; else the default."""
    if values.get("duration") is not None:
        return float(values["duration"])
    stages: Sequence[Any] = values.get("stages") or ()
    if stages:
        return float(stages[-1][0]) or DEFAULT_DURATION
    return None if values.get("requests") is not None else DEFAULT_DURATION


def _read(field: Field, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise TaskError(field.option.replace("-", "_"), f"--{field.option}: {error}") from None


def parse_stages(text: str) -> tuple[Stage, ...]:
    """`0s:0,30s:1k` as points (second, requests/s). Raises ValueError."""
    points = []
    for part in text.split(","):
        when, colon, value = part.partition(":")
        if not colon:
            raise ValueError(f"{part!r} is not TIME:RATE, such as 30s:1k")
        points.append((units.parse_duration(when), units.parse_rate(value)))
    return tuple(points)


def parse_header(text: str) -> Header:
    """`K: V` as a pair. Raises ValueError."""
    name, colon, value = text.partition(":")
    name, value = name.strip(_BLANKS), value.strip(_BLANKS)
    if not colon or not TOKEN.fullmatch(name):
        # What stands there may be a secret.
        first = "".join(text.partition(":")[0].split(maxsplit=1)[:1])
        raise ValueError(f"{first[:40]!r}… is not a header, such as 'Accept: text/html'")
    return name, value


_NUMBERS: dict[Kind, Callable[[str], Any]] = {
    Kind.COUNT: units.parse_count,
    Kind.SIZE: units.parse_size,
    Kind.TIME: units.parse_duration,
    Kind.RATE: units.parse_rate,
    Kind.STAGES: parse_stages,
}
