"""A workload file's text as a document: parsed, with the line of each key, so that errors say where they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gluten.errors import TaskError, TemplateFailure, WorkloadError
from gluten.task.limits import MAX_WORKLOAD
from gluten.task.storable import is_utf8
from gluten.task.toml_scan import Path, TomlProblem, lines_of
from gluten.units import UnitError
from gluten.workload.templates.environment import env_asked

Table = dict[str, Any]

_AT = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_KEY = re.compile(r"\((?:'[^']*',? ?)+\)")
_PART = re.compile(r"'([^']*)'")
_LARGEST = 1 << 63


class _Placed(WorkloadError):
    """An error that already says where it is."""


@dataclass(frozen=True)
class Source:
    """`name` is the file's, as messages call it. `lines` are those of its keys, `variables` what `env` asks for."""

    name: str
    document: Table
    lines: dict[Path, int]
    variables: frozenset[str] = frozenset()

    def error(self, path: Path, message: str) -> WorkloadError:
        """`FILE: line N: KEY: MESSAGE`."""
        line = next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), 0)
        line = line or next((line for at, line in self.lines.items() if path and at[: len(path)] == path), 0)
        place = ".".join(str(part) for part in path if isinstance(part, str))
        return _placed(self.name, line, f"{_shown(place)}: {message}" if place else message)

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Says of an error in this block that it is of the key `path`."""
        try:
            yield
        except _Placed:
            raise
        except (TemplateFailure, UnitError, WorkloadError) as error:
            raise self.error(path, str(error)) from None
        except TaskError as error:
            raise self.error(path, str(error).partition(": ")[2]) from None


_UNQUOTED = ("Invalid value", "Expected newline or end of document after a statement")
"""What tomllib says of a text without quotes, as YAML has it."""


def parse(text: str, name: str = "workload") -> Source:
    """Raises `WorkloadError`."""
    if len(text) > MAX_WORKLOAD or not is_utf8(text) or len(text.encode()) > MAX_WORKLOAD:
        raise _placed(name, 0, f"must be a text in UTF-8 of at most {MAX_WORKLOAD >> 20} MiB")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        lines = lines_of(text)
        document = tomllib.loads(text)
    except TomlProblem as problem:
        raise _placed(name, problem.line, str(problem)) from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, str(error)) from None
    source = Source(name, document, lines)
    return Source(name, document, lines, frozenset(_variables(source)))


def _unreadable(name: str, message: str) -> WorkloadError:
    """tomllib's own words, with the line in front."""
    found = _AT.fullmatch(message)
    if not found:
        return _placed(name, 0, f"is not TOML: {_shown(message)}")
    place = f"column {found[3]}: " if found[3] else "at its end: "
    # tomllib shows the parts of a key as a tuple.
    words = found[1].replace("Cannot overwrite a value", "the key stands there already")
    reason = _KEY.sub(lambda key: ".".join(_PART.findall(key[0])), words)
    if reason.startswith(_UNQUOTED):
        reason += ' (a text stands in quotes, as in "10s")'
    return _placed(name, int(found[2] or 0), f"{place}is not TOML: {_shown(reason)}")


def _placed(name: str, line: int, message: str) -> WorkloadError:
    return _Placed(f"{name}: line {line}: {message}" if line else f"{name}: {message}")


def _shown(text: str) -> str:
    line = text if text.isprintable() else repr(text)[1:-1]
    return line if len(line) <= 200 else line[:199] + "…"


def _variables(source: Source) -> Iterator[str]:
    """The environment variables that any text of the document names. Refuses numbers that TOML does not have."""
    pending: list[tuple[Path, Any]] = [((), source.document)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, (dict, list)):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            pending += [((*path, key), item) for key, item in items]
        elif isinstance(value, str):
            with source.at(*path):
                yield from (asked.name for asked in env_asked(value))
        elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            raise source.error(path, "a whole number of TOML has 64 bits: write it as a text")
