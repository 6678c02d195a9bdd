"""One entry of a HAR file (HTTP Archive 1.2), as Chrome, Firefox, Safari and recorders write it."""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

from gluten.task.limits import MAX_METHOD
from gluten.task.validate import TOKEN
from gluten.workload.importers.bodies import body_of
from gluten.workload.importers.har.assets import BROWSER, OTHER, UNSENT, reason
from gluten.workload.importers.recording import Answer, Body, Call, Lines, place_of
from gluten.workload.importers.request_headers import kept

LONGEST_URL = 8192


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A text without lone surrogates."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def left_out(entry: dict[str, Any]) -> str:
    """Why the entry is no request of the application, or nothing."""
    asked, answered = table(entry.get("request")), table(entry.get("response"))
    method, url = text(asked.get("method")), text(asked.get("url"))
    media = text(table(answered.get("content")).get("mimeType"))
    kind = "websocket" if "_webSocketMessages" in entry else text(entry.get("_resourceType"))
    if method == "OPTIONS" and any(name.lower() == "access-control-request-method" for name, _ in _lines(asked)):
        kind = "preflight"
    if text(table(asked.get("postData")).get("mimeType")).startswith("application/ocsp"):
        return BROWSER
    if why := reason(method, url, kind, media):
        return why
    if not TOKEN.fullmatch(method) or len(method) > MAX_METHOD or len(url) > LONGEST_URL or place_of(url) is None:
        return OTHER
    return "" if status_of(answered) or not answered else UNSENT  # without an answer it was written by a program


def status_of(answered: dict[str, Any]) -> int:
    status = answered.get("status")
    return status if isinstance(status, int) and 100 < status < 600 else 0


def call_of(entry: dict[str, Any], began: float) -> Call:
    """The call of an entry that is not left out. `began`: when the one before did, for entries without a time."""
    asked, answered = table(entry.get("request")), table(entry.get("response"))
    place = place_of(text(asked.get("url")))
    assert place is not None
    method, headers = text(asked.get("method")), _lines(asked)
    body, operation = _body(asked, headers)
    began = _time(entry.get("startedDateTime"), began)
    return Call(
        method=method,
        place=place,
        headers=kept(method, headers, body),
        body=body,
        answer=Answer(status_of(answered), _given(answered), _content(answered)),
        began=began,
        ended=began + _seconds(entry.get("time")),
        operation=operation,
        page=_is_page(entry, answered),
    )


def _is_page(entry: dict[str, Any], answered: dict[str, Any]) -> bool:
    kind, media = text(entry.get("_resourceType")), text(table(answered.get("content")).get("mimeType"))
    return kind == "document" or (not kind and media.startswith("text/html"))


def cookies_sent(entry: dict[str, Any]) -> list[str]:
    asked = table(entry.get("request"))
    lines = [value for name, value in _lines(asked) if name.lower() == "cookie"]
    names = [pair.partition("=")[0].strip() for line in lines for pair in line.split(";")]
    return [name for name in [*names, *(text(one.get("name")) for one in rows(asked.get("cookies")))] if name]


def cookies_set(entry: dict[str, Any]) -> list[str]:
    given = _given(table(entry.get("response")))
    return [value.partition("=")[0].strip() for name, value in given if name.lower() == "set-cookie"]


def _lines(message: dict[str, Any]) -> Lines:
    """Headers. Some browsers write several of one name into one value, with line breaks between."""
    found = []
    for row in rows(message.get("headers")):
        found += [(text(row.get("name")), line) for line in text(row.get("value")).split("\n")]
    return tuple(found)


def _given(answered: dict[str, Any]) -> Lines:
    """The answer's headers, with the cookies of its own list where it has no Set-Cookie."""
    lines = _lines(answered)
    if any(name.lower() == "set-cookie" for name, _ in lines):
        return lines
    cookies = rows(answered.get("cookies"))
    return (*lines, *(("Set-Cookie", f"{text(one.get('name'))}={text(one.get('value'))}") for one in cookies))


def _body(asked: dict[str, Any], headers: Lines) -> tuple[Body, str]:
    """The body, and GraphQL's name of what is asked."""
    post = table(asked.get("postData"))
    if not post:
        return Body(), ""
    declared = [value for name, value in headers if name.lower() == "content-type"]
    media = declared[0] if declared else text(post.get("mimeType"))
    params = [(text(p.get("name")), text(p.get("value")), text(p.get("fileName"))) for p in rows(post.get("params"))]
    content = _decoded(post, text(post.get("text")))
    body = body_of(media, content, params)
    operation = body.value.get("operationName") if isinstance(body.value, dict) and body.kind == "json" else ""
    return body, text(operation)


def _content(answered: dict[str, Any]) -> str:
    content = table(answered.get("content"))
    return _decoded(content, text(content.get("text")))


def _decoded(content: dict[str, Any], given: str) -> str:
    if text(content.get("encoding")).lower() != "base64":
        return given
    try:
        return b64decode(given, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _time(value: Any, before: float) -> float:
    """Seconds. An entry without a readable time began when the one before did."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return before
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _seconds(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return min(value / 1000, 3600.0) if is_number and value > 0 else 0.0
