"""The bytes of a request: what was asked, no more."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.http1.request import build
from gluten.errors import TaskError
from gluten.task.parse import parse_header
from gluten.task.task import Task


def parts(task: Task) -> tuple[str, dict[str, list[str]], bytes]:
    """Request line, headers by name in lower case, body."""
    head, _, body = build(task).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        fields.setdefault(name.lower(), []).append(value)
    return first, fields, body


@pytest.mark.parametrize(("url", "host"), [
    ("http://example.com/", "example.com"), ("http://example.com:8080/", "example.com:8080"),
    ("http://EXAMPLE.com/", "example.com"), ("http://[::1]:81/", "[::1]:81"),
    ("http://[2001:db8::1]/", "[2001:db8::1]"),
    ("http://bücher.example/", "xn--bcher-kva.example"), ("http://u:p@h:1/", "h:1"), ("https://h/", "h"),
])  # fmt: skip
def test_host_is_the_urls(url: str, host: str) -> None:
    assert parts(Task(url))[1]["host"] == [host]


@pytest.mark.parametrize(("url", "path"), [
    ("http://h", "/"), ("http://h/", "/"), ("http://h?q=1", "/?q=1"), ("http://h/a/b?c=d&e=f", "/a/b?c=d&e=f"),
    ("http://h/a#part", "/a"), ("http://h/%20%41", "/%20%41"), ("http://h/ä?ö", "/%C3%A4?%C3%B6"),
    ("http://h/?", "/?"), ("http://h?a/b#c", "/?a/b"), ("http://h#a/b", "/"),
    ("http://h/a//b/../c?d?e", "/a//b/../c?d?e"),
    ("http://u:p@h/@:?//", "/@:?//"), ("http://h/a|b{c}^d`e\\f?g=[{|}]", "/a|b{c}^d`e\\f?g=[{|}]"),
    ("http://h/%zz%", "/%zz%"),
    ('http://h/"<>', "/%22%3C%3E"), ("http://h/a;b=c,d/*!$'()@:", "/a;b=c,d/*!$'()@:"),
])  # fmt: skip
def test_the_path_is_as_written(url: str, path: str) -> None:
    assert parts(Task(url))[0] == f"GET {path} HTTP/1.1"


def test_user_info_becomes_an_authorization() -> None:
    (value,) = parts(Task("http://us%C3%A9r:p%3Aw@h/"))[1]["authorization"]
    assert b64decode(value.removeprefix("Basic ")).decode() == "usér:p:w"


def test_the_tasks_headers_win_and_equal_names_are_all_sent() -> None:
    headers = (("HOST", "other"), ("user-agent", "me"), ("X-A", "1"), ("X-A", "2"), ("Authorization", "mine"))
    fields = parts(Task("http://u:p@h/", headers=headers))[1]
    assert fields["host"] == ["other"]
    assert fields["user-agent"] == ["me"]
    assert fields["x-a"] == ["1", "2"]
    assert fields["authorization"] == ["mine"]


@pytest.mark.parametrize(("method", "body", "length"), [
    ("GET", b"", None), ("HEAD", b"", None), ("DELETE", b"", None), ("POST", b"", ["0"]), ("PUT", b"abc", ["3"]),
    ("GET", b"abc", ["3"]),
])  # fmt: skip
def test_a_length_is_told_where_a_body_is_or_is_expected(method: str, body: bytes, length: list[str] | None) -> None:
    first, fields, sent = parts(Task("http://h/", method=method, body=body))
    assert first.startswith(method + " ")
    assert fields.get("content-length") == length
    assert sent == body


@pytest.mark.parametrize(
    "typed", ["caf\u00e9", "\u65e5\u672c", "a\tb", "\udcff\udc80", "\u00a0\u0085", "", "\U0001f600"]
)
def test_a_headers_bytes_are_those_that_were_typed(typed: str) -> None:
    """As Python reads a command line: what is not UTF-8 comes as lone surrogates."""
    data = build(Task("http://h/", headers=(parse_header(f"X-Name: {typed}"),)))
    assert b"\r\nX-Name: " + typed.encode("utf-8", "surrogateescape") + b"\r\n" in data


@pytest.mark.parametrize("name", ["Transfer-Encoding", "transfer-encoding"])
@pytest.mark.parametrize("body", [b"hello", b"5\r\nhello\r\n0\r\n\r\n", b""])
def test_a_coded_body_has_no_length_and_is_sent_as_it_is(name: str, body: bytes) -> None:
    _, fields, sent = parts(Task("http://h/", method="POST", body=body, headers=((name, "chunked"),)))
    assert "content-length" not in fields
    assert fields["transfer-encoding"] == ["chunked"]
    assert sent == body


def test_a_length_that_is_given_is_sent() -> None:
    headers = (("Transfer-Encoding", "chunked"), ("Content-Length", "7"))
    assert parts(Task("http://h/", method="POST", body=b"hello", headers=headers))[1]["content-length"] == ["7"]


@pytest.mark.parametrize(("headers", "kept"), [
    ((), True), ((("Connection", "close"),), False), ((("connection", "Close, x"),), False),
    ((("CONNECTION", "x ,\tCLOSE"),), False), ((("Connection", "x"), ("Connection", "close")), False),
    ((("Connection", "keep-alive, close"),), False), ((("Connection", "keep-alive"),), True),
    ((("Connection", "closed"),), True), ((("X-Connection", "close"),), True), ((("Connection", "Upgrade"),), True),
])  # fmt: skip
def test_who_says_close_does_not_keep(headers: tuple[tuple[str, str], ...], kept: bool) -> None:
    """RFC 9112, 9.6."""
    assert Task("http://h/", headers=headers).kept == kept
    assert not Task("http://h/", headers=headers, keepalive=False).kept
    assert parts(Task("http://h/", headers=headers))[1].get("connection", []) == [
        value for name, value in headers if name.lower() == "connection"
    ]


def test_no_keep_alive_is_said() -> None:
    assert "connection" not in parts(Task("http://h/"))[1]
    assert parts(Task("http://h/", keepalive=False))[1]["connection"] == ["close"]


text = st.text(st.characters(max_codepoint=0x2FF), max_size=12)


@given(st.tuples(text, text), text, text, st.sampled_from(["GET", "PO ST", "G\r\nX"]))
def test_nothing_can_add_a_line_or_a_second_request(header: tuple[str, str], path: str, user: str, method: str) -> None:
    """Either the task is refused, or it is one request with the headers that were given and ours."""
    try:
        task = Task(f"http://{user}@h/{path}", method=method, headers=(header,))
    except TaskError:
        return
    data = build(task)
    head, blank, rest = data.partition(b"\r\n\r\n")
    assert (blank, rest) == (b"\r\n\r\n", b"")
    lines = head.split(b"\r\n")
    assert len(lines[0].split(b" ")) == 3
    assert len(lines) <= 6
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
