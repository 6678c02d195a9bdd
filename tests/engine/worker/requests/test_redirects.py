"""Redirects: what is asked for next, and what goes along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.requests.redirects import Hop, next_hop, target_of

HEADERS = b"Host: h:8080\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nAuthorization: k\r\n"
POST = b"POST /a/b?x=1 HTTP/1.1\r\n" + HEADERS + b"\r\nhi"


def hop(status: int, location: str, request: bytes = POST) -> Hop:
    return next_hop(request, "http://h:8080", status, location)


@pytest.mark.parametrize(
    ("status", "method", "after"),
    [
        (301, b"POST", b"GET"),
        (302, b"POST", b"GET"),
        (303, b"POST", b"GET"),
        (303, b"PUT", b"GET"),
        (303, b"HEAD", b"HEAD"),
        (302, b"PUT", b"PUT"),
        (307, b"POST", b"POST"),
        (308, b"DELETE", b"DELETE"),
    ],
)
def test_the_method_follows_as_in_browsers(status: int, method: bytes, after: bytes) -> None:
    found = hop(status, "/c", POST.replace(b"POST", method)).request
    assert found.split(b" ")[0] == after
    # A body goes along where the method stays.
    assert found.endswith(b"hi") is (method == after)
    assert (b"Content-Length" in found) is (method == after)


@pytest.mark.parametrize(
    ("location", "origin", "target"),
    [
        ("/c", "http://h:8080", "/c"),
        ("c", "http://h:8080", "/a/c"),
        ("../c?d#e", "http://h:8080", "/c?d"),
        ("?y=2", "http://h:8080", "/a/b?y=2"),
        ("//i/c", "http://i", "/c"),
        ("https://i:443", "https://i", "/"),
        ("http://H:8080/x", "http://h:8080", "/x"),
        ("/ü b", "http://h:8080", "/%C3%BC%20b"),
        ("http://[::1]:9/x", "http://[::1]:9", "/x"),
    ],
)
def test_a_location_is_a_reference(location: str, origin: str, target: str) -> None:
    found = hop(302, location)
    assert (found.origin, target_of(found.request)) == (origin, target)
    assert b"Host: %b\r\n" % origin.partition("://")[2].encode() in found.request


def test_credentials_go_to_the_same_origin_only() -> None:
    assert b"Authorization" in hop(307, "/c").request
    assert b"Authorization" not in hop(307, "http://h:8081/c").request


@pytest.mark.parametrize("location", ["ftp://h/", "file:///etc/passwd", "javascript:alert(1)", "http://[::1/"])
def test_a_redirect_to_what_is_no_http_url_fails(location: str) -> None:
    with pytest.raises(Fault) as caught:
        hop(302, location)
    assert caught.value.kind == "protocol"


@given(st.text(max_size=60))
def test_whatever_a_target_says_the_request_line_is_one_line(location: str) -> None:
    try:
        found = hop(302, location)
    except Fault:
        return
    line = found.request.partition(b"\r\n")[0]
    assert len(line.split(b" ")) == 3
    assert found.request.count(b"\r\n\r\n") == 1
