"""The formats for programs have the same numbers."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from gluten.report.formats.export import COLUMNS, FORMATS, as_csv, as_hdr, as_json
from gluten.stats.request_stats import ERROR_KINDS
from gluten.task.task import Task
from tests.support.reports import URL, build, closed, head, mixed, node, rated, second
from tests.support.session_reports import sold


def rows(report: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(report))))


def test_json_is_the_document_itself() -> None:
    assert json.loads(as_json(rated())) == json.loads(json.dumps(rated()))


def test_equal_reports_give_equal_json() -> None:
    assert as_json(rated()) == as_json(rated())


def test_csv_has_one_row_a_second() -> None:
    assert [row["second"] for row in rows(rated())] == ["0", "1", "2"]


def test_csv_has_a_row_for_each_request_where_there_is_more_than_one() -> None:
    report = mixed()
    table = rows(report)
    assert [(row["second"], row["request"]) for row in table] == [
        (second, name) for second in "01" for name in ("", "request", "view")
    ]
    for entry in report["by_request"]:
        own = [row for row in table if row["request"] == entry["name"]]
        for count in ("sent", "completed", "good", "failed", "dropped"):
            assert sum(int(row[count]) for row in own) == entry[count]
        assert sum(int(row["status_503"]) for row in own) == entry["status"].get("503", 0)
        assert {row["cpu"] for row in own} == {""}
    assert not any(row["request"] for row in rows(rated()))


def test_csv_sums_to_the_report() -> None:
    report = rated()
    table = rows(report)
    for count in ("sent", "completed", "failed"):
        assert sum(int(row[count]) for row in table) == report["requests"][count]
    for kind in ERROR_KINDS:
        assert sum(int(row[f"error_{kind}"]) for row in table) == report["errors"].get(kind, 0)
    for code, times in report["status"].items():
        assert sum(int(row[f"status_{code}"]) for row in table) == times


def test_the_first_columns_of_csv_are_the_same_for_every_report() -> None:
    fixed = len(COLUMNS) + 5 + len(ERROR_KINDS)
    heads = [as_csv(report).splitlines()[0].split(",") for report in (closed(), rated())]
    assert heads[0][:fixed] == heads[1][:fixed]
    assert heads[0][fixed:] == ["status_200"]
    assert heads[1][fixed:] == ["status_200", "status_503"]


def test_csv_counts_statuses_by_class_too() -> None:
    assert [row["status_5xx"] for row in rows(rated())] == ["0", "0", "15"]


def test_a_closed_loop_has_nothing_in_the_column_asked() -> None:
    assert {row["asked"] for row in rows(closed())} == {""}
    assert {float(row["asked"]) for row in rows(rated())} == {40.0}


def test_hdrhistogram_s_own_reader_reads_the_log(tmp_path: Path) -> None:
    log = pytest.importorskip("hdrh.log")
    histogram = pytest.importorskip("hdrh.histogram")
    report = rated()
    path = tmp_path / "run.hdr"
    path.write_text(as_hdr(report))
    reader = log.HistogramLogReader(str(path), histogram.HdrHistogram(1, 3_600_000_000, 3))
    found: dict[str | None, Any] = {}
    while (interval := reader.get_next_interval_histogram()) is not None:
        if interval.get_tag() in found:
            found[interval.get_tag()].add(interval)
        else:
            found[interval.get_tag()] = interval
    reader.close()
    assert set(found) == {None, "service"}
    for tag, interval in found.items():
        times = report[f"{tag or 'response'}_time"]
        assert interval.get_total_count() == report["requests"]["completed"]
        for key, point in (("p50", 50), ("p90", 90), ("p99", 99), ("max", 100)):
            assert times[key] == pytest.approx(interval.get_value_at_percentile(point), rel=1e-3)


def test_an_hdr_log_names_its_version_start_and_units() -> None:
    lines = as_hdr(closed()).splitlines()
    assert "values in microseconds" in lines[0]
    assert lines[1] == "#[Histogram log format version 1.3]"
    # 2026-01-02T03:04:05.250Z
    assert lines[2].startswith("#[StartTime: 1767323045.250 (seconds since epoch)")
    # tag, start, length in seconds, greatest value (5 ms, in ms)
    assert lines[4].startswith("Tag=service,0.000,3.000,5.000,HISTFA")
    # response times have no tag, and an interval a second
    assert [line.rpartition(",")[0] for line in lines[5:]] == [f"{second}.000,1.000,10.000" for second in range(3)]


def test_the_last_interval_of_an_hdr_log_ends_with_the_load() -> None:
    report = closed()
    report["duration"] = 2.5
    assert as_hdr(report).splitlines()[-1].startswith("2.000,0.500,10.000,")


def test_an_hdr_log_begins_after_the_warmup() -> None:
    task = Task(URL, threads=1, connections=10, duration=3.0, warmup=1.0)
    lines = as_hdr(build(task, head(), [node("alpha", [second(at, {1000: 90}) for at in range(3)])])).splitlines()
    assert [line[:6] for line in lines[5:]] == ["1.000,", "2.000,"]


def test_a_report_of_before_has_one_interval_for_its_response_times() -> None:
    report = closed()
    for row in report["seconds"]:
        del row["hdr"]
    lines = as_hdr(report).splitlines()
    assert lines[5] == f"0.000,3.000,10.000,{report['response_time']['hdr']}"
    assert as_hdr(report | {"seconds": []}).splitlines()[5:] == lines[5:]


@pytest.mark.parametrize("name", ["text", "json", "csv", "html", "hdr", "junit", "wrk"])
def test_each_format_of_the_contract_renders_any_report(name: str) -> None:
    content_type, form = FORMATS[name]
    assert "/" in content_type
    never_started = build(Task(URL), head(state="failed", reason="no", started_at=None), [])
    for report in (closed(), rated(), never_started):
        assert form(report).endswith("\n")


def test_a_report_that_came_as_json_renders_the_same() -> None:
    report = rated()
    again = json.loads(as_json(report))
    for _, form in FORMATS.values():
        assert form(again) == form(report)


def test_csv_marks_the_drain() -> None:
    late = [*(second(at, {1000: 10}) for at in range(2)), second(2, {1000: 3})]
    report = build(Task(URL, threads=1, duration=2.0), head(), [node("a", late, ended=2.0)])
    assert [(row["drain"], row["good"]) for row in rows(report)] == [("0", "10"), ("0", "10"), ("1", "3")]


def test_csv_has_begun_and_active_sessions_as_its_last_columns() -> None:
    report = sold()
    found = rows(report)
    assert list(found[0])[-2:] == ["begun", "active"]
    totals = [row for row in found if not row["request"]]
    assert [(row["begun"], row["active"]) for row in totals] == [("49", "20"), ("49", "21")]
    assert {(row["begun"], row["active"]) for row in found if row["request"]} == {("", "")}
    assert not {"begun", "active"} & set(rows(mixed())[0])
