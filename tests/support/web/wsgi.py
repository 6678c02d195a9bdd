"""Calls a WSGI application without a socket."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gluten.webui.app import Wsgi

HOST = "master.test:8888"
_BARE = ("CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_ADDR", "wsgi.input", "wsgi.url_scheme")


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    chunks: Iterable[bytes]

    @property
    def body(self) -> bytes:
        self.chunks = [b"".join(self.chunks)]
        return next(iter(self.chunks))

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


def call(app: Wsgi, method: str, path: str, value: Any = None, body: bytes = b"", **headers: str) -> Reply:
    """`value` is sent as JSON; header names are given with `_` for `-`."""
    plain, _, query = path.partition("?")
    sent = json.dumps(value).encode() if value is not None else body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": plain,
        "QUERY_STRING": query,
        "SERVER_NAME": "master.test",
        "SERVER_PORT": "8888",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": HOST,
        "REMOTE_ADDR": "10.0.0.7",
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(sent)),
    }
    if value is not None:
        environ["CONTENT_TYPE"] = "application/json"
    for name, text in headers.items():
        key = name.upper()
        plain_name = name if name.startswith("wsgi.") else key
        environ[plain_name if plain_name in _BARE else f"HTTP_{key}"] = text
    found: dict[str, Any] = {}

    def start(status: str, pairs: list[tuple[str, str]], trouble: Any = None) -> None:
        found.update(status=int(status.split()[0]), headers=dict(pairs))

    chunks = app(environ, start)
    return Reply(found["status"], found["headers"], chunks)


def get(app: Wsgi, path: str, **headers: str) -> Reply:
    return call(app, "GET", path, None, b"", **headers)


def post(app: Wsgi, path: str, value: Any, **headers: str) -> Reply:
    return call(app, "POST", path, value, b"", **headers)
