"""What a master that stands by answers to browsers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gluten.webui.standby import make_standby_app

BASE = "http://a:8888"


def ask(path: str, query: str = "", active: str = BASE, method: str = "GET") -> tuple[str, dict[str, str], bytes]:
    found: list[Any] = []
    environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method}
    body = b"".join(make_standby_app(lambda: active)(environ, lambda *answer: found.extend(answer)))
    return found[0], dict(found[1]), body


def test_it_is_healthy_and_not_ready() -> None:
    assert ask("/healthz")[0] == "200 OK"
    status, headers, body = ask("/readyz")
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "2")
    assert json.loads(body)["error"]["message"] == "this master stands by"


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/", "", "/"),
        ("/runs/abc", "", "/runs/abc"),
        ("/api/v1/runs", "limit=3&search=a%20b", "/api/v1/runs?limit=3&search=a%20b"),
        ("//evil.test/x", "", "/evil.test/x"),
        ("/a\r\nSet-Cookie: x", "", "/a%0D%0ASet-Cookie%3A%20x"),
        ("/\xe4", "", "/%E4"),
    ],
)
def test_all_else_is_at_the_active_master(path: str, query: str, target: str) -> None:
    status, headers, _ = ask(path, query)
    assert (status, headers["Location"]) == ("307 Temporary Redirect", BASE + target)


def test_a_line_break_in_a_query_becomes_no_header() -> None:
    assert ask("/", "a=\r\nb")[1]["Location"] == f"{BASE}/?a=%0D%0Ab"


def test_without_an_active_master_it_says_so() -> None:
    status, headers, body = ask("/", active="")
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "2")
    assert b"no other is known to be active yet" in body


def test_the_answer_to_head_has_no_body() -> None:
    assert ask("/", method="HEAD")[2] == b""
