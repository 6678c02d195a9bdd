"""A task from texts, as people write them: the same words and the same refusals for every front."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gluten import units
from gluten.errors import TaskError
from gluten.task.task import Task, parse_header, parse_stages
from gluten.task.validate import DEFAULT_DURATION

_READ: dict[str, Callable[[str], Any]] = {
    "threads": units.parse_count, "connections": units.parse_count, "requests": units.parse_count,
    "duration": units.parse_duration, "rate": units.parse_rate, "timeout": units.parse_duration,
    "max-body": units.parse_size,
    "stages": lambda text: parse_stages(text, units.parse_rate, units.parse_duration),
}  # fmt: skip
_PLAIN = ("method", "cacert", "cert", "key", "name", "on-loss", "split")


def ask(url: str, options: Mapping[str, Any], body: bytes = b"") -> Task:
    """The task of `options`: long option names to texts (`header`, `resolve`: lists; switches: bool).

    What is absent or None takes its default. Raises TaskError, which names the option, the value and what
    is allowed.
    """
    values: dict[str, Any] = {"url": url, "body": body}
    for name, read in _READ.items():
        if options.get(name) is not None:
            values[_field(name)] = _read(name, str(options[name]), read)
    for name in _PLAIN:
        if options.get(name) is not None:
            values[_field(name)] = options[name]
    values["headers"] = tuple(_read("header", text, parse_header) for text in options.get("header") or ())
    values["resolve"] = tuple(options.get("resolve") or ())
    values["keepalive"] = not options.get("no-keepalive")
    values["insecure"] = bool(options.get("insecure"))
    values["secret"] = bool(options.get("secret"))
    values["duration"] = _duration(values)
    return Task(**values)


def _duration(values: Mapping[str, Any]) -> float | None:
    """What was said; else the last stage's time; else none with `-n`; else the default."""
    if values.get("duration") is not None:
        return float(values["duration"])
    stages: Sequence[Any] = values.get("stages") or ()
    if stages:
        return float(stages[-1][0]) or DEFAULT_DURATION
    return None if values.get("requests") is not None else DEFAULT_DURATION


def _read(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise TaskError(_field(name), f"--{name}: {error}") from None


def _field(name: str) -> str:
    return name.replace("-", "_")
