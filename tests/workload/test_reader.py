"""A workload file becomes values, or one line that says file, line, key, and what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import WorkloadError
from gluten.task.task import Task
from gluten.workload.reader import of_task, with_files
from gluten.workload.tables.source import parse
from gluten.workload.task_of import planned, task_of
from gluten.workload.templates.encoding import Encoding
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Values
from gluten.workload.workload import FileBody, Request, Workload

HEAD = 'url = "http://h"\n'
GET = '[request.a]\nget = "/"\n'

SHOP = """\
name = "shop, evening"
url  = "https://shop.test/v2"
header = ["Accept: application/json"]
seed = 7
timeout = "3s"
slo  = ["p99 < 250ms", "errors < 0.1%"]

[vars]
tenant = "t-{{env TENANT 1}}"

[load]
stages = "0s:0,1m:50,11m:50"
connections = 600
threads = 24

[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
at_end = "stop"
secret = true

[request.login]
post  = "/api/login"
json  = {name = "{{user.name}}", password = "{{user.password}}"}
check = ["status == 200", "json $.token exists"]
timeout = "5s"

[request.view]
get    = "/api/products/{{int 1 9}}?q={{text 8}}"
header = ["accept: text/html", "X-Tenant: {{tenant}}"]
weight = 3

[request.pay]
post = "https://pay.test:8443/pay"
body = "@pay.json"
"""


def workload_of(text: str, env: dict[str, str] | None = None, **given: Any) -> Workload:
    return planned(parse(text, "shop.toml"), text, given, {}, env or {})[1]


def only(text: str, env: dict[str, str] | None = None) -> Request:
    (request,) = workload_of(HEAD + text, env).requests
    return request


def values() -> Values:
    return Values(0, "r", lambda: 0.0, lambda: "u", {})


def written(template: Template, encoding: Encoding = Encoding.PLAIN) -> str:
    return template.writer(encoding)(values()).decode()


def test_a_file_is_read_as_it_says() -> None:
    workload = workload_of(SHOP)
    login, view, pay = workload.requests
    assert [request.name for request in workload.requests] == ["login", "view", "pay"]
    assert (login.method, login.origin, written(login.path, Encoding.PATH)) == (
        "POST",
        "https://shop.test",
        "/v2/api/login",
    )
    assert [check.text for check in login.checks] == ["status == 200", "json $.token exists"]
    assert (login.timeout, login.weight, view.timeout, view.weight) == (5.0, 1, None, 3)
    assert (pay.origin, written(pay.path), pay.body) == ("https://pay.test:8443", "/pay", FileBody("pay.json"))
    assert workload.origins == ("https://shop.test", "https://pay.test:8443")
    assert workload.files == ("users.csv", "pay.json")
    assert (workload.feeds[0].pick, workload.feeds[0].secret, workload.feeds[0].skip) == ("unique", True, 0)
    assert workload.feeds_of(login) == {"user"}
    assert workload.feeds_of(view) == frozenset()


def test_a_request_s_own_header_replaces_that_of_the_file() -> None:
    login, view, pay = workload_of(SHOP).requests
    assert [(name, written(value)) for name, value in view.headers] == [("accept", "text/html"), ("X-Tenant", "t-1")]
    assert [name for name, _ in login.headers] == ["Accept", "Content-Type"]
    assert [name for name, _ in pay.headers] == ["Accept"]


def test_its_task_has_what_the_file_says_for_all_requests() -> None:
    task = task_of(SHOP, {}, {"TENANT": "5", "OTHER": "x"})
    assert (task.name, task.url, task.seed, task.timeout) == ("shop, evening", "https://shop.test/v2", 7, 3.0)
    assert (task.stages, task.duration) == (((0.0, 0.0), (60.0, 50.0), (660.0, 50.0)), 660.0)
    assert (task.connections, task.threads, task.headers) == (600, 24, (("Accept", "application/json"),))
    assert (task.slo, task.env, task.workload) == (("p99 < 250ms", "errors < 0.1%"), (("TENANT", "5"),), SHOP)


def test_a_node_reads_the_same_requests_from_the_task() -> None:
    task = task_of(SHOP, {"url": "http://127.0.0.1:8080/", "headers": (("X-A", "b"),), "seed": 9}, {"TENANT": "5"})
    workload = of_task(Task.from_map(task.to_map()))
    assert (workload.url, workload.seed) == ("http://127.0.0.1:8080/", 9)
    assert written(workload.requests[0].path) == "/api/login"
    assert [name for name, _ in workload.requests[0].headers] == ["Accept", "X-A", "Content-Type"]
    assert written(workload.requests[1].headers[2][1]) == "t-5"


def test_without_a_base_every_path_is_a_whole_url() -> None:
    text = '[request.a]\nget = "http://127.0.0.1:8080/x"\n'
    task = task_of(text, {}, {})
    assert task.url == "http://127.0.0.1:8080/"
    assert written(of_task(task).requests[0].path) == "/x"


@pytest.mark.parametrize(
    ("body", "expected", "kind"),
    [
        ('json = {a = 1, b = [true, "x"]}', '{"a":1,"b":[true,"x"]}', "application/json"),
        ("""json = '{"a": null, "b": 1.50}'""", '{"a":null,"b":1.50}', "application/json"),
        ('json = "5"', "5", "application/json"),
        ("json = [1, 2.5]", "[1,2.5]", "application/json"),
        ('form = {a = "b c", c = ["1", 2], d = true}', "a=b%20c&c=1&c=2&d=true", "application/x-www-form-urlencoded"),
        ('body = "x={{seq}}"', "x=0", ""),
    ],
)
def test_a_body_is_written_as_it_is_meant(body: str, expected: str, kind: str) -> None:
    request = only(f'[request.a]\npost = "/"\n{body}\n')
    assert isinstance(request.body, Template)
    assert written(request.body) == expected
    assert dict(request.headers).get("Content-Type") == (Template.parse(kind) if kind else None)


def test_a_header_that_says_the_content_type_stays_alone() -> None:
    request = only('[request.a]\npost = "/"\njson = {}\nheader = "content-type: text/x"\n')
    assert [(name, written(value)) for name, value in request.headers] == [("content-type", "text/x")]


def test_bodies_in_files_are_filled_in_json_with_templates_others_as_they_are() -> None:
    text = HEAD + '[request.a]\npost = "/"\njson = "@a.json"\n[request.b]\npost = "/"\nbody = "@b.bin"\n'
    a, b = with_files(workload_of(text), {"a.json": b'\xef\xbb\xbf{"n": "{{seq}}"}', "b.bin": b"\xff{{seq}}"}).requests
    assert isinstance(a.body, Template)
    assert written(a.body) == '{"n":"0"}'
    assert b.body == b"\xff{{seq}}"
    with pytest.raises(WorkloadError, match=r"request\.a\.json: a\.json: is not JSON"):
        with_files(workload_of(text), {"a.json": b"{", "b.bin": b""})
    with pytest.raises(WorkloadError, match=r"request\.b: the file 'b\.bin' is missing"):
        with_files(workload_of(text), {"a.json": b"{}"})


def test_a_path_that_begins_with_a_template_is_a_reference() -> None:
    text = (
        HEAD.replace("h", "h/v2", 1)
        if False
        else 'url = "http://h/v2"\n[vars]\ncart = "/c{{seq}}"\n[request.a]\nget = "{{cart}}/x"\n'
    )
    (request,) = workload_of(text).requests
    assert (request.path.leads, request.path.text) == (True, "{{cart}}/x")


def test_the_environment_counts_as_if_it_was_written_there() -> None:
    env = {"H": "h.test:81", "P": "/p", "W": "3"}
    request = only('[request.a]\nget = "http://{{env H}}{{env P}}/{{env Q q}}"\nweight = "{{env W}}"\n', env)
    assert (request.origin, written(request.path), request.weight) == ("http://h.test:81", "/p/q", 3)
    assert request.constant


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a?key={{env ODD}}", "/a?key=a%2Fb%26c%3Dd"),
        ("http://h/{{env ODD}}", "/a%2Fb%26c%3Dd"),
        ("/{{raw env ODD}}", "/a/b&c=d"),
        ("{{env TOP}}/{{env ODD}}", "/v1/a%2Fb%26c%3Dd"),
        ("{{env SCHEME}}://{{env HOST}}{{env TOP}}", "/v1"),
        ("/{{base64 'a?b>c'}}/{{base64 env ODD}}", "/YT9iPmM%3D/YS9iJmM9ZA%3D%3D"),
    ],
)
def test_in_a_path_the_environment_is_encoded_as_other_values_are(path: str, expected: str) -> None:
    env = {"ODD": "a/b&c=d", "TOP": "/v1", "SCHEME": "http", "HOST": "h"}
    assert written(only(f'[request.a]\nget = "{path}"\n', env).path, Encoding.PATH) == expected


def test_a_constant_request_is_told_from_one_with_templates() -> None:
    assert only('[request.a]\nget = "/"\nheader = "A: b"\n').constant
    for line in ('header = "A: {{seq}}"', 'body = "{{seq}}"', 'json = {a = "{{uuid}}"}', 'body = "@f"'):
        assert not only(f'[request.a]\nput = "/"\n{line}\n').constant
    assert (
        workload_of('url = "http://h"\n[vars]\na = "{{b}}x"\nb = "c"\n[request.r]\nget = "/{{a}}"\n')
        .requests[0]
        .constant
    )
