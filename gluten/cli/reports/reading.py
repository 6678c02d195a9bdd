"""Reads reports that `run` or `report` wrote as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from gluten.errors import ConfigError

if TYPE_CHECKING:
    from gluten.documents import ReportDocument

SCHEMA = "gluten.report/1"
STDIN = "-"
BASELINE = "baseline:"
"""Before the name of the runs of which a baseline is meant."""
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "name": str,
    "state": str,
    "reason": str,
    "url": str,
    "task": dict,
    "requests": dict,
    "rate": (int, float),
    "duration": (int, float),
    "status": dict,
    "errors": dict,
    "bytes": dict,
    "response_time": dict,
    "service_time": dict,
    "seconds": list,
    "nodes": list,
    "verdict": dict,
}
"""The keys that every report has, with their types."""


def is_file(word: str) -> bool:
    """Whether a RUN is a file, or standard input, and not a run of a master or a baseline, whose name may be any."""
    return word == STDIN or (not word.startswith(BASELINE) and (word.endswith(".json") or os.sep in word))


def read(word: str) -> ReportDocument:
    """The report in a file. Raises ConfigError."""
    try:
        found = json.loads(_content(word))
    except OSError as error:
        raise ConfigError(f"{word}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise _not_one(word, f"it is not JSON ({error})") from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise _not_one(word, f"it has no schema {SCHEMA!r}")
    for name, kind in _KINDS.items():
        if not isinstance(found.get(name), kind):
            raise _not_one(word, f"{name} is missing or not as it should be")
    return cast("ReportDocument", {"number": 0, "started_at": None} | found)


@contextmanager
def whole(*words: str) -> Iterator[None]:
    """Raises ConfigError if what is made of these files fails by what is in them: they lack a part, or have another."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _not_one(" or ".join(words), f"a part is not as it should be: {error!r}") from error


def _content(word: str) -> bytes:
    if word == STDIN:
        return sys.stdin.buffer.read()
    with open(word, "rb") as file:
        return file.read()


def _not_one(word: str, why: Any) -> ConfigError:
    return ConfigError(f"{word}: is not a report that GLuTEN wrote as JSON: {why}: see `gluten.pyz help report`")
