"""Tasks and maps are the same after the wire. A field that is not set has its default."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from gluten.errors import TaskError
from gluten.net import gluten_pb2 as pb
from gluten.net.rpc import convert
from gluten.task.fields import FIELDS, Field, Kind
from gluten.task.task import Task
from gluten.workload.task_of import task_of
from tests.support.net.wire_values import URL, tasks, wired

ROOT = Path(__file__).parents[3]


@given(tasks())
def test_a_task_survives_the_wire(task: Task) -> None:
    assert convert.task_from_proto(wired(convert.task_to_proto(task))) == task


def test_the_message_has_exactly_the_fields_of_a_task() -> None:
    fields = [spec.name for spec in pb.Task.DESCRIPTOR.fields]
    assert sorted(fields) == sorted(Task._fields)


PROTO_TYPES = {
    **dict.fromkeys((Kind.COUNT, Kind.WHOLE, Kind.SIZE), "int64"),
    **dict.fromkeys((Kind.TIME, Kind.RATE, Kind.SHARE), "double"),
    Kind.FLAG: "bool",
    Kind.BODY: "bytes",
    Kind.STAGES: "repeated Stage",
    Kind.HEADERS: "repeated Header",
    **dict.fromkeys((Kind.RULES, Kind.SLOS, Kind.NAMES), "repeated string"),
    **dict.fromkeys((Kind.ENV, Kind.FILES), "map<string, string>"),
    Kind.ROWS: "map<string, int64>",
}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_of_the_message_has_the_type_of_its_kind(field: Field) -> None:
    proto = (ROOT / "gluten/net/gluten.proto").read_text().partition("message Task {")[2].partition("\n}")[0]
    (found,) = re.findall(rf"^  (?:optional )?([\w ,<>]+) {field.name} = ", proto, re.MULTILINE)
    assert found == PROTO_TYPES.get(field.kind, "string")


def test_what_is_not_set_has_its_default() -> None:
    assert convert.task_from_proto(pb.Task(url=URL)) == Task(URL)


def test_requests_without_a_duration_have_no_time_limit() -> None:
    assert convert.task_from_proto(pb.Task(url=URL, requests=5)).duration is None
    assert convert.task_from_proto(pb.Task(url=URL, requests=5, duration=3)).duration == 3


def test_a_search_without_a_duration_has_ten_minutes() -> None:
    asked: dict[str, Any] = {"url": URL, "slo": ["p99 < 1s"], "find_capacity": True}
    assert convert.task_from_proto(pb.Task(**asked)).duration == 600
    assert convert.task_from_proto(pb.Task(**asked, duration=60)).duration == 60


WORKLOAD = """\
url = "http://file/"
header = ["A: file", "B: {{env TENANT 1}}"]
[load]
rate = 5
[request.a]
get = "/"
"""
DIGEST = "ab" * 32


def test_what_a_message_does_not_set_is_as_its_workload_says() -> None:
    message = pb.Task(workload=WORKLOAD, env={"TENANT": "7", "UNUSED": "x"}, files={"a.csv": DIGEST}, connections=9)
    task = convert.task_from_proto(wired(message))
    assert (task.url, task.rate, task.duration, task.connections) == ("http://file/", 5.0, 10.0, 9)
    assert (task.headers, task.env) == ((("A", "file"), ("B", "{{env TENANT 1}}")), (("TENANT", "7"),))
    assert (task.workload, task.files) == (WORKLOAD, (("a.csv", DIGEST),))


def test_a_message_brings_the_text_of_a_file_that_its_workload_names() -> None:
    text = f'{WORKLOAD}[load]\ncacert = "ca.pem"\n'.replace("[load]\nrate = 5\n", "")
    with pytest.raises(TaskError, match=r"line 6: load\.cacert: the text of 'ca\.pem' did not come") as caught:
        convert.task_from_proto(pb.Task(workload=text))
    assert caught.value.field == "cacert"
    task = convert.task_from_proto(pb.Task(workload=text, cacert="-----BEGIN x"))
    assert convert.task_from_proto(wired(convert.task_to_proto(task))) == task


@pytest.mark.parametrize(
    "given", [{}, {"stages": ((0.0, 1.0), (5.0, 2.0))}, {"requests": 5, "url": "http://x/"}, {"outranking": ("a",)}]
)
def test_the_task_of_a_workload_survives_the_wire(given: dict[str, Any]) -> None:
    task = task_of(WORKLOAD, given | {"headers": (("a", "given"),), "slo": ("p99 < 1s",)}, {"TENANT": "7"})
    assert convert.task_from_proto(wired(convert.task_to_proto(task))) == task


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (pb.Task(), "url"),
        (pb.Task(url="localhost:80"), "url"),
        (pb.Task(url=URL, threads=0), "threads"),
        (pb.Task(url=URL, threads=-5), "threads"),
        (pb.Task(url=URL, threads=4, connections=2), "connections"),
        (pb.Task(url=URL, rate=-5), "rate"),
        (pb.Task(url=URL, rate=float("nan")), "rate"),
        (pb.Task(url=URL, headers=[pb.Header(name="a b")]), "headers"),
        (pb.Task(url=URL, split="half"), "split"),
        (pb.Task(workload="x"), "workload"),
        (pb.Task(workload=WORKLOAD, url="x"), "url"),
        (pb.Task(workload=WORKLOAD, rate=-1), "rate"),
        (pb.Task(workload=WORKLOAD, method="POST"), "method"),
        (pb.Task(workload=WORKLOAD, files={"a": "b"}), "files"),
        (pb.Task(url=URL, env={"A": "b"}), "env"),
    ],
)
def test_a_wrong_field_is_named(message: pb.Task, field: str) -> None:
    with pytest.raises(TaskError) as caught:
        convert.task_from_proto(message)
    assert caught.value.field == field


def test_a_text_that_is_not_unicode_is_refused_in_one_line() -> None:
    with pytest.raises(TaskError) as caught:
        convert.task_to_proto(Task(URL, name="\udcff"))
    assert "\n" not in str(caught.value)


def test_a_header_of_bytes_that_are_not_utf8_is_refused_by_its_name() -> None:
    """Protobuf's texts are Unicode. The command `run` sends such bytes itself."""
    with pytest.raises(TaskError, match=r"headers: X-Name: .*not UTF-8") as caught:
        convert.task_to_proto(Task(URL, headers=(("A", "b"), ("X-Name", "a\udcff"))))
    assert caught.value.field == "headers"
