"""A response as checks see it: headers, cookies, text and JSON."""

import gzip

import pytest

from gluten.workload.checks.response import Response, Unreadable


def response(body: bytes = b"", *headers: tuple[str, str]) -> Response:
    return Response(200, headers, body)


def test_headers_are_found_in_any_case_and_all_of_them() -> None:
    found = response(b"", ("X-A", " 1 "), ("x-a", "2"), ("X-B", "3"))
    assert (found.header("x-A"), found.header("none")) == (["1", "2"], [])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("sid=abc; Path=/; HttpOnly", ["abc"]),
        ("sid=abc", ["abc"]),
        (" sid = abc ;x", ["abc"]),
        ("sid=a=b", ["a=b"]),
        ("sid=", [""]),
        ("SID=abc", []),
        ("other=sid=abc", []),
    ],
)
def test_cookies_are_found_by_their_names(header: str, expected: list[str]) -> None:
    assert response(b"", ("Set-Cookie", header)).cookie("sid") == expected


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("ü".encode(), "text/plain", "ü"),
        ("ü".encode("latin-1"), "text/plain; charset=latin-1", "ü"),
        ("ü".encode("latin-1"), 'text/plain; Charset="ISO-8859-1"', "ü"),
        ("ü".encode("utf-16"), "text/plain;charset=utf-16", "ü"),
        ("ü".encode(), "text/plain; charset=klingon", "ü"),
        ("ü".encode(), "text/plain; charset=hex", "ü"),
        ("ü".encode(), "text/plain; charset=undefined", "ü"),
        (b"a\xffb", "text/plain", "a\ufffdb"),
    ],
)
def test_the_text_is_of_its_charset(body: bytes, content_type: str, expected: str) -> None:
    assert response(body, ("Content-Type", content_type)).text() == expected


def test_the_text_is_unpacked() -> None:
    assert response(gzip.compress(b"abc"), ("Content-Encoding", "gzip")).text() == "abc"


def test_a_body_in_another_coding_cannot_be_read() -> None:
    found = response(b"abc", ("Content-Encoding", "br"))
    for look in (found.text, found.documents, found.text):
        with pytest.raises(Unreadable):
            look()


@pytest.mark.parametrize(
    ("body", "expected"), [(b'{"a":1}', [{"a": "1"}]), (b"\xef\xbb\xbf[]", [[]]), (b"<p>", []), (b"", [])]
)
def test_a_body_has_one_json_document_or_none(body: bytes, expected: list[object]) -> None:
    assert response(body).documents() == expected
