"""What HTTP/2 allows of a task."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import TaskError
from gluten.task.task import Task

URL = "http://t.test/"
FORBIDDEN = ["Connection", "upgrade", "TRANSFER-ENCODING", "Keep-Alive", "Proxy-Connection", "HTTP2-Settings"]


@pytest.mark.parametrize(
    ("asked", "field", "text"),
    [
        ({"streams": 2}, "streams", "streams: 2 needs --http2; HTTP/1.1 has one request at once"),
        ({"http2": True, "streams": 0}, "streams", "streams: 0 is not allowed; a whole number from 1 to 10000"),
        ({"http2": True, "streams": 10_001}, "streams", "streams: 10001 is not allowed; a whole number from 1"),
        (
            {"http2": True, "streams": 10_000, "connections": 101},
            "streams",
            "streams: 10000 on each of 101 connections; at most 1000000 in all",
        ),
        (
            {"http2": True, "streams": 2, "keepalive": False},
            "streams",
            "streams: 2 needs connections that are kept; leave out no-keepalive",
        ),
        (
            {"http2": True, "method": "CONNECT"},
            "method",
            "method: CONNECT opens a tunnel in HTTP/2, and sends no request",
        ),
        (
            {"http2": True, "headers": (("TE", "gzip"),)},
            "headers",
            "headers: TE: HTTP/2 allows the value trailers alone",
        ),
        *(
            (
                {"http2": True, "headers": (("Accept", "a"), (name, "x"))},
                "headers",
                f"headers: {name}: HTTP/2 forbids this header; leave it out",
            )
            for name in FORBIDDEN
        ),
    ],
)
def test_what_http2_forbids_is_refused_in_one_line(asked: dict[str, Any], field: str, text: str) -> None:
    with pytest.raises(TaskError) as refused:
        Task(URL, **asked)
    assert refused.value.field == field
    assert str(refused.value).startswith(text)
    assert "\n" not in str(refused.value)


def test_what_http2_allows_is_allowed() -> None:
    assert Task(URL, http2=True, streams=10_000, connections=100).streams == 10_000
    assert Task(URL, http2=True, keepalive=False, method="PURGE").streams == 1
    assert Task(URL, http2=True, headers=(("te", " Trailers "), ("Host", "a"))).http2


def test_http1_may_send_them_all() -> None:
    assert Task(URL, headers=tuple((name, "x") for name in (*FORBIDDEN, "TE")), method="CONNECT").streams == 1
