"""A response as checks and takes see it. What is costly is made when it is first asked for, and once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from gluten.workload.checks.content_coding import LARGEST, decoded
from gluten.workload.json_text import Json, loads

_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)


class Unreadable(Exception):
    """The body is in another coding than gzip or deflate, damaged, or over 16 MiB."""


Headers = Sequence[tuple[str, str]]


class Response:
    """`headers` are all of them, in their order, or a function that finds them. `body` is as it came. `time` is the
    response time in seconds. `plain`: no header names a coding or a charset, so the body is UTF-8."""

    __slots__ = ("_documents", "_headers", "_texts", "body", "plain", "status", "time")

    def __init__(
        self, status: int, headers: Headers | Callable[[], Headers], body: bytes, time: float = 0.0, plain: bool = False
    ) -> None:
        self.status = status
        self.body = body
        self.time = time
        self.plain = plain
        self._headers = headers
        self._texts: list[str] | None = None
        self._documents: list[Json] | None = None

    @property
    def headers(self) -> Headers:
        if callable(self._headers):
            self._headers = self._headers()
        return self._headers

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
            self._texts = self._decoded()
        if not self._texts:
            raise Unreadable
        return self._texts[0]

    def documents(self) -> list[Json]:
        """The body's JSON value; none if it is not JSON. Raises `Unreadable`."""
        if self._documents is None:
            self._documents = _parsed(self.text())
        return self._documents

    def _decoded(self) -> list[str]:
        """The text, or nothing."""
        if self.plain and len(self.body) <= LARGEST:
            return [self.body.decode("utf-8", "replace")]
        body = decoded(self.body, ",".join(self.header("content-encoding")))
        if body is None:
            return []
        charset = _CHARSET.search(";".join(self.header("content-type")))
        return [_as_text(body, charset[1] if charset else "utf-8")]


def _as_text(body: bytes, charset: str) -> str:
    """A charset that is not known, or that is none of text, counts as UTF-8."""
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _parsed(text: str) -> list[Json]:
    try:
        return [loads(text.removeprefix("\ufeff"))]
    except ValueError:
        return []
