"""`-H` replaces a request's own header of its name, and what is then not needed makes no error."""

from __future__ import annotations

import pytest

from gluten.errors import WorkloadError
from gluten.task.task import Task
from gluten.workload.reader import of_task
from gluten.workload.tables.source import parse
from gluten.workload.task_of import task_of
from gluten.workload.workload import Request, Workload

HEAD = 'url = "http://h"\n'
FEED = '[[feed]]\nname = "user"\nfile = "users.csv"\n'
GIVEN = {"headers": (("authorization", "Bearer given"),), "outranking": ("authorization",)}


def made(text: str, headers: str = "authorization: Bearer given") -> Workload:
    name, _, value = headers.partition(": ")
    task = task_of(text, {"headers": ((name, value),), "outranking": (name,)}, {})
    return of_task(Task.from_map(task.to_map()))


def sent(workload: Workload, name: str) -> list[tuple[str, str]]:
    request: Request = next(one for one in workload.requests if one.name == name)
    return [(header, value.text) for header, value in request.headers]


def test_each_value_of_the_name_is_replaced_in_any_spelling() -> None:
    text = f"{HEAD}[request.a]\nget = '/'\nheader = ['AUTHORIZATION: x', 'Authorization: y', 'A: z']\n"
    assert sent(made(text), "a") == [("authorization", "Bearer given"), ("A", "z")]


def test_a_feed_that_only_replaced_headers_name_is_left_out() -> None:
    text = f"{HEAD}[vars]\nword = 'Bearer {{{{user.token}}}}'\n{FEED}[request.a]\nget = '/'\n"
    for header in ("{{user.token}}", "{{word}}"):
        own = f"{text}header = ['Authorization: {header}']\n"
        assert of_task(task_of(own, {}, {})).files == ("users.csv",)
        workload = made(own)
        assert (workload.feeds, workload.files) == ((), ())
        assert made(own, "accept: x").files == ("users.csv",)


def test_a_feed_that_another_place_names_too_is_used() -> None:
    text = f"{HEAD}{FEED}[request.a]\nget = '/{{{{user.name}}}}'\nheader = ['Authorization: {{{{user.token}}}}']\n"
    assert [feed.name for feed in made(text).feeds] == ["user"]


def test_a_feed_that_nothing_names_is_refused_all_the_same() -> None:
    with pytest.raises(WorkloadError, match="feed: no request uses user"):
        made(f"{HEAD}{FEED}[request.a]\nget = '/'\nheader = ['Authorization: x']\n")


def test_a_taken_value_that_only_a_replaced_header_needs_is_taken_all_the_same() -> None:
    text = (
        f"{HEAD}setup = ['token']\nteardown = ['bye']\n"
        "[request.token]\npost = '/token'\nheader = ['Authorization: a']\ntake = {token = 'json $.token'}\n"
        "[request.bye]\ndelete = '/token'\nheader = ['Authorization: Bearer {{token}}']\n"
        "[request.a]\nget = '/'\nheader = ['Authorization: Bearer {{token}}']\n"
    )
    workload = made(text)
    for name in ("token", "bye", "a"):
        assert sent(workload, name) == [("authorization", "Bearer given")]
    assert workload.requests[0].takes
    assert (workload.setup, workload.teardown) == ((0,), (1,))


def test_a_feed_in_a_replaced_header_of_setup_is_no_error() -> None:
    text = f"{HEAD}setup = ['b']\n{FEED}[request.a]\nget = '/{{{{user.name}}}}'\n[request.b]\nget = '/b'\n"
    own = f"{text}header = ['Authorization: {{{{user.token}}}}']\n"
    with pytest.raises(WorkloadError, match="setup: b names the feed user: only sessions have rows"):
        of_task(task_of(own, {}, {}))
    assert sent(made(own), "b") == [("authorization", "Bearer given")]


def test_a_variable_that_only_a_replaced_header_needs_may_be_missing() -> None:
    text = f"{HEAD}[request.a]\nget = '/'\nheader = ['Authorization: {{{{env TOKEN}}}}']\n"
    with pytest.raises(WorkloadError, match="TOKEN is not set"):
        task_of(text, {}, {})
    assert sent(made(text), "a") == [("authorization", "Bearer given")]


def test_what_is_no_template_is_refused_all_the_same() -> None:
    with pytest.raises(WorkloadError, match=r"line 4: request\.a\.header"):
        made(f"{HEAD}[request.a]\nget = '/'\nheader = ['Authorization: {{{{']\n")


def test_basic_is_replaced_and_the_content_type_of_multipart_stays() -> None:
    text = f"{HEAD}{FEED}[request.a]\npost = '/'\nbasic = '{{{{user.name}}}}:x'\nmultipart = {{title = 'x'}}\n"
    workload = made(text)
    names = [name for name, _ in sent(workload, "a")]
    assert (names.count("authorization"), names.count("Authorization"), workload.feeds) == (1, 0, ())
    typed = [value for name, value in sent(made(text, "content-type: text/plain"), "a") if name == "Content-Type"]
    assert [value.partition(";")[0] for value in typed] == ["multipart/form-data"]


def test_the_given_value_may_have_templates() -> None:
    text = f"{HEAD}{FEED}[request.a]\nget = '/'\nheader = ['Authorization: x']\n"
    workload = made(text, "authorization: {{user.token}}")
    assert sent(workload, "a") == [("authorization", "{{user.token}}")]
    assert [feed.name for feed in workload.feeds] == ["user"]


def test_the_text_stays_as_it_was_written() -> None:
    text = f"{HEAD}[request.a]\nget = '/'\nheader = ['Authorization: x']\n"
    task = task_of(text, GIVEN, {})
    assert (task.workload, task.outranking) == (text, ("authorization",))
    assert parse(task.workload).document["request"]["a"]["header"] == ["Authorization: x"]
