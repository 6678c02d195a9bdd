"""The web application of a master that stands by: its health, and a redirect to the active master for all else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from gluten.webui.auth.guard import HEADERS

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_NOBODY = "this master stands by, and no other is known to be active yet: try again"
_RETRY = "2"


def make_standby_app(active: Callable[[], str]) -> Wsgi:
    """`active` returns the address of the active master's page, or an empty text."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        status, document, headers = _answer(environ["PATH_INFO"], environ.get("QUERY_STRING", ""), active())
        body = json.dumps(document).encode() + b"\n"
        fixed = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
        lines = HEADERS | fixed | headers | {"Content-Length": str(len(body))}
        start_response(status, list(lines.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    return app


def _answer(path: str, query: str, active: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The status line, the document and the headers."""
    if path == "/healthz":
        return "200 OK", {"status": "ok"}, {}
    if path == "/readyz" or not active:
        message = "this master stands by" if path == "/readyz" else _NOBODY
        document = {"status": "standby", "error": {"field": "", "message": message}}
        return "503 Service Unavailable", document, {"Retry-After": _RETRY}
    # PATH_INFO is decoded: a line break in it must not become a header.
    target = active + quote("/" + path.lstrip("/"), encoding="latin-1")
    target += f"?{quote(query, safe='=&%+:,;/~!()*$@?')}" if query else ""
    return "307 Temporary Redirect", {"location": target}, {"Location": target}
