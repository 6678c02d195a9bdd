"""The part of a usage text that tells of a task's options, made from the table of its fields. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from gluten.task.fields import FIELDS, GROUPS, Field, Kind
from gluten.units import format_duration

_WIDTH, _INDENT = 117, " " * 24


def load_options(more: Mapping[str, str] | None = None) -> str:
    """One line for each option, under its heading. `more` is what this command adds to the text of a field."""
    shown = sorted((field for field in FIELDS if field.group), key=lambda field: GROUPS.index(field.group))
    parts = [
        "\n".join([f"{group}:", *_lines(fields, more or {})])
        for group, fields in groupby(shown, key=lambda field: field.group)
    ]
    return "\n\n".join(parts) + "\n"


def _lines(fields: Iterable[Field], more: Mapping[str, str]) -> Iterator[str]:
    for field in fields:
        names = f"  {', '.join(field.names)} {field.metavar}".rstrip()
        yield from _wrapped(f"{names:<22}  ", _text(field) + more.get(field.name, ""))


def _text(field: Field) -> str:
    """The help, and the default where there is one to tell."""
    default = field.default
    if field.kind is Kind.FLAG or not default:
        return field.help
    told = f"default {_DEFAULTS.get(field.kind, str)(default)}"
    return f"{field.help}; {told}" if field.help else told


def _wrapped(line: str, text: str) -> Iterator[str]:
    """`line` and the words of `text`, continued below."""
    for word in text.split(" "):
        if len(line) + len(word) > _WIDTH:
            yield line.rstrip()
            line = _INDENT
        line += f"{word} "
    yield line.rstrip()


def _size(value: int) -> str:
    return f"{value >> 20}M" if value % (1 << 20) == 0 else str(value)


_DEFAULTS: dict[Kind, Callable[[Any], str]] = {
    Kind.TIME: format_duration,
    Kind.SIZE: _size,
    Kind.SHARE: "{:.0%}".format,
}
