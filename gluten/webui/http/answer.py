"""An HTTP response as a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gluten.webui.http.failure import Failure

Headers = dict[str, str]

ITEMS = 20
"""Runs or nodes that are written as JSON at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is bytes, or an iterator of bytes. The iterator is closed when the client leaves."""

    status: int = 200
    body: bytes | Iterator[bytes] = b""
    headers: Headers = field(default_factory=dict)


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """One line of JSON. Header names are written with `_` for `-`."""
    body = compact(value) + b"\n"
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    fixed = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    return Answer(status, body, fixed | named)


def paced_answer(value: Mapping[str, Any], pause: Callable[[], None]) -> Answer:
    """The same for a map with long lists. `pause` is called after some items."""
    members = [compact(name) + b":" + _paced(item, pause) for name, item in value.items()]
    return replace(json_answer(None), body=b"{" + b",".join(members) + b"}\n")


def _paced(value: Any, pause: Callable[[], None]) -> bytes:
    if not isinstance(value, list):
        return compact(value)
    texts = []
    for number, item in enumerate(value, 1):
        texts.append(compact(item))
        if number % ITEMS == 0:
            pause()
    return b"[" + b",".join(texts) + b"]"


def compact(value: Any) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def text_answer(text: str, kind: str, status: int = 200) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": kind, "Cache-Control": "no-store"})


def error_answer(failure: Failure) -> Answer:
    """`{"error": {"field", "message"}}` on one line."""
    return json_answer(
        {"error": {"field": failure.field, "message": str(failure)}}, failure.status, **failure_headers(failure)
    )


def failure_headers(failure: Failure) -> Headers:
    """The headers of a failure, with `_` for `-` in the names."""
    headers = {"Allow": failure.allow} if failure.allow else {}
    headers |= {"Retry_After": str(failure.retry)} if failure.retry else {}
    return headers | ({"WWW_Authenticate": 'Bearer realm="gluten"'} if failure.status == 401 else {})
