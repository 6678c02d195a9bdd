"""`query`, `basic` and `multipart` of a request: what is sent, and what is refused."""

from __future__ import annotations

import email
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gluten.engine.worker.requests.writer import host_task, write_of
from gluten.errors import TemplateFailure, WorkloadError
from gluten.task.task import Task
from gluten.workload.reader import of_task, with_files
from gluten.workload.task_of import task_of
from gluten.workload.templates.values import Values
from gluten.workload.workload import Workload

URL = "http://shop.test:8080/v2"
FEED = '[[feed]]\nname = "user"\nfile = "u.csv"\n'
NO_FILES: Mapping[str, bytes] = {}
PHOTO = bytes(range(256))
LEADING = """get = "{{next}}"
query = {q = 5}
[request.s]
get = "/"
take = {next = "header Location"}
[[scenario]]
name = "x"
do = ["s", "r"]"""
"""A path that begins with a template."""


def values(**taken: str) -> Values:
    made = Values(41, "run-1", lambda: 0.0, lambda: "uuid-1", {})
    made.rows["user"] = {"name": "Ann & Lee", "word": "pä:ss"}
    made.taken.update(taken)
    return made


def workload(request: str, top: str = "") -> tuple[Task, Workload]:
    feed = FEED if "user." in request else ""
    task = task_of(f'url = "{URL}"\n{top}\n{feed}[request.r]\n{request}\n', {}, {})
    return task, of_task(task)


def sent(request: str, top: str = "", files: Mapping[str, bytes] = NO_FILES) -> tuple[str, dict[str, str], bytes]:
    """The target, the headers by their names in small letters, and the body."""
    task, found = workload(request, top)
    [one] = with_files(found, files).requests
    head, _, body = write_of(one, host_task(one, task))(values()).partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers = [field.partition(": ") for field in fields]
    return line.split(" ")[1], {name.lower(): value for name, _, value in headers}, body


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a", "/v2/a?q=x%20y&page=2"),
        ("/a?b=1", "/v2/a?b=1&q=x%20y&page=2"),
        ("/a?", "/v2/a?q=x%20y&page=2"),
        ("/a?b=1&", "/v2/a?b=1&q=x%20y&page=2"),
        ("/a/{{raw '?b=1'}}", "/v2/a/?b=1&q=x%20y&page=2"),
        ("/{{user.name}}", "/v2/Ann%20%26%20Lee?q=x%20y&page=2"),
    ],
)
def test_a_query_stands_behind_the_path_whatever_that_has(path: str, target: str) -> None:
    assert sent(f'get = "{path}"\nquery = {{q = "x y", page = 2}}')[0] == target


def test_a_query_has_templates_flags_and_lists() -> None:
    fields = 'n = "{{user.name}}", all = true, tag = ["a", "{{seq}}"], "{{seq}}" = "x"'
    target, _, _ = sent(f'get = "/"\nquery = {{{fields}}}')
    found = parse_qsl(urlsplit(target).query)
    assert found == [("n", "Ann & Lee"), ("all", "true"), ("tag", "a"), ("tag", "41"), ("41", "x")]


@pytest.mark.parametrize(("location", "target"), [("/a?b=1", "/a?b=1&q=5"), ("/a", "/a?q=5")])
def test_behind_a_reference_a_query_is_added_to_what_it_has(location: str, target: str) -> None:
    task, found = workload(LEADING)
    one = found.requests[0]
    assert f"GET {target} HTTP/1.1".encode() in write_of(one, host_task(one, task))(values(next=location))


def test_a_query_never_changes_the_host() -> None:
    task, found = workload(LEADING)
    one = found.requests[0]
    with pytest.raises(TemplateFailure):
        write_of(one, host_task(one, task))(values(next="http://other.test/"))


def test_basic_is_the_header_of_user_and_password() -> None:
    _, headers, _ = sent('get = "/"\nbasic = "ann:se cret"')
    assert headers["authorization"] == "Basic YW5uOnNlIGNyZXQ="
    _, headers, _ = sent('get = "/"\nbasic = "{{user.name}}:{{user.word}}"')
    assert b64decode(headers["authorization"].removeprefix("Basic ")).decode() == "Ann & Lee:pä:ss"


def test_basic_replaces_the_files_own_header() -> None:
    _, headers, _ = sent('get = "/"\nbasic = "a:b"', 'header = ["Authorization: Bearer x", "X: y"]')
    assert (headers["authorization"], headers["x"]) == ("Basic YTpi", "y")


def test_basic_and_the_values_of_secret_fields_are_not_shown() -> None:
    text = 'url = "http://h"\n[request.r]\npost = "/"\nbasic = "ann:CANARY"\nquery = {token = "CANARY", q = "x"}\n'
    task = task_of(f'{text}multipart = {{password = "CANARY", title = "y"}}\n', {}, {})
    shown = task.public().workload
    assert "CANARY" not in shown
    assert 'q = "x"' in shown
    assert 'title = "y"' in shown
    assert task.public().withheld == ["workload"]


def parts(headers: dict[str, str], body: bytes) -> list[tuple[str, str | None, str, bytes]]:
    """The name, the file's name, the type and the content of each part, read by another parser."""
    message = email.message_from_bytes(f"Content-Type: {headers['content-type']}\r\n\r\n".encode() + body)
    found: list[tuple[str, str | None, str, bytes]] = []
    for part in message.get_payload():
        name: Any = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        data: Any = part.get_payload(decode=True)  # type: ignore[union-attr]
        found.append((name, part.get_filename(), part.get_content_type(), data))  # type: ignore[union-attr]
    return found


def test_multipart_has_a_part_for_each_field_and_file() -> None:
    fields = 'title = "hi {{user.name}}", n = [1, 2], photo = "@p.JPG", x = "@x.bin"'
    files = {"p.JPG": PHOTO, "x.bin": b"\r\n--"}
    _, headers, body = sent(f'post = "/"\nmultipart = {{{fields}}}', files=files)
    assert headers["content-length"] == str(len(body))
    assert parts(headers, body) == [
        ("title", None, "text/plain", b"hi Ann & Lee"),
        ("n", None, "text/plain", b"1"),
        ("n", None, "text/plain", b"2"),
        ("photo", "p.JPG", "image/jpeg", PHOTO),
        ("x", "x.bin", "application/octet-stream", b"\r\n--"),
    ]


def test_its_files_travel_with_the_task() -> None:
    _, found = workload('post = "/"\nmultipart = {a = "@one.txt", b = ["@two.txt", "@one.txt"]}')
    assert found.files == ("one.txt", "two.txt")
    assert not found.requests[0].constant
    with pytest.raises(WorkloadError, match=r"the file 'two\.txt' is missing"):
        with_files(found, {"one.txt": b""})
    [one] = with_files(found, {"one.txt": b"1", "two.txt": b"2"}).requests
    assert one.constant, "its bytes are the same each time"


def test_a_part_may_begin_with_an_at_sign() -> None:
    _, headers, body = sent("""post = "/"\nmultipart = {who = "{{'@'}}ann"}""")
    assert parts(headers, body) == [("who", None, "text/plain", b"@ann")]


def test_names_of_parts_and_files_cannot_end_their_line() -> None:
    _, _, body = sent("""post = "/"\nmultipart = {"a\\"\\r\\nX: y" = "@d/e'\\".txt"}""", files={"d/e'\".txt": b""})
    assert b'name="a%22%0D%0AX: y"; filename="e\'%22.txt"\r\n' in body


def test_multipart_replaces_the_type_that_the_file_says_for_all() -> None:
    _, headers, _ = sent('post = "/"\nmultipart = {a = "b"}', 'header = ["Content-Type: application/json"]')
    assert headers["content-type"].startswith("multipart/form-data; boundary=gluten-")


@pytest.mark.parametrize(
    ("request_lines", "message"),
    [
        ("query = 5", "query: must be a table of fields"),
        ("query = {a = {b = 1}}", "query: a: a field of a query is a text, a number, true, false, or a list"),
        ("basic = 5", 'basic: must be a text, such as "user:password"'),
        ('basic = "ann"', "basic: needs a colon between user and password"),
        ('basic = "a:b"\nheader = ["authorization: x"]', "basic: there is a header Authorization already"),
        ("multipart = {}", "multipart: must be a table of parts"),
        ('multipart = "x"', "multipart: must be a table of parts"),
        ('multipart = {a = "@"}', "multipart: @ names no file"),
        ('multipart = {a = "b"}\nbody = "x"', "body: there is multipart already: a request has one body"),
        ('multipart = {a = "b"}\nheader = ["Content-Type: x/y"]', "multipart: there is a header Content-Type already"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(request_lines: str, message: str) -> None:
    with pytest.raises(WorkloadError) as refused:
        workload(f'post = "/"\n{request_lines}')
    assert f"request.r.{message}" in str(refused.value)
    assert "\n" not in str(refused.value)
