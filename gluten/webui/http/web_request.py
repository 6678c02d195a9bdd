"""An HTTP request as a value.

bottle's `request` is a thread-local, and all greenlets of a node share one thread. After the first switch of greenlets
it belongs to another client. So handlers get this value. It is read from the WSGI environment before anything waits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from gluten.audit import AuditEntry
from gluten.webui.http.failure import Failure
from gluten.webui.http.principal import Principal

MAX_WHOLE = 1 << 62
"""Whole numbers of a query are at most this."""
MAX_BODY = 8 << 20
MAX_FIELDS = 20
MAX_ITEMS = 10_000
"""Of all objects of a JSON body. Each wrong field of a task has an answer of its own."""
PART = 256 << 10
LONG = 3600.0
"""Seconds for a whole body that is read in parts."""
Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` has lower-case names. `query` has the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    remote: str
    environ: Environ
    principal: Principal | None = None

    @classmethod
    def of(cls, environ: Environ) -> Request:
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        path = environ.get("PATH_INFO", "/")
        remote = str(environ.get("REMOTE_ADDR", ""))
        return cls(environ.get("REQUEST_METHOD", "GET"), path, query, _headers(environ), remote, environ)

    @property
    def secure(self) -> bool:
        """Whether it came over TLS."""
        return bool(self.environ.get("wsgi.url_scheme") == "https")

    @property
    def target(self) -> str:
        """Path and query."""
        query = self.environ.get("QUERY_STRING", "")
        return f"{self.path}?{query}" if query else self.path

    @property
    def who(self) -> str:
        """The name of the client for the run's history."""
        return f"web {self.remote}".strip()

    def audit_entry(self, action: str, run: str = "", detail: str = "") -> AuditEntry:
        """An entry for the audit log."""
        return AuditEntry(action, "web", self.principal.role if self.principal else "", self.remote, "", run, detail)

    @property
    def host(self) -> str:
        """Host and port as the client sent them."""
        return self.headers.get("host", "")

    def whole(self, name: str, default: int, least: int = 0, most: int = MAX_WHOLE) -> int:
        """A whole number from the query. Raises `Failure`."""
        text = self.query.get(name, "")
        if not text:
            return default
        if len(text) > 30 or not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise Failure(400, f"{name}: {text[:40]!r} is not a whole number from {least} to {most}", name)
        return int(text)

    def choice(self, name: str, known: Sequence[str], default: str = "") -> str:
        """One of these words from the query. Raises `Failure`."""
        text = self.query.get(name, "")
        if text and text not in known:
            raise Failure(400, f"{name}: {text[:40]!r} is not one of {', '.join(known)}", name)
        return text or default

    def text(self, name: str, most: int) -> str:
        """A text of at most so many characters from the query. Raises `Failure`."""
        text = self.query.get(name, "")
        if len(text) > most:
            raise Failure(400, f"{name}: {len(text)} characters; at most {most} are accepted", name)
        return text

    def json(self) -> dict[str, Any]:
        """The body, a JSON object. It may wait for the client. Raises `Failure`."""
        body = self._body()
        try:
            value = json.loads(body.decode(), object_pairs_hook=_Counted().object_of)
            if b"\\u" in body:
                json.dumps(
                    value, ensure_ascii=False
                ).encode()  # raises for half a surrogate pair, which is not valid text
        except (ValueError, RecursionError) as error:
            raise Failure(400, f"body: cannot be read as JSON: {error}", "body") from None
        if not isinstance(value, dict):
            raise Failure(400, "body: must be a JSON object", "body")
        return value

    def parts(self, most: int) -> Iterator[bytes]:
        """A body of any kind, of at most `most` bytes, in parts. It waits for the client. Raises `Failure`."""
        body = self.environ["wsgi.input"]
        if allow := getattr(body, "allow", None):
            allow(most, LONG)
        try:
            while part := body.read(PART):
                yield part
        except OSError as error:
            raise _unreadable(error, most) from None

    @property
    def length(self) -> int | None:
        """How long the body is, as the client says. Raises `Failure`."""
        try:
            return int(self.environ.get("CONTENT_LENGTH") or 0) or None
        except ValueError:
            raise Failure(400, "content-length: not a number") from None

    def form(self, most: int) -> dict[str, str]:
        """The last value of each name in the body, a form of at most `most` bytes. Raises `Failure`."""
        text = self._body(most).decode("ascii", "replace")
        try:
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
        except ValueError:
            raise Failure(400, f"body: a form may have at most {MAX_FIELDS} fields", "body") from None

    def _body(self, most: int = MAX_BODY) -> bytes:
        length = self.length or 0
        if length > most:
            raise Failure(413, f"body: {length} bytes; at most {most} are accepted", "body")
        try:
            body: bytes = self.environ["wsgi.input"].read(length if length > 0 else most + 1)
        except OSError as error:
            raise _unreadable(error, most) from None
        if len(body) > most:
            raise Failure(413, f"body: at most {most} bytes are accepted", "body")
        return body


class _Counted:
    """Makes the objects of one JSON text, and counts their fields."""

    def __init__(self) -> None:
        self._fields = 0

    def object_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Raises ValueError if there are too many fields."""
        self._fields += len(pairs)
        if self._fields > MAX_ITEMS:
            raise ValueError(f"at most {MAX_ITEMS} fields are accepted")
        return dict(pairs)


def _unreadable(error: OSError, most: int) -> Failure:
    """What the front door's error while a body was read means for the client."""
    if isinstance(error, TimeoutError):
        return Failure(408, f"body: {error}", "body")
    if getattr(error, "malformed", False):
        return Failure(400, "body: its chunks are broken", "body")
    return Failure(413, f"body: cut off, or more than {most} bytes", "body")


def _headers(environ: Environ) -> dict[str, str]:
    found = {k[5:].replace("_", "-").lower(): str(v) for k, v in environ.items() if k.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        found["content-type"] = str(environ["CONTENT_TYPE"])
    return found
