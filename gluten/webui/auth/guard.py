"""Refuses changes that come from other sites' pages, and defines strict headers for all answers.

A page of another site can send a form or a simple request to a master that its reader can reach. It cannot set the
content type of JSON without a CORS preflight, which is never granted. Browsers also send the page's origin. Both are
checked here. A change without a body has no content type; browsers send the origin of that, too. The gate checks the
token of the session.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from gluten.webui.http.failure import Failure
from gluten.webui.http.web_request import Request

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PREFLIGHTED = frozenset({"PUT", "DELETE"})
"""Browsers ask before they send one of these from another site's page."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""For a downloaded file that is a page itself: it may not run scripts, has no origin and loads nothing."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def check_origin(request: Request, kind: str = JSON) -> None:
    """Raises `Failure` for a change that another site's page may have sent."""
    if request.method in SAFE:
        return
    if request.method not in PREFLIGHTED and not (kind == JSON and _is_bare(request)):
        _check_kind(request, kind)
    origin = request.headers.get("origin", "")
    if origin and (origin == "null" or _netloc(origin) != request.host.lower()):
        raise Failure(403, f"origin: {origin[:200]!r} is not this master's page", "origin")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Failure(403, "origin: another site's page may not change anything here", "origin")


def _is_bare(request: Request) -> bool:
    """It says of no body, as `curl -X POST` to stop a run."""
    return request.length is None and not request.headers.keys() & {"content-type", "transfer-encoding"}


def _check_kind(request: Request, kind: str) -> None:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != kind:
        raise Failure(415, f"content-type: {sent[:100] or 'none'!r} is not accepted; send {kind}", "content-type")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
