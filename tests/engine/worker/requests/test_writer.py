"""The bytes of named requests: what the file says, with our own headers where it does not say them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gluten.engine.worker.http1.request import build
from gluten.engine.worker.requests.tracer import Tracer
from gluten.engine.worker.requests.writer import host_task, write_of
from gluten.errors import TemplateFailure
from gluten.task.task import Task
from gluten.workload.reader import of_task
from gluten.workload.task_of import task_of
from gluten.workload.templates.values import Values

URL = "http://shop.test:8080/v2"


def values(at: str = "") -> Values:
    made = Values(41, "run-1", lambda: 0.0, lambda: "uuid-1", {})
    made.rows["user"] = {"name": "Ann Lee", "id": "7", "at": at}
    return made


def written(request: str, **more: Any) -> tuple[str, dict[str, list[str]], bytes]:
    """The request line, the headers and the body."""
    data = raw(request, **more)
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers: dict[str, list[str]] = {}
    for name, _, value in (field.partition(": ") for field in fields):
        headers.setdefault(name, []).append(value)
    return line, headers, body


def raw(request: str, top: str = "", known: Values | None = None, trace: Any = None) -> bytes:
    feed = '[[feed]]\nname = "user"\nfile = "u.csv"\n' if "user." in request else ""
    task = task_of(f'url = "{URL}"\n{top}\n{feed}[request.r]\n{request}\n', {}, {})
    [one] = of_task(task).requests
    return write_of(one, host_task(one, task), trace)(known or values())


def test_a_plain_get_is_what_the_command_line_sends() -> None:
    assert raw('get = "/a?b=c"') == build(Task("http://shop.test:8080/v2/a?b=c"))


def test_templates_stand_in_path_header_and_body() -> None:
    line, headers, body = written(
        'post = "/u/{{user.name}}?n={{seq}}"\nheader = ["X-Id: {{user.id}}"]\nbody = "hello {{user.name}}"'
    )
    assert line == "POST /v2/u/Ann%20Lee?n=41 HTTP/1.1"
    assert (headers["X-Id"], headers["Content-Length"], body) == (["7"], ["13"], b"hello Ann Lee")


def test_json_and_form_say_their_type_and_length() -> None:
    _, headers, body = written('post = "/p"\njson = {name = "{{user.name}}", n = 5}')
    assert headers["Content-Type"] == ["application/json"]
    assert json.loads(body) == {"name": "Ann Lee", "n": 5}
    assert headers["Content-Length"] == [str(len(body))]
    _, headers, body = written('post = "/p"\nform = {a = "{{user.name}}", b = ["1", "2"]}')
    assert (headers["Content-Type"], body) == (["application/x-www-form-urlencoded"], b"a=Ann%20Lee&b=1&b=2")


def test_a_header_of_the_file_takes_the_place_of_ours_and_the_request_s_of_the_file_s() -> None:
    _, headers, _ = written(
        'get = "/"\nheader = ["User-Agent: me", "A: own"]', top='header = ["A: common", "Accept: text/html"]'
    )
    assert (headers["User-Agent"], headers["A"], headers["Accept"]) == (["me"], ["own"], ["text/html"])


@pytest.mark.parametrize(("request_", "length"), [('get = "/"', None), ('post = "/"', ["0"]), ('delete = "/"', None)])
def test_a_request_without_a_body_says_a_length_where_one_is_expected(request_: str, length: Any) -> None:
    assert written(request_)[1].get("Content-Length") == length


def test_a_body_that_is_coded_as_it_is_given_gets_no_length() -> None:
    _, headers, body = written('post = "/"\nheader = ["Transfer-Encoding: chunked"]\nbody = "0\\r\\n\\r\\n"')
    assert "Content-Length" not in headers
    assert body == b"0\r\n\r\n"


def test_a_path_that_begins_with_a_template_is_resolved_against_the_host() -> None:
    line, _, _ = written('post = "{{user.at}}/pay"', known=values(at="http://shop.test:8080/cart/../cart/9"))
    assert line == "POST /cart/9/pay HTTP/1.1"


@pytest.mark.parametrize("there", ["http://evil.test/", "//evil.test", "https://shop.test:8080/", "/a\nb"])
def test_a_value_never_changes_the_host(there: str) -> None:
    with pytest.raises(TemplateFailure):
        raw('get = "{{user.at}}"', known=values(at=there))


def test_a_line_break_in_a_header_cannot_be_sent() -> None:
    with pytest.raises(TemplateFailure, match="line break"):
        raw('get = "/"\nheader = ["A: {{user.at}}"]', known=values(at="x\r\nB: y"))


def test_each_request_carries_another_trace_id() -> None:
    tracer = Tracer(b"0123456789abcdef")
    found = []
    for _ in range(3):
        [value] = written('get = "/"', trace=tracer.header)[1]["traceparent"]
        version, trace, parent, flags = value.split("-")
        assert (version, len(trace), len(parent), flags, trace) == ("00", 32, 16, "01", tracer.last)
        found.append(trace)
    assert len(set(found)) == 3
