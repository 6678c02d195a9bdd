"""Makes a task from texts as people write them. Every interface has the same words and the same refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gluten import units
from gluten.errors import TaskError
from gluten.task.fields import FIELDS, Field, Kind
from gluten.task.limits import DEFAULT_DURATION, SEARCH_DURATION
from gluten.task.task import Header, Stage, Task
from gluten.task.validate import TOKEN

_BLANKS = " \t"
"""These may surround a header's value and are no part of it."""
_ARGUMENTS = (Kind.URL, Kind.BODY)
"""These kinds are not read from the text of an option."""


def ask(url: str, options: Mapping[str, Any], body: bytes = b"") -> Task:
    """The task of `options`: long option names to texts (`header`, `resolve`: lists; flags: bool).

    An option that is absent or None has its default. Raises TaskError, which names the option, the value and what is
    allowed.
    """
    return Task(**with_duration(values_of(options) | {"url": url, "body": body}))


def values_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the options give, by their names in a task. Raises TaskError as `ask` does."""
    given = {field: options.get(field.option) for field in FIELDS if field.kind not in _ARGUMENTS}
    return {field.name: _value(field, found) for field, found in given.items() if found is not None}


def with_duration(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the duration that they mean, if they do not say it."""
    return {**values, "duration": _duration(values)}


def _value(field: Field, given: Any) -> Any:
    match field.kind:
        case Kind.FLAG:
            return bool(given) != field.switches_off
        case Kind.HEADERS:
            return tuple(_read(field, text, parse_header) for text in given)
        case Kind.RULES | Kind.SLOS | Kind.NAMES:
            return tuple(given)
        case Kind.ENV | Kind.FILES | Kind.ROWS:
            return tuple(sorted(given.items()))
        case kind if kind in _NUMBERS:
            return _read(field, str(given), _NUMBERS[kind])
        case _:
            return given


def _duration(values: Mapping[str, Any]) -> float | None:
    """The given duration. Else the last stage's time, else None with `-n`, else the default."""
    if values.get("duration") is not None:
        return float(values["duration"])
    if values.get("find_capacity"):
        return SEARCH_DURATION
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
        why = "has no colon" if not colon else "has a name that no header may have"
        raise ValueError(f"{first[:40]!r}… is not a header: it {why}; write one such as 'Accept: text/html'")
    return name, value


_NUMBERS: dict[Kind, Callable[[str], Any]] = {
    Kind.COUNT: units.parse_count,
    Kind.WHOLE: units.parse_count,
    Kind.SIZE: units.parse_size,
    Kind.TIME: units.parse_duration,
    Kind.RATE: units.parse_rate,
    Kind.STAGES: parse_stages,
    Kind.SHARE: units.parse_share,
}
