"""Tasks and maps are the same after the wire. A field that is not set has its default."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TaskError
from gluten.net import gluten_pb2 as pb
from gluten.net.rpc import convert
from gluten.task.fields import FIELDS, Field, Kind
from gluten.task.task import Task
from gluten.workload.task_of import task_of

ROOT = Path(__file__).parents[3]
URL = "http://127.0.0.1:8080/"
COUNT = st.integers(0, 2**62)
NUMBER = st.floats(0, 1e12)
VALUE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)
TEXT = st.text(max_size=30)
NAME = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30)
MAYBE_TEXT = st.none() | TEXT
MAYBE_NUMBER = st.none() | NUMBER
# HTTP/2 forbids a few names, of which such a short one may be drawn.
TOKEN = st.from_regex(r"[A-Za-z-]{1,10}", fullmatch=True).filter(lambda name: name.lower() != "te")


PEMS = st.just("") | NAME.map(lambda text: f"-----BEGIN {text}")


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    threads = draw(st.none() | st.integers(1, 1000))
    requests = draw(st.none() | st.integers(1, 10**12))
    streams = draw(st.integers(1, 500))
    times = sorted(draw(st.sets(st.floats(0, 1000), max_size=4)))
    stages = tuple((when, draw(st.floats(0.5, 1e6))) for when in times)
    return Task(
        url=URL + draw(st.from_regex(r"[a-z?=&%2F]{0,20}", fullmatch=True)),
        threads=threads,
        connections=draw(st.none() | st.integers(0, 1000).map(lambda more: (threads or 1) + more)),
        duration=draw(st.floats(0.001, 86400) if requests is None else st.none() | st.floats(0.001, 86400)),
        requests=requests,
        rate=None if stages else draw(st.none() | st.floats(0.1, 1e6)),
        stages=stages,
        headers=tuple(draw(st.lists(st.tuples(TOKEN, VALUE), max_size=4))),
        timeout=draw(st.floats(0.001, 100)),
        keepalive=draw(st.booleans()) or streams > 1,
        http2=streams > 1,
        streams=streams,
        insecure=draw(st.booleans()),
        cacert=draw(PEMS),
        key=draw(PEMS),
        resolve=tuple(draw(st.lists(st.just("example.com:443:127.0.0.1"), max_size=2))),
        max_body=draw(st.integers(1, 1 << 40)),
        name=draw(NAME),
        on_loss=draw(st.sampled_from(("rebalance", "continue", "fail"))),
        split=draw(st.sampled_from(("cores", "even"))),
        secret=draw(st.booleans()),
        seed=draw(st.integers(0, 10**15)),
        slo=tuple(draw(st.lists(st.just("p99 < 1s"), max_size=2))),
        slo_sure=draw(st.booleans()),
        trace=draw(st.booleans()),
        drain=draw(st.none() | st.floats(0.001, 86400)),
        redirects=draw(st.none() | st.integers(0, 50)),
        method=draw(TOKEN),
        body=draw(st.binary(max_size=100)),
    )


def wired(message: Any) -> Any:
    """The message after a trip over the wire."""
    return type(message).FromString(message.SerializeToString())


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
    **dict.fromkeys((Kind.RULES, Kind.SLOS), "repeated string"),
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


@pytest.mark.parametrize("given", [{}, {"stages": ((0.0, 1.0), (5.0, 2.0))}, {"requests": 5, "url": "http://x/"}])
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


NODE_SECONDS = st.fixed_dictionaries({"completed": COUNT, "cpu": MAYBE_NUMBER, "in_flight": COUNT})
SECONDS_OF_A_REQUEST = st.fixed_dictionaries(
    {
        **dict.fromkeys(("sent", "completed", "failed", "dropped", "read", "written", "good"), COUNT),
        **dict.fromkeys(("mean", "p50", "p90", "p99", "p99_9", "max", "service_p50", "service_p99"), NUMBER),
        "status": st.dictionaries(st.sampled_from(("200", "404")), COUNT),
        "errors": st.dictionaries(st.sampled_from(("connect", "timeout")), COUNT),
    }
)
SESSION_COUNTS = ("begun", "finished", "ended", "cut", "dropped", "good")
SECONDS_OF_A_SCENARIO = st.fixed_dictionaries(
    {
        **dict.fromkeys(SESSION_COUNTS, COUNT),
        **dict.fromkeys(("mean", "p50", "p90", "p99", "p99_9", "max"), NUMBER),
    }
)
ROWS = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            [
                "second",
                "sent",
                "completed",
                "failed",
                "dropped",
                "read",
                "written",
                "in_flight",
                "connections",
                "opened",
                "backlog",
                "peak",
            ],
            COUNT,
        ),
        **dict.fromkeys(["asked", "mean", "p50", "p90", "p95", "p99", "p99_9", "max"], MAYBE_NUMBER),
        "heat": st.lists(COUNT, max_size=3),
        **dict.fromkeys(
            ["service_p50", "service_p99", "lateness_p99", "cpu", "lag_p99", "host_cpu", "steal"], MAYBE_NUMBER
        ),
        "status": st.dictionaries(st.sampled_from(("200", "404", "503")), COUNT),
        "errors": st.dictionaries(st.sampled_from(("connect", "timeout")), COUNT),
        "nodes": st.dictionaries(TEXT, NODE_SECONDS, max_size=3),
        "version": COUNT,
        "good": st.none() | COUNT,
        "drain": st.booleans(),
        "by_request": st.dictionaries(TEXT, SECONDS_OF_A_REQUEST, max_size=2),
        **dict.fromkeys(
            ("begun", "active", "most_active", "finished", "ended", "cut", "sessions_dropped"), st.none() | COUNT
        ),
        **dict.fromkeys(("session_p50", "session_p99"), MAYBE_NUMBER),
        "by_scenario": st.dictionaries(TEXT, SECONDS_OF_A_SCENARIO, max_size=2),
    }
)
EVENTS = st.fixed_dictionaries({"at": TEXT, "second": st.none() | COUNT, "kind": TEXT, "node": TEXT, "text": TEXT})
SHARES = st.fixed_dictionaries(
    {
        **dict.fromkeys(("cores", "threads"), COUNT),
        "connections": st.none() | COUNT,
        "name": TEXT,
        "rate": MAYBE_NUMBER,
        "requests": st.none() | COUNT,
    }
)
SLOS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("slo", "state", "unit", "request"), TEXT),
        "value": MAYBE_NUMBER,
        "limit": NUMBER,
        "sure": st.none() | st.booleans(),
        "since": st.none() | COUNT,
    }
)
REQUESTS = st.fixed_dictionaries(
    {
        "name": TEXT,
        **dict.fromkeys(("sent", "completed", "good", "failed", "dropped", "in_flight"), COUNT),
        **dict.fromkeys(("rate", "p50", "p95", "p99"), NUMBER),
        **dict.fromkeys(("checks_passed", "checks_failed", "skipped"), COUNT),
    }
)
PERCENTILES = dict.fromkeys(("p50", "p95", "p99"), NUMBER)
SESSIONS = {**dict.fromkeys((*SESSION_COUNTS, "active"), COUNT), "rate": NUMBER, **PERCENTILES}
TRIALS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("rate", "p50", "p95", "p99", "errors"), NUMBER),
        **dict.fromkeys(("from", "to", "in_flight"), COUNT),
        "state": TEXT,
        "slo": MAYBE_TEXT,
    }
)
CAPACITIES = st.fixed_dictionaries(
    {
        **dict.fromkeys(("unit", "text"), TEXT),
        **dict.fromkeys(("holds", "misses", "at_least"), MAYBE_NUMBER),
        **dict.fromkeys(("confidence", "precision"), NUMBER),
        **dict.fromkeys(("limit", "node", "slo"), MAYBE_TEXT),
        "recovers": st.none() | st.booleans(),
        "recovery": st.none() | COUNT,
        "moved": st.booleans(),
        "trials": st.lists(TRIALS, max_size=2),
    }
)
RUNS = st.fixed_dictionaries(
    {
        **dict.fromkeys(["id", "name", "state", "reason", "url", "link", "who"], TEXT),
        **dict.fromkeys(["created_at", "started_at", "ended_at"], MAYBE_TEXT),
        **dict.fromkeys(["number", "sent", "completed", "failed", "dropped", "in_flight", "version"], COUNT),
        **dict.fromkeys(["backlog", "connections"], COUNT),
        "needed": st.none() | COUNT,
        "hint": TEXT,
        **dict.fromkeys(["asked_duration", "duration", "asked_rate", "rate", "p50", "p95", "p99"], MAYBE_NUMBER),
        "elapsed": NUMBER,
        "task": st.none() | tasks().map(Task.redacted),
        "plan": st.lists(SHARES, max_size=3),
        "verdict": st.none()
        | st.fixed_dictionaries(
            {"value": TEXT, "reasons": st.lists(TEXT, max_size=3), "notes": st.lists(TEXT, max_size=3)}
        ),
        "queue": st.none() | COUNT,
        "good": st.none() | COUNT,
        "slo": st.lists(SLOS, max_size=2),
        "by_request": st.lists(REQUESTS, max_size=2),
        "capacity": st.none() | CAPACITIES,
        "sessions": st.none() | st.fixed_dictionaries(SESSIONS),
        "by_scenario": st.lists(st.fixed_dictionaries({"name": TEXT, **SESSIONS}), max_size=2),
        "groups": st.lists(st.fixed_dictionaries({"name": TEXT, "count": COUNT, **PERCENTILES}), max_size=2),
    }
)
NODE_MAPS = st.fixed_dictionaries(
    {
        **dict.fromkeys(["name", "id", "role", "state", "version", "python", "address"], TEXT),
        **dict.fromkeys(("run", "joined_at"), MAYBE_TEXT),
        **dict.fromkeys(("cpu", "age"), MAYBE_NUMBER),
        "cores": COUNT,
        "rpc_port": st.none() | st.integers(1, 65535),
        "load": st.booleans(),
    }
)
UPDATES = st.fixed_dictionaries(
    {
        "version": COUNT,
        "run": RUNS,
        "rows": st.lists(ROWS, max_size=2),
        "events": st.lists(EVENTS, max_size=2),
        "final": st.booleans(),
    }
)


@given(RUNS)
def test_a_run_survives_the_wire(run: Any) -> None:
    assert convert.run_from_proto(wired(convert.run_to_proto(run))) == run


@given(NODE_MAPS)
def test_a_node_survives_the_wire(node: Any) -> None:
    assert convert.node_from_proto(wired(convert.node_to_proto(node))) == node


@given(UPDATES)
def test_an_update_survives_the_wire(update: Any) -> None:
    assert convert.update_from_proto(wired(convert.update_to_proto(update))) == update


def test_a_key_that_the_schema_lacks_is_left_out() -> None:
    node: Any = {"name": "a", "colour": 1}
    assert "colour" not in convert.node_from_proto(convert.node_to_proto(node))


def test_a_header_of_bytes_that_are_not_utf8_is_refused_by_its_name() -> None:
    """Protobuf's texts are Unicode. The command `run` sends such bytes itself."""
    with pytest.raises(TaskError, match=r"headers: X-Name: .*not UTF-8") as caught:
        convert.task_to_proto(Task(URL, headers=(("A", "b"), ("X-Name", "a\udcff"))))
    assert caught.value.field == "headers"
