"""A response as checks and takes see it. What is costly is made when it is first asked for, and once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gluten.workload.checks.content_coding import decoded
from gluten.workload.json_text import Json, loads

_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)


class Unreadable(Exception):
    """The body is in another coding than gzip or deflate, damaged, or over 16 MiB."""


class Response:
    """`headers` are all of them, in their order. `body` is as it came. `time` is the response time in seconds."""

    __slots__ = ("_documents", "_texts", "body", "headers", "status", "time")

    def __init__(self, status: int, headers: Sequence[tuple[str, str]], body: bytes, time: float = 0.0) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.time = time
        self._texts: list[str] | None = None
        self._documents: list[Json] | None = None

    def header(self, name: str) -> list[str]:
        """The values of a header, which may come more than once. Case does not matter."""
        wanted = name.lower()
        return [value.strip() for found, value in self.headers if found.lower() == wanted]

    def cookie(self, name: str) -> list[str]:
        """The values that `Set-Cookie` gives this name (RFC 6265, section 5.2)."""
        pairs = (value.partition(";")[0].partition("=") for value in self.header("set-cookie"))
        return [value.strip() for found, _, value in pairs if found.strip() == name]

    def text(self) -> str:
        """The body, its codings undone, as text. Raises `Unreadable`."""
        if self._texts is None:
            self._texts = list(self._decoded())
        if not self._texts:
            raise Unreadable
        return self._texts[0]

    def documents(self) -> list[Json]:
        """The body's JSON value; none if it is not JSON. Raises `Unreadable`."""
        if self._documents is None:
            self._documents = list(_parsed(self.text()))
        return self._documents

    def _decoded(self) -> Iterable[str]:
        """The text, or nothing."""
        body = decoded(self.body, ",".join(self.header("content-encoding")))
        if body is not None:
            charset = _CHARSET.search(";".join(self.header("content-type")))
            yield _as_text(body, charset[1] if charset else "utf-8")


def _as_text(body: bytes, charset: str) -> str:
    """A charset that is not known, or that is none of text, counts as UTF-8."""
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _parsed(text: str) -> Iterable[Json]:
    try:
        yield loads(text.removeprefix("\ufeff"))
    except ValueError:
        return
