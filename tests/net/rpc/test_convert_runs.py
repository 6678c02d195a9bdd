"""Runs, nodes and updates are the same after the wire."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gluten.net.rpc import convert
from gluten.task.task import Task
from tests.support.net.wire_values import COUNT, MAYBE_NUMBER, MAYBE_TEXT, NUMBER, TEXT, tasks, wired

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
