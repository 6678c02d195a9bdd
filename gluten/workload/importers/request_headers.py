"""Which headers of a recording a load tester repeats."""

from __future__ import annotations

import re

from gluten.task.limits import MAX_HEADERS
from gluten.task.validate import TOKEN
from gluten.workload.importers.bodies import is_form, is_json, is_multipart
from gluten.workload.importers.recording import Body, Lines

_DROPPED = re.compile(
    r":.*|sec-.*|proxy-.*|cookie|host|content-length|accept-encoding|connection|keep-alive|te|trailer|upgrade"
    r"|transfer-encoding|expect|upgrade-insecure-requests|if-.*|cache-control|pragma|dnt|priority|purpose|x-purpose"
    r"|http2-settings|alt-used|save-data|traceparent|tracestate|b3|x-b3-.*|sentry-trace|baggage|access-control-request-.*"
)
_OF_A_PAGE = ("referer", "origin")
_READ = ("GET", "HEAD")
_UNIQUE = re.compile("idempotency-key|x-idempotency-key|x-request-id|x-correlation-id|request-id")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
LONGEST = 8192


def kept(method: str, headers: Lines, body: Body) -> Lines:
    """The headers that belong to the request itself: not those of the connection, the browser's cache or the jar."""
    found = [(name, text.strip()) for name, text in headers if _is_kept(method, name, text, body)]
    return tuple(found[: MAX_HEADERS // 2])


def can_be_sent(name: str, text: str) -> bool:
    """Whether a request can have the header at all."""
    return TOKEN.fullmatch(name) is not None and len(text) <= LONGEST and not _CONTROL.search(text)


def is_unique(name: str) -> bool:
    """Whether the header names one request: each sends another value."""
    return _UNIQUE.fullmatch(name.lower()) is not None


def _is_kept(method: str, name: str, text: str, body: Body) -> bool:
    low = name.lower()
    if _DROPPED.fullmatch(low) or not can_be_sent(name, text):
        return False
    if low == "content-type":
        return not _is_implied(text, body)
    return low not in _OF_A_PAGE or method not in _READ


def _is_implied(media: str, body: Body) -> bool:
    """Whether `json`, `form` and `multipart` say the type by themselves. Without a body it says nothing."""
    plain = media.strip().lower().removesuffix("; charset=utf-8").removesuffix(";charset=utf-8")
    match body.kind:
        case "json":
            return plain == "application/json"
        case "form":
            return is_form(plain)
        case "multipart":
            return is_multipart(plain)
        case "":
            return is_json(plain) or is_form(plain) or is_multipart(plain)
    return False
