"""The values of a table of the file, read by their kind. Raises errors that say where they are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gluten.errors import WorkloadError
from gluten.task.limits import MAX_TIMEOUT
from gluten.task.toml_scan import Path
from gluten.units import parse_count, parse_duration
from gluten.workload.hints import key_hint, option_hint
from gluten.workload.keys import MAX_STEPS, Key, Kind, Place, keys_of
from gluten.workload.scenarios.grammar import TIMES_HELP, pause, share, times
from gluten.workload.scenarios.steps import Think
from gluten.workload.tables.source import Source, Table
from gluten.workload.templates.environment import expand_env

_TABLES = (Kind.TABLE, Kind.TABLES, Kind.VARS)
_RAW = (
    *_TABLES, Kind.PATH, Kind.BODY, Kind.JSON, Kind.FORM, Kind.HEADERS, Kind.CHECKS, Kind.OPTION, Kind.TAKES,
    Kind.NAMES, Kind.STEPS, Kind.CHECK, Kind.CONDITION, Kind.TEMPLATE,
)  # fmt: skip
"""Kinds that are read where their templates are known."""


@dataclass(frozen=True)
class Reader:
    """Reads tables of `source`. `env` has the environment variables that the command line read."""

    source: Source
    env: Mapping[str, str]

    def table(self, place: Place, value: Any, path: Path) -> Table:
        """The values of a table by key, with defaults. Templates, and tables in it, are left as they are."""
        keys = keys_of(place)
        given = self.checked_table(value, path)
        self._refuse_unknown(place, keys, given, path)
        read = {key.name: key.default for key in keys.values() if not key.later and key.default is not None}
        return read | {name: self.value(keys[name], item, (*path, name)) for name, item in given.items()}

    def checked_table(self, value: Any, path: Path) -> Table:
        if path == ("request",) and isinstance(value, list):
            raise self.source.error(path, "is no list of tables: write [request.NAME]")
        if not isinstance(value, dict):
            raise self.source.error(path, "must be a table")
        return value

    def value(self, key: Key, value: Any, path: Path) -> Any:
        if key.kind in _RAW:
            return value
        with self.source.at(*path):
            return _READERS[key.kind](key, value, self.env)

    def texts(self, value: Any, path: Path, most: int = 0) -> list[str]:
        """A list of texts, or a single one."""
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self.source.error(path, "must be a list of texts")
        if most and len(found) > most:
            raise self.source.error(path, f"has {len(found)} items; at most {most}")
        return found

    def names(self, value: Any, path: Path) -> list[str]:
        """A list of names of requests."""
        with self.source.at(*path):
            return [expand_env(name, self.env) for name in self.texts(value, path, MAX_STEPS)]

    def _refuse_unknown(self, place: Place, keys: Mapping[str, Key], given: Iterable[str], path: Path) -> None:
        for name in given:
            if name not in keys:
                raise self.source.error((*path, name), _unknown(name, place, keys))
            if keys[name].later:
                what = keys[name].later
                raise self.source.error((*path, name), f"{what} {_are(what)} not supported by this version")


def _unknown(name: str, place: Place, keys: Mapping[str, Key]) -> str:
    if place is not Place.TOP and name in keys_of(Place.TOP):
        return "belongs to the top of the file, above the first [table]"
    if place is Place.TOP and name in keys_of(Place.LOAD) and not key_hint(name, ()):
        return "belongs into [load]"
    allowed = [key.name for key in keys.values() if not key.later]
    hint = (option_hint(name) if place is Place.LOAD else "") or key_hint(name, allowed)
    return f"is no key of {place.value}{hint or ': allowed are ' + ', '.join(allowed)}"


def _are(what: str) -> str:
    return "are" if what.endswith("s") else "is"


def _text(key: Key, value: Any, env: Mapping[str, str]) -> str:
    if not isinstance(value, str):
        raise WorkloadError("must be a text, in quotes")
    text = expand_env(value, env)
    if any((letter < " " and letter != "\t") or letter == "\x7f" for letter in text):
        raise WorkloadError("has a line break or another control character")
    if key.most and len(text) > key.most:
        raise WorkloadError(f"has {len(text)} characters; at most {key.most}")
    return text


def _texts(key: Key, value: Any, env: Mapping[str, str]) -> list[str]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or len(items) > key.most:
        raise WorkloadError(f"must be a list of up to {key.most} texts")
    return [_text(key._replace(most=0), item, env) for item in items]


def _time(key: Key, value: Any, env: Mapping[str, str]) -> float:
    seconds = value if _is_number(value) else parse_duration(_text(key, value, env))
    if not 0 < seconds <= MAX_TIMEOUT:
        raise WorkloadError(f"must be above 0 and at most {MAX_TIMEOUT:.0f}s, such as 2s")
    return float(seconds)


def _whole(key: Key, value: Any, env: Mapping[str, str]) -> int:
    least = 1 if key.kind is Kind.COUNT else 0
    number = parse_count(_text(key, value, env)) if isinstance(value, str) else value
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= key.most:
        raise WorkloadError(f"must be a whole number from {least} to {key.most}")
    return number


def _flag(key: Key, value: Any, env: Mapping[str, str]) -> bool:
    if not isinstance(value, bool):
        raise WorkloadError("must be true or false")
    return value


def _choice(key: Key, value: Any, env: Mapping[str, str]) -> str:
    text = _text(key, value, env)
    if text not in key.choices:
        raise WorkloadError(f"{text[:40]!r} is not one of {', '.join(key.choices)}")
    return text


def _pause(key: Key, value: Any, env: Mapping[str, str]) -> Think:
    return pause(f"{value:.15g}" if _is_number(value) else _text(key, value, env))


def _times(key: Key, value: Any, env: Mapping[str, str]) -> tuple[int, int]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole and not isinstance(value, str):
        raise WorkloadError(f"must be how often: {TIMES_HELP}")
    return times(str(value) if is_whole else _text(key._replace(most=0), value, env), key.most)


def _share(key: Key, value: Any, env: Mapping[str, str]) -> float:
    if isinstance(value, str):
        text = _text(key, value, env)
        value = float(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,20})?", text) else None
    if not _is_number(value):
        raise WorkloadError("must be a number from 0 to 1, such as 0.7")
    return share(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_READERS: dict[Kind, Callable[[Key, Any, Mapping[str, str]], Any]] = {
    Kind.TEXT: _text,
    Kind.TEXTS: _texts,
    Kind.TIME: _time,
    Kind.WHOLE: _whole,
    Kind.COUNT: _whole,
    Kind.FLAG: _flag,
    Kind.CHOICE: _choice,
    Kind.PAUSE: _pause,
    Kind.TIMES: _times,
    Kind.SHARE: _share,
}
