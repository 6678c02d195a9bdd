"""The bytes of a request: what was asked, no more."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.request import build
from gluten.errors import TaskError
from gluten.load.task import Task


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
