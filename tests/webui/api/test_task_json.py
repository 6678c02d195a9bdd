"""A form's or a script's JSON becomes the task that the command line would make, with its words."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.cli.arguments import parse
from gluten.cli.options import task_of
from gluten.errors import TaskError
from gluten.task.parse import ask
from gluten.task.task import Task
from gluten.task.validate import PEM
from gluten.webui.api.task_json import check_task, command_line, reached_at, read_task

URL = "http://t.test/"
WORKLOAD = """\
url = "http://file/"
[load]
rate = 5
[request.a]
get = "/{{env PLACE}}"
"""
CERTIFIED = """\
url = "https://file/"
[load]
cacert = "ca.pem"
[request.a]
get = "/"
"""
DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Task(URL)),
        ({"threads": "1k", "connections": "1.5k"}, Task(URL, 1000, 1500)),
        ({"duration": "1m30s"}, Task(URL, duration=90.0)),
        ({"duration": 30}, Task(URL, duration=30)),
        ({"duration": "30"}, Task(URL, duration=30.0)),
        ({"rate": "1.5k"}, Task(URL, rate=1500.0)),
        ({"rate": None, "name": "  ", "requests": ""}, Task(URL)),
        ({"requests": "10"}, Task(URL, duration=None, requests=10)),
        ({"requests": 10.0}, Task(URL, duration=None, requests=10)),
        ({"requests": "10", "duration": "5s"}, Task(URL, duration=5.0, requests=10)),
        ({"requests": "10", "duration": ""}, Task(URL, duration=None, requests=10)),
        ({"stages": "0s:0,30s:1k"}, Task(URL, duration=30.0, stages=((0.0, 0.0), (30.0, 1000.0)))),
        ({"stages": [[0, 1], [5, 9]]}, Task(URL, duration=5.0, stages=((0, 1), (5, 9)))),
        ({"headers": ["A: b", ["C", "d"]]}, Task(URL, headers=(("A", "b"), ("C", "d")))),
        ({"headers": {"A": "b"}}, Task(URL, headers=(("A", "b"),))),
        ({"headers": "A: b\n\nA: c\n"}, Task(URL, headers=(("A", "b"), ("A", "c")))),
        (
            {"headers": "A: b\r\nA: \u2028\u00e9\u0085\u00a0"},
            Task(URL, headers=(("A", "b"), ("A", "\u2028\u00e9\u0085\u00a0"))),
        ),
        ({"body": "grüße"}, Task(URL, body="grüße".encode())),
        ({"body": " "}, Task(URL, body=b" ")),
        ({"max_body": "64k"}, Task(URL, max_body=65536)),
        ({"resolve": "a:80:127.0.0.1"}, Task(URL, resolve=("a:80:127.0.0.1",))),
        ({"url": f"  {URL} "}, Task(URL)),
    ],
)
def test_values_read_as_the_command_line_reads_them(values: dict[str, Any], expected: Task) -> None:
    assert read_task({"url": URL} | values) == expected


@pytest.mark.parametrize(
    ("values", "field", "word"),
    [
        ({"url": ""}, "url", "needs http://"),
        ({"threads": "many"}, "threads", "--threads: 'many' is not a number with k, M or G"),
        ({"threads": 2.5}, "threads", "'2.5' is not a whole number"),
        ({"threads": True}, "threads", "must be a number"),
        ({"threads": 2, "connections": 1}, "connections", "below threads"),
        ({"duration": "soon"}, "duration", "'soon' is not a time"),
        ({"rate": "-5"}, "rate", "'-5' is not a number"),
        ({"rate": 0}, "rate", "above 0"),
        ({"max_body": "big"}, "max_body", "--max-body: 'big' is not a size"),
        ({"stages": "5"}, "stages", "not TIME:RATE"),
        ({"headers": ["nonsense"]}, "headers", "is not a header"),
        ({"headers": 5}, "headers", "must be a list"),
        ({"headers": [5]}, "headers", "a list of pairs"),
        ({"headers": [["A", "b\nC: d"]]}, "headers", "line break"),
        ({"resolve": [5]}, "resolve", "must be a text"),
        ({"rate": float("inf")}, "rate", "is not a number"),
        ({"stages": [[1]]}, "stages", "a list of pairs"),
        ({"method": 5}, "method", "must be a text"),
        ({"body": 5}, "body", "must be a text"),
        ({"keepalive": "yes"}, "keepalive", "must be true or false"),
        ({"tea": 1}, "tea", "a task has no such field"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(values: dict[str, Any], field: str, word: str) -> None:
    with pytest.raises(TaskError) as caught:
        read_task({"url": URL} | values)
    assert caught.value.field == field
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "field", "expected"),
    [
        ({}, "rate", 5.0),
        ({}, "url", "http://file/"),
        ({"stages": "0s:1,5s:2"}, "rate", None),
        ({"rate": ""}, "rate", 5.0),
        ({"url": URL}, "url", URL),
        ({"headers": ["A: b"]}, "headers", (("A", "b"),)),
        ({"slo": ["p99 < 1s"], "seed": 3}, "slo", ("p99 < 1s",)),
        ({"files": {"a.csv": DIGEST}}, "files", (("a.csv", DIGEST),)),
        ({"headers": ["A: b"]}, "outranking", ()),
        ({"headers": ["A: b"], "outranking": ["a", "c"]}, "outranking", ("a",)),
        ({}, "env", (("PLACE", "x"),)),
    ],
)
def test_what_is_not_given_is_as_the_workload_says(values: dict[str, Any], field: str, expected: object) -> None:
    asked = {"workload": WORKLOAD, "env": {"PLACE": "x", "OTHER": "y"}}
    assert getattr(read_task(asked | values), field) == expected


@pytest.mark.parametrize(
    ("values", "field", "word"),
    [
        ({"workload": 5}, "workload", "must be the text of a workload file"),
        ({"workload": "vus = 5"}, "workload", "workload: line 1: vus: is no key"),
        ({"workload": WORKLOAD}, "workload", "line 5: request.a.get: {{env PLACE}}: PLACE is not set"),
        ({"workload": WORKLOAD, "env": {"PLACE": 5}}, "env", "an object whose values are texts"),
        ({"workload": WORKLOAD, "env": {"PLACE": "x"}, "method": "POST"}, "method", "each request of a workload"),
        ({"workload": WORKLOAD, "env": {"PLACE": "x"}, "body": "x"}, "body", "each request of a workload"),
        ({"workload": WORKLOAD, "env": {"PLACE": "x"}, "url": "x"}, "url", "needs http://"),
        ({"workload": WORKLOAD, "env": {"PLACE": "x"}, "files": {"a": "b"}}, "files", "SHA-256"),
        ({"env": {"A": "b"}, "url": URL}, "env", "belongs to a workload"),
        ({"workload": WORKLOAD, "env": {"PLACE": "x"}, "outranking": ["a b"]}, "outranking", "names of headers"),
        ({"workload": WORKLOAD, "env": {"PLACE": "x"}, "outranking": 5}, "outranking", "must be a list"),
        ({"workload": CERTIFIED}, "cacert", "workload: line 3: load.cacert: the text of 'ca.pem' did not come"),
        ({"workload": CERTIFIED, "cacert": PEM, "url": "x"}, "url", "needs http://"),
    ],
)
def test_what_is_wrong_with_a_workload_is_said_with_its_field(values: dict[str, Any], field: str, word: str) -> None:
    task, errors = check_task(values)
    assert (task, [error.field for error in errors]) == (None, [field])
    assert word in str(errors[0])


def test_a_workload_as_a_page_shows_it_can_be_asked_again() -> None:
    task = read_task({"workload": WORKLOAD, "env": {"PLACE": "x"}, "files": {"a.csv": DIGEST}, "slo": ["p99 < 1s"]})
    assert read_task(task.redacted()) == task
    assert command_line(task, "").endswith(" --url http://file/ workload.toml")


def test_the_command_line_of_a_workload_has_the_headers_that_its_file_lacks() -> None:
    text = f"header = ['A: file', 'B: file', 'C: file']\n{WORKLOAD.replace('{{env PLACE}}', '')}"
    task = read_task({"workload": text, "headers": ["B: b", "D: d", "C: file"], "outranking": ["c"]})
    assert read_task(task.redacted()) == task
    assert re.findall(r"-H '(.*?)'", command_line(task, "")) == ["B: b", "D: d", "C: file"]


def test_the_text_of_a_file_that_a_workload_names_is_given_in_its_field() -> None:
    task = read_task({"workload": CERTIFIED, "cacert": PEM})
    assert task.cacert == PEM
    assert " --cacert cacert.pem " in command_line(task, "")


def test_the_words_are_the_command_lines() -> None:
    for option, text in (("threads", "?"), ("duration", "soon"), ("stages", "5"), ("header", "x")):
        with pytest.raises(TaskError) as said:
            ask(URL, {option: [text] if option == "header" else text})
        field = "headers" if option == "header" else option
        with pytest.raises(TaskError, match=re.escape(str(said.value))):
            read_task({"url": URL, field: [text] if option == "header" else text})


@pytest.mark.parametrize(
    "task", [Task(URL), Task(URL, 3, 7, rate=1.5, headers=(("A", "b"),)), Task(URL, duration=None, requests=9)]
)
def test_a_task_as_a_page_shows_it_can_be_asked_again(task: Task) -> None:
    assert read_task(task.redacted()) == task


def test_all_wrong_fields_are_reported_at_once() -> None:
    task, errors = check_task({"url": "x", "threads": "?", "duration": "?"})
    assert task is None
    assert [error.field for error in errors] == ["threads", "duration", "url"]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "-d 10s http://t.test/"),
        ({"requests": 5}, "-n 5 http://t.test/"),
        ({"rate": "1.5k", "duration": "90s"}, "-d 1m30s -R 1500 http://t.test/"),
        ({"stages": "0s:0,30s:1k"}, "-d 30s --stages 0s:0,30s:1000 http://t.test/"),
        ({"headers": ["A: b c"]}, "-d 10s -H 'A: b c' http://t.test/"),
        ({"method": "POST", "body": "it's"}, """-d 10s -m POST -b 'it'"'"'s' http://t.test/"""),
        ({"body": "@x"}, "-d 10s -b @body.txt http://t.test/"),
        ({"keepalive": False, "insecure": True}, "-d 10s --no-keepalive --insecure http://t.test/"),
        ({"name": "a b", "on_loss": "fail"}, "-d 10s --name 'a b' --on-loss fail http://t.test/"),
        ({"cacert": "-----BEGIN x"}, "-d 10s --cacert cacert.pem http://t.test/"),
        ({"timeout": "500ms"}, "-d 10s -T 500ms http://t.test/"),
        ({"headers": ["Cookie: CANARY"]}, "-d 10s -H 'Cookie: ***' http://t.test/"),
        ({"body": "CANARY", "secret": True}, "-d 10s -b @body.txt --secret http://t.test/"),
        ({"url": "http://a:CANARY@t.test/?key=CANARY"}, "-d 10s 'http://***@t.test/?key=***'"),
        (
            {"cert": "-----BEGIN x", "key": "-----BEGIN CANARY"},
            "-d 10s --cert cert.pem --key key.pem http://t.test/",
        ),
        ({"rate": "0.0000001"}, "-d 10s -R 0.0000001 http://t.test/"),
        ({"body": "a\0b"}, "-d 10s -b @body.txt http://t.test/"),
        ({"body": "x" * 200_000}, "-d 10s -b @body.txt http://t.test/"),
        ({"name": "--"}, "-d 10s --name=-- http://t.test/"),
    ],
)
def test_the_command_line_asks_for_the_same(values: dict[str, Any], line: str) -> None:
    task = read_task({"url": URL} | values)
    assert command_line(task, "m:8888") == f"gluten.pyz submit --master m:8888 {line}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://***@t.test/"),
        ("url", "http://t.test/?token=***"),
        ("headers", ["Cookie: ***"]),
        ("key", "***"),
        ("body", "***"),
    ],
)
def test_what_stands_for_a_secret_has_to_be_written_again(field: str, value: Any) -> None:
    task, errors = check_task({"url": URL, field: value})
    assert task is None
    assert [error.field for error in errors] == [field]
    assert "write it again" in str(errors[0])


def test_a_key_without_its_certificate_is_refused() -> None:
    task, errors = check_task({"url": URL, "key": "-----BEGIN CANARY"})
    assert task is None
    assert [error.field for error in errors] == ["cert"]


@pytest.mark.parametrize(
    ("host", "secure", "master"),
    [
        ("m:8888", False, "m:8888"),
        ("m:8888", True, "https://m:8888"),
        ("gluten.example", True, "https://gluten.example:443"),
        ("[::1]", False, "[::1]:80"),
        ("[::1]:8888", False, "[::1]:8888"),
        ("", False, ""),
    ],
)
def test_the_command_line_reaches_the_master_as_the_page_did(host: str, secure: bool, master: str) -> None:
    assert reached_at(host, secure) == master


PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=12)
NAMES = st.from_regex(r"X-[A-Za-z0-9-]{1,8}", fullmatch=True)
RATES = st.floats(1e-6, 1e8)
TASKS = st.builds(
    Task,
    st.just(URL),
    threads=st.integers(1, 9),
    connections=st.integers(9, 99),
    duration=st.floats(1e-3, 1e6),
    requests=st.none() | st.integers(1, 10**13),
    rate=st.none() | RATES,
    method=st.sampled_from(("GET", "POST", "-X")),
    body=PLAIN.map(str.encode).filter(lambda body: not body.startswith(b"@")),
    headers=st.lists(st.tuples(NAMES, PLAIN.map(str.strip)), max_size=3).map(tuple),
    timeout=st.floats(1e-3, 1e4),
    keepalive=st.booleans(),
    insecure=st.booleans(),
    resolve=st.lists(st.sampled_from(("a:80:127.0.0.1", "-b:1:[::1]")), max_size=2).map(tuple),
    max_body=st.integers(1, 1 << 40),
    name=PLAIN.map(str.strip),
    on_loss=st.sampled_from(("rebalance", "continue", "fail")),
    split=st.sampled_from(("cores", "even")),
    # A named tuple's defaults are filled in, too, unless they are named.
    stages=st.just(()),
    cacert=st.just(""),
    cert=st.just(""),
    key=st.just(""),
    secret=st.just(False),
    seed=st.just(0),
    slo=st.just(()),
    slo_sure=st.booleans(),
    trace=st.booleans(),
    workload=st.just(""),
    env=st.just(()),
    files=st.just(()),
    rows=st.just(()),
    sessions=st.none(),
    outranking=st.just(()),
    drain=st.none() | st.floats(1e-3, 86400),
    pace=st.none(),
    ramp=st.none(),
    warmup=st.none(),
    arrivals=st.just("even"),
    find_capacity=st.just(False),
    search_from=st.none(),
    search_to=st.none(),
    precision=st.just(0.02),
    hold=st.just(30.0),
    at_least=st.none(),
    http2=st.booleans(),
    streams=st.just(1),
    redirects=st.none() | st.integers(0, 50),
)


@settings(deadline=None)
@given(TASKS)
def test_what_the_command_line_reads_is_the_task_that_the_page_asked_for(task: Task) -> None:
    public = task.public()
    line = command_line(task, "m:8888")
    if "@body.txt" not in line:
        assert task_of(parse(shlex.split(line)[1:], {})) == public


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), RATES), min_size=1, max_size=6, unique_by=lambda point: point[0]))
def test_stages_of_any_digits_stay_as_they_are(points: list[tuple[float, float]]) -> None:
    task = Task(URL, duration=5.0, stages=tuple(sorted(points)))
    assert task_of(parse(shlex.split(command_line(task, ""))[1:], {})) == task


@pytest.mark.parametrize("value", [["a: b"] * 200_000, {str(number): "b" for number in range(200_000)}])
def test_the_items_of_a_field_are_bounded(value: Any) -> None:
    task, errors = check_task({"url": URL, "headers": value})
    assert task is None
    assert [(error.field, str(error)) for error in errors] == [("headers", "headers: at most 10000 items are accepted")]
