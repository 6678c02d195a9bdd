"""What people query in SQL: each number of a report is in a column of its own, in both databases."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.store.migrations import sql
from gluten.store.records import RunRecord
from gluten.store.store import Store
from tests.support.store_records import a_run, an_event

Plain = dict[str, Any]


def a_row(second: int, **more: Any) -> Plain:
    times = {"mean": 1500.5, "p50": 1000, "p90": 2000, "p99": 3000, "p99_9": 4000, "max": 5000}
    times |= {"service_p50": 900, "service_p99": 2500}
    row = {"second": second, "asked": 10.0, "sent": 10, "completed": 9, "good": 7, "failed": 1, "dropped": 2}
    row |= {"read": 900, "written": 500, "in_flight": 3, "connections": 4, "peak": 5, "opened": 1, "backlog": 6}
    row |= {"cpu": 0.5, "host_cpu": 0.25, "steal": 0.01, "lateness_p99": 40, "lag_p99": 20, "version": 1}
    return row | times | {"status": {"200": 7, "503": 2}, "errors": {"timeout": 1}, "nodes": {}} | more


def a_part(**more: Any) -> Plain:
    keys = ("sent", "completed", "good", "failed", "dropped", "read", "written", "mean", "p50", "p90", "p99")
    row = a_row(0)
    part = {key: row[key] for key in (*keys, "p99_9", "max", "service_p50", "service_p99", "status", "errors")}
    return part | more


def a_report(**more: Any) -> Plain:
    times = {"min": 1, "mean": 1500.5, "p50": 1, "p75": 2, "p90": 3, "p95": 4, "p99": 5, "p99_9": 6, "max": 7}
    counts = {"planned": 12, "sent": 10, "completed": 9, "good": 7, "failed": 1, "dropped": 2, "in_flight": 0}
    whole: Plain = {"rate": 9.5, "bytes": {"read": 900, "written": 500}, "status": {"200": 7, "503": 2}}
    whole |= {"response_time": times, "service_time": times, "first_byte": times, "errors": {"timeout": 1}}
    node = counts | {"name": "one", "cores": 2, "threads": 1, "connections": 4, "achieved": 9.5, "asked": 10.0}
    node |= {"cpu": 0.5, "host_cpu": 0.25, "steal": 0.0, "lateness_p99": 40, "lag_p99": 20, "start_skew": 0.001}
    node |= {"lost": False, "gaps": 0, "ended": 1.0}
    checks = [{"check": "status 2xx", "passed": 7, "failed": 2}, {"check": "json $.a exists", "passed": 6, "failed": 3}]
    report = whole | {"schema": "gluten.report/1", "requests": counts | {"skipped": 0}, "duration": 1.0}
    report |= {"url": "http://t.test/", "protocol": "HTTP/1.1", "verdict": {"value": "valid", "reasons": []}}
    report |= {"task": {"rate": 10.0, "duration": 1.0, "threads": 1, "connections": None}}
    report |= {"slo": [{"slo": "p99 < 1s", "state": "holds"}, {"slo": "errors < 1%", "state": "missed"}]}
    report |= {"by_request": [whole | counts | {"name": "login", "skipped": 1, "checks": checks}]}
    return report | {"nodes": [node], "seconds": [a_row(0)], "sessions": None, "capacity": None} | more


@pytest.fixture
def run(store: Store) -> RunRecord:
    return store.create_run(a_run(name="shop", state="running", started_at=1000.0))


def asked(store: Store, query: str) -> list[Plain]:
    cursor = sql(store._session.database, query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def is_part(wanted: Plain, found: Plain) -> bool:
    return wanted.items() <= found.items()


def test_a_second_has_a_number_in_each_column_with_its_unit(store: Store, run: RunRecord) -> None:
    store.save_seconds(run.id, [a_row(4)], ["request"])
    (found,) = asked(store, "select * from seconds")
    wanted = {"run": 1, "second": 4, "at_unix_s": 1004.0, "drain": 0, "asked_per_s": 10.0, "sent": 10, "errors": 3}
    wanted |= {"failed": 1, "dropped": 2, "read_bytes": 900, "written_bytes": 500, "in_flight": 3, "connections": 4}
    wanted |= {"connections_peak": 5, "connections_opened": 1, "backlog": 6, "response_mean_us": 1500.5}
    wanted |= {"response_p50_us": 1000, "response_p99_9_us": 4000, "service_p99_us": 2500, "lateness_p99_us": 40}
    wanted |= {"cpu_share": 0.5, "steal_share": 0.01, "status_2xx": 7, "status_5xx": 2, "status_4xx": 0}
    assert is_part(wanted | {"failed_timeout": 1, "failed_dns": 0, "sessions_begun": 0, "session_p99_us": None}, found)
    assert all(isinstance(value, (int, float, type(None))) for value in found.values())


def test_a_second_that_is_written_again_is_replaced_with_its_requests(store: Store, run: RunRecord) -> None:
    store.save_seconds(run.id, [a_row(0, by_request={"a": a_part(), "b": a_part()}), a_row(1)], [None, "a"])
    store.save_seconds(run.id, [a_row(0, sent=11, by_request={"a": a_part(sent=11)})], [None])
    assert asked(store, "select second, sent from seconds order by second") == [
        {"second": 0, "sent": 11},
        {"second": 1, "sent": 10},
    ]
    parts = asked(store, "select second, at_unix_s, request, sent, errors, status_5xx from request_seconds order by 1")
    assert [tuple(part.values()) for part in parts] == [(0, 1000.0, "a", 11, 3, 2), (1, 1001.0, "a", 10, 3, 2)]


def test_the_totals_come_with_the_report(store: Store, run: RunRecord) -> None:
    sessions = {"planned": 5, "begun": 4, "finished": 3, "time": {"p50": 8, "p95": 9, "p99": 10}}
    capacity = {"holds": 400.0, "misses": None}
    store.save_run(run.id, state="finished", report=a_report(sessions=sessions, capacity=capacity))
    (found,) = asked(store, "select * from runs")
    wanted = {"run": 1, "id": run.id, "name": "shop", "state": "finished", "started_unix_s": 1000.0, "baseline": 0}
    wanted |= {"url": "http://t.test/", "verdict": "valid", "asked_rate_per_s": 10.0, "asked_duration_s": 1.0}
    wanted |= {"connections": None, "planned": 12, "errors": 3, "rate_per_s": 9.5, "response_p95_us": 4, "slos": 2}
    wanted |= {"slos_missed": 1, "failed_timeout": 1, "status_5xx": 2, "first_byte_p99_us": 5, "written_bytes": 500}
    wanted |= {"sessions_begun": 4, "session_p99_us": 10, "capacity_holds_per_s": 400.0, "capacity_misses_per_s": None}
    assert is_part(wanted, found)
    (request,) = asked(store, "select * from requests")
    wanted = {"run": 1, "request": "login", "position": 0, "skipped": 1, "response_p99_us": 5, "errors": 3}
    assert is_part(wanted | {"checks_passed": 13, "checks_failed": 5, "rate_per_s": 9.5}, request)
    (node,) = asked(store, "select * from nodes")
    wanted = {"run": 1, "node": "one", "cores": 2, "rate_per_s": 9.5, "cpu_share": 0.5, "lost": 0, "gaps_s": 0}
    assert is_part(wanted | {"lateness_p99_us": 40, "start_skew_s": 0.001, "errors": 3}, node)


def test_the_report_says_where_the_load_ended(store: Store, run: RunRecord) -> None:
    store.save_seconds(run.id, [a_row(second) for second in range(5)], [None] * 5)
    store.save_totals(run.id, a_report(seconds=[a_row(0), a_row(1), a_row(2, drain=True)]))
    assert asked(store, "select second, drain from seconds order by second") == [
        {"second": 0, "drain": 0},
        {"second": 1, "drain": 0},
        {"second": 2, "drain": 1},
    ]


def test_a_run_that_is_on_has_its_seconds_and_no_totals(store: Store, run: RunRecord) -> None:
    store.save_seconds(run.id, [a_row(0)], [None])
    (found,) = asked(store, "select state, sent, errors from runs")
    assert found == {"state": "running", "sent": None, "errors": None}


def test_events_have_their_times(store: Store, run: RunRecord) -> None:
    store.add_events([an_event(run.id, second=3, node="one")])
    assert asked(store, "select * from events") == [
        {"run": 1, "second": 3, "at_unix_s": 10.0, "kind": "started", "node": "one", "text": "load began"}
    ]


def test_the_baseline_is_marked(store: Store, run: RunRecord) -> None:
    store.pin("shop", run.id)
    assert asked(store, "select run, baseline from runs") == [{"run": 1, "baseline": 1}]


def test_nobody_sees_a_deleted_run_and_its_rows_go(store: Store, run: RunRecord) -> None:
    store.save_seconds(run.id, [a_row(at, by_request={"a": a_part(), "b": a_part()}) for at in range(3)], [None] * 3)
    store.save_run(run.id, state="finished", report=a_report())
    store.add_events([an_event(run.id)])
    store.delete_run(run.id)
    views = ("runs", "seconds", "request_seconds", "requests", "nodes", "events")
    assert [asked(store, f"select * from {view}") for view in views] == [[]] * len(views)
    while store.purge():
        pass
    tables = ("gluten_second", "gluten_request_second", "gluten_request", "gluten_node", "gluten_total")
    assert [asked(store, f"select run from {table}") for table in tables] == [[]] * len(tables)


def test_runs_of_earlier_versions_are_found_the_newest_first(store: Store) -> None:
    runs = [store.create_run(a_run()) for _ in range(4)]
    for run in runs[:3]:
        store.save_run(run.id, state="finished", report=a_report())
        sql(store._session.database, f"delete from gluten_total where run <> {runs[2].number}")
    assert store.without_totals() == [(runs[1].id, 2)]
    assert store.without_totals(before=2) == [(runs[0].id, 1)]
    assert store.without_totals(before=1) == []


@pytest.mark.parametrize("report", [{"schema": "gluten.report/1"}, {"requests": {"sent": 1}, "by_request": []}])
def test_a_report_that_lacks_figures_leaves_them_null(store: Store, run: RunRecord, report: Plain) -> None:
    store.save_run(run.id, state="failed", report=report)
    (found,) = asked(store, "select completed, response_p99_us, verdict from runs")
    assert found == {"completed": None, "response_p99_us": None, "verdict": None}


def test_a_second_of_twenty_names_takes_little_room(store: Store, run: RunRecord) -> None:
    parts = {f"request number {name}": a_part(completed=10, failed=0, dropped=0, errors={}) for name in range(20)}
    before = size(store)
    for first in range(0, 200, 50):
        rows = [a_row(second, by_request=parts) for second in range(first, first + 50)]
        store.save_seconds(run.id, rows, [None] * len(rows))
    assert (size(store) - before) / 200 < 5000


def size(store: Store) -> float:
    """Bytes of the database."""
    database = store._session.database
    if hasattr(database, "pragma"):
        return float(
            sql(database, "select page_count * page_size from pragma_page_count, pragma_page_size").fetchone()[0]
        )
    return float(sql(database, "select pg_database_size(current_database())").fetchone()[0])
