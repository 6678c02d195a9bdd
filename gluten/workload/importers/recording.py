"""What an importer knows of a request before it is written: a call, its body, its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from gluten.errors import TaskError
from gluten.task.task import Task

Lines = tuple[tuple[str, str], ...]

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.DOTALL)
_VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F))


class Place(NamedTuple):
    """Where a request goes. `user`: user-info of the URL, which is written as `basic`."""

    origin: str
    path: str
    user: str = ""


def place_of(url: str) -> Place | None:
    """None: nothing that can be loaded, such as `data:…`."""
    found = _URL.fullmatch(url.strip())
    if found is None:
        return None
    user, _, host = found[2].rpartition("@")
    origin = f"{found[1].lower()}://{host.lower()}"
    try:
        Task(f"{origin}/")
    except TaskError:
        return None
    path = quote(found[3], safe=_VISIBLE, errors="replace")
    return Place(origin, path if path.startswith("/") else f"/{path}", user)


@dataclass(frozen=True)
class Body:
    """`kind` is the key of the file: json, form, multipart or body; empty: none. `lost`: why it cannot be written."""

    kind: str = ""
    value: Any = None
    lost: str = ""


class Answer(NamedTuple):
    status: int = 0
    headers: Lines = ()
    text: str = ""


NO_ANSWER = Answer()


@dataclass(frozen=True)
class Call:
    """`began` and `ended` in seconds, of any clock. `page`: a browser showed it."""

    method: str
    place: Place
    headers: Lines = ()
    body: Body = field(default_factory=Body)
    answer: Answer = NO_ANSWER
    began: float = 0.0
    ended: float = 0.0
    operation: str = ""
    page: bool = False


@dataclass(frozen=True)
class Entry:
    """A `[request.NAME]` as it is written: texts are templates."""

    method: str
    origin: str
    path: str
    headers: tuple[str, ...] = ()
    body: Body = field(default_factory=Body)
    checks: tuple[str, ...] = ()
    takes: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def identity(self) -> str:
        """Two requests with the same identity are one."""
        return repr((self, list(self.takes.items())))
