"""What every request and every answer goes through: no state changes from foreign pages, strict headers.

A page of another site can send a form or a simple request to a master that its reader can reach. It cannot
set the content type of JSON without asking first (CORS, which is never granted), and browsers name the
page's origin: both are checked.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from gluten.webui.failure import Failure
from gluten.webui.request import Request

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check(request: Request) -> None:
    """Raises `Failure` for a state change that may not have been meant by the one who seems to send it."""
    if request.method in SAFE:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Failure(415, f"content-type: {kind or 'none'!r} is not taken; send application/json", "content-type")
    origin = request.headers.get("origin", "")
    if origin and (origin == "null" or urlsplit(origin).netloc.lower() != request.host.lower()):
        raise Failure(403, f"origin: {origin[:200]!r} is not this master's page", "origin")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Failure(403, "origin: another site's page may not change anything here", "origin")
