"""The tables and views that people query in SQL: one number a column. `docs/sql.md` describes the views.

Step 7 of the migrations executes this, so it never changes once it is released. The views are what people may rely on.

Null takes no room. So the tables of seconds have null for a number that is mostly 0, and for one that is mostly the
same as another one (`SAME`). The views show the number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

Columns = dict[str, str]
"""Name -> type. `int?` is null for 0."""

INT, REAL, TEXT, SPARSE = "bigint", "double precision", "text", "int?"

SAME = {
    "sent": "completed",
    "good": "completed",
    "status_2xx": "completed",
    "service_p50_us": "response_p50_us",
    "service_p99_us": "response_p99_us",
}
"""If the first column is null in a row of a second, its number is that of the second column."""

STATUSES = ("status_1xx", "status_2xx", "status_3xx", "status_4xx", "status_5xx", "status_other")
KINDS = (
    "dns", "connect", "tls", "write", "read", "reset", "timeout", "protocol", "limit", "closed", "template", "stream",
)  # fmt: skip
_POINTS = ("p50", "p90", "p95", "p99", "p99_9", "max")


def _of(names: Iterable[str], kind: str) -> Columns:
    return dict.fromkeys(names, kind)


_COUNTS = _of(("sent", "completed", "good"), INT) | _of(("failed", "dropped"), SPARSE)
_BYTES = _of(("read_bytes", "written_bytes"), INT)
_STATUS = _of(STATUSES[1:2], INT) | _of((STATUSES[0], *STATUSES[2:]), SPARSE)
_ERRORS = _of([f"failed_{kind}" for kind in KINDS], SPARSE)
_RESPONSE = {"response_mean_us": REAL} | _of([f"response_{point}_us" for point in _POINTS], INT)
_SHARES = _of(("cpu_share", "host_cpu_share", "steal_share"), REAL)

REQUEST_SECOND: Columns = _COUNTS | _BYTES | _RESPONSE | _of(("service_p50_us", "service_p99_us"), INT) | _STATUS
SECOND: Columns = (
    {"drain": "integer", "asked_per_s": REAL}
    | REQUEST_SECOND
    | _of(("in_flight", "connections", "connections_peak"), INT)
    | _of(("connections_opened", "backlog", "lateness_p99_us", "lag_p99_us"), SPARSE)
    | _SHARES
    | _ERRORS
    | _of(("sessions_begun", "sessions_finished", "sessions_ended", "sessions_cut", "sessions_dropped"), SPARSE)
    | _of(("sessions_active",), SPARSE)
    | _of(("session_p50_us", "session_p99_us"), INT)
)
_WHOLE = (
    {"planned": INT}
    | _of(("sent", "completed", "good", "failed", "in_flight", "dropped", "skipped"), INT)
    | {"rate_per_s": REAL}
    | _BYTES
    | _RESPONSE
    | _of(("service_p50_us", "service_p95_us", "service_p99_us", "first_byte_p50_us", "first_byte_p99_us"), INT)
    | _of(STATUSES, INT)
)
REQUEST: Columns = {"position": "integer"} | _WHOLE | _of(("checks_passed", "checks_failed"), INT)
RUN: Columns = (
    {"url": TEXT, "protocol": TEXT, "verdict": TEXT}
    | {"asked_rate_per_s": REAL, "asked_duration_s": REAL, "threads": INT, "connections": INT, "duration_s": REAL}
    | _WHOLE
    | _of([f"failed_{kind}" for kind in KINDS], INT)
    | _of(("slos", "slos_missed"), INT)
    | _of(("sessions_planned", "sessions_begun", "sessions_finished", "sessions_ended", "sessions_cut"), INT)
    | _of(("sessions_dropped", "sessions_good", "session_p50_us", "session_p95_us", "session_p99_us"), INT)
    | {"capacity_holds_per_s": REAL, "capacity_misses_per_s": REAL}
)
NODE: Columns = (
    _of(("cores", "threads", "connections"), INT)
    | {"asked_per_s": REAL, "rate_per_s": REAL}
    | _of(("sent", "completed", "good", "failed", "in_flight", "dropped"), INT)
    | _SHARES
    | _of(("lateness_p99_us", "lag_p99_us"), INT)
    | {"start_skew_s": REAL, "ended_s": REAL, "gaps_s": INT, "lost": "integer"}
)

_ERRORS_SHOWN = "{0}completed + coalesce({0}failed, 0) - coalesce({0}good, {0}completed) as errors"
_THERE = "r.state <> 'deleted'"
_WHEN = "s.second as second, r.started_at + s.second as at_unix_s"


def statements() -> Iterator[str]:
    """The SQL of the step, for both databases."""
    yield _table("gluten_second", {"request": "text"}, SECOND, "run, second", "second integer not null")
    key = "second integer not null, request text not null"
    yield _table("gluten_request_second", {}, REQUEST_SECOND, "", key)
    # No primary key: an index with many equal keys takes little room.
    yield "create index gluten_request_second_run on gluten_request_second (run, second)"
    yield _table("gluten_request", {}, REQUEST, "run, request", "request text not null")
    yield _table("gluten_node", {}, NODE, "run, node", "node text not null")
    yield _table("gluten_total", {}, RUN, "run", "")
    yield from _views()


def _table(name: str, more: Columns, columns: Columns, key: str, keys: str) -> str:
    typed = [f'"{column}" {INT if kind == SPARSE else kind}' for column, kind in (more | columns).items()]
    first = ["run bigint not null references gluten_run (number)", *([keys] if keys else [])]
    end = f", primary key ({key})) {{without_rowid}}" if key else ")"
    return f"create table {name} ({', '.join([*first, *typed])}{end}"


def _shown(columns: Columns, table: str, same: Mapping[str, str] = MappingProxyType({})) -> str:
    """The columns of a view, with a number for null."""
    shown = []
    for name, kind in columns.items():
        column = f"{table}{name}"
        if name in same:
            column = f"coalesce({column}, {table}{same[name]})"
        elif kind == SPARSE:
            column = f"coalesce({column}, 0)"
        shown.append(f"{column} as {name}")
    return ", ".join(shown)


def _views() -> Iterator[str]:
    yield (
        "create view runs as select r.number as run, r.id as id, r.name as name, r.state as state, r.reason as reason, "
        "r.who as who, r.created_at as created_unix_s, r.started_at as started_unix_s, r.ended_at as ended_unix_s, "
        "case when b.run is null then 0 else 1 end as baseline, "
        f"{_shown(RUN, 't.')}, {_ERRORS_SHOWN.format('t.')} "
        "from gluten_run r left join gluten_total t on t.run = r.number "
        f"left join gluten_baseline b on b.run = r.number where {_THERE}"
    )
    yield f"create view seconds as {_select('second', SECOND, _WHEN, SAME)}"
    of_requests = f"{_WHEN}, s.request as request"
    yield (
        f"create view request_seconds as {_select('request_second', REQUEST_SECOND, of_requests, SAME)} "
        f"union all {_select('second', REQUEST_SECOND, of_requests, SAME, 's.request is not null and ')}"
    )
    yield f"create view requests as {_select('request', REQUEST, 's.request as request')}"
    yield f"create view nodes as {_select('node', NODE, 's.node as node')}"
    yield (
        "create view events as select s.run as run, s.second as second, s.at as at_unix_s, s.kind as kind, "
        f"s.node as node, s.text as text from gluten_event s join gluten_run r on r.number = s.run where {_THERE}"
    )


def _select(
    table: str, columns: Columns, key: str, same: Mapping[str, str] = MappingProxyType({}), condition: str = ""
) -> str:
    """The rows of a table, of all runs that are not deleted. `key` are the columns that tell them apart in a run."""
    return (
        f"select s.run as run, {key}, {_shown(columns, 's.', same)}, {_ERRORS_SHOWN.format('s.')} "
        f"from gluten_{table} s join gluten_run r on r.number = s.run where {condition}{_THERE}"
    )
