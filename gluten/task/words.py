"""A task as the arguments of a command line that asks for the same. The inverse of `task/parse`. Pure."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import chain
from typing import Any

from gluten.task.fields import FIELDS, Field, Kind
from gluten.task.parse import parse_header
from gluten.task.task import Header, Task
from gluten.units import format_duration, parse_duration

WORKLOAD_FILE = "workload.toml"
"""What stands for a workload, whose text cannot stand in a line."""

# One word of a command line is at most 128 KiB on Linux.
_LONGEST_WORD = 100_000


def words_of(task: Task) -> list[str]:
    """The options that differ from the defaults, and the URL. The caller removes secrets first."""
    options = (
        _words(field, getattr(task, field.name), task) for field in FIELDS if field.group and field.name != "url"
    )
    if not task.workload:
        return [*chain.from_iterable(options), task.url]
    return [*chain.from_iterable(options), "--url", task.url, WORKLOAD_FILE]


def _words(field: Field, value: Any, task: Task) -> list[str]:
    if value is None or (value == field.default and not field.optional):
        return []
    name = field.names[0]
    match field.kind:
        case Kind.FLAG:
            return [name]
        case Kind.HEADERS:
            return [word for header, text in _headers(task) for word in (name, f"{header}: {text}")]
        case Kind.RULES | Kind.SLOS:
            return [word for rule in value for word in (name, rule)]
        case Kind.PEM:
            return [name, f"{field.option}.pem"]  # its text cannot stand in a line: it is read from a file
        case Kind.BODY:
            return [name, "@body.txt" if task.secret or _needs_file(value) else value.decode()]
    text = _TEXTS.get(field.kind, str)(value)
    return [f"--{field.option}={text}"] if text == "--" else [name, text]


def _headers(task: Task) -> list[Header]:
    """The headers, but for those that the workload file has: as an option they would replace each request's own."""
    own = _headers_of_file(task.workload) if task.workload else ()
    return [pair for pair in task.headers if pair[0].lower() in task.outranking or pair not in own]


def _headers_of_file(text: str) -> list[Header]:
    """The pairs of `header` at the file's top. None where a text without its secrets is no TOML any more."""
    import tomllib  # here, because few tasks have a workload

    try:
        lines = tomllib.loads(text.removeprefix("\ufeff")).get("header", [])
        return [parse_header(line) for line in ([lines] if isinstance(lines, str) else lines)]
    except ValueError:
        return []


def _needs_file(body: bytes) -> bool:
    """Whether a body cannot be an argument: a leading @ would name a file, and some bytes are no text."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return True
    return text.startswith("@") or text == "--" or "\0" in text or len(body) > _LONGEST_WORD


def time_text(seconds: float) -> str:
    """A time as people write it, if that form is exact."""
    text = format_duration(seconds)
    return text if parse_duration(text) == seconds else f"{_plain(seconds)}s"


def _stages(stages: Any) -> str:
    return ",".join(f"{time_text(at)}:{_plain(rate)}" for at, rate in stages)


def _plain(value: float) -> str:
    """A number with all of its digits, without an exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _percent(share: float) -> str:
    """A share in percent, if that form is exact."""
    percent = round(share * 100, 9)
    return f"{_plain(percent)}%" if percent / 100 == share else _plain(share)


_TEXTS: dict[Kind, Callable[[Any], str]] = {
    Kind.TIME: time_text,
    Kind.RATE: _plain,
    Kind.STAGES: _stages,
    Kind.SHARE: _percent,
}
