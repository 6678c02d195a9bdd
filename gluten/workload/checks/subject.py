"""What of a response a check or a take looks at: `status`, `header NAME`, `json PATH` and the like.

A subject finds values. There may be several (a header that comes twice, `[*]`), or none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gluten.errors import WorkloadError
from gluten.workload.checks.json_path import JsonPath, parse_prefix
from gluten.workload.checks.response import Response
from gluten.workload.json_text import Json

_NAME = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9#$%&*+.^_`|~-]+))(?=\s|[=<>!]|$)""")
_WORD = re.compile(r"\s*([A-Za-z_]+)(?![A-Za-z0-9_-])")


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` is the word of the grammar. `path`: of `json`. `is_json`: its values have types; else they are texts."""

    kind: str
    find: Callable[[Response], Sequence[Json]]
    path: JsonPath | None = None

    @property
    def is_json(self) -> bool:
        return self.path is not None


def word(text: str) -> tuple[str, str]:
    """The word at the start of `text`, or nothing; and what follows it."""
    found = _WORD.match(text)
    return (found[1], text[found.end() :].strip()) if found else ("", text.strip())


def subject(kind: str, rest: str) -> tuple[Subject, str]:
    """`header`, `cookie`, `json` or `body` with its argument, and what follows. Raises `WorkloadError`."""
    match kind:
        case "json":
            path, rest = parse_prefix(rest)
            return _json(path), rest.strip()
        case "body":
            return Subject("body", lambda response: [response.text()]), rest
    name, rest = _argument(kind, rest)
    if kind == "header":
        return Subject("header", lambda response: response.header(name)), rest
    return Subject("cookie", lambda response: response.cookie(name)), rest


def _json(path: JsonPath) -> Subject:
    def find(response: Response) -> Sequence[Json]:
        documents = response.documents()
        return path.find(documents[0]) if documents else []

    return Subject("json", find, path)


def _argument(kind: str, rest: str) -> tuple[str, str]:
    found = _NAME.match(rest)
    if found is None:
        raise WorkloadError(f"{kind} takes a name, such as {kind} {'Location' if kind == 'header' else 'session'}")
    return next(text for text in found.groups() if text is not None), rest[found.end() :].strip()
