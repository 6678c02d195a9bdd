"""What the script reads: little, exact enough, and harmless."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import pytest

from gluten.report.formats.html import render
from gluten.report.formats.webpage.packed import columns, packed, rounded
from tests.support.long_reports import long
from tests.support.reports import closed, mixed, rated
from tests.support.session_reports import sold


def unpacked(report: Any) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(packed(report))))


def test_rows_become_columns_by_the_names_in_them() -> None:
    rows: list[dict[str, Any]] = [
        {"second": 0, "p99": 1234.5, "status": {"200": 3}, "heat": [5, 1, 2]},
        {"second": 1, "p99": None, "status": {"503": 1}, "nodes": {"max": {"completed": 123_456}}},
    ]
    assert columns(rows) == {
        "second": [0, 1],
        "p99": [1230, None],
        "status": {"200": [3, None], "503": [None, 1]},
        "heat": [[5, 1, 2], None],
        "nodes": {"max": {"completed": [None, 123_456]}},
    }


def test_histograms_and_what_no_chart_shows_stay_out() -> None:
    found = unpacked(sold())["columns"]
    assert not {"hdr", "version", "slowest", "by_scenario"} & set(found)
    assert {"completed", "p99", "status", "errors", "nodes", "heat", "begun", "active"} <= set(found)
    assert set(found["by_request"]["view"]) >= {"completed", "good", "failed", "p50", "p99", "status", "errors"}
    assert not {"mean", "read"} & set(found["by_request"]["view"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (7, 7), (999.4, 999), (12_345.0, 12_300), (0.123456, 0.123), (-1234, -1230), (None, None)],
)
def test_a_time_has_as_many_figures_as_a_chart_shows(value: Any, expected: Any) -> None:
    assert rounded(value) == expected


def test_counts_are_exact() -> None:
    report = rated()
    found = unpacked(report)
    assert found["count"] == 3
    assert found["columns"]["completed"] == [row["completed"] for row in report["seconds"]]
    assert found["report"]["task"]["rate"] == 40.0
    assert found["report"]["sessions"] is False


def test_no_text_of_a_run_can_be_markup() -> None:
    report = mixed()
    for row in report["seconds"]:
        row["by_request"] = {"</script><script>alert(1)</script>\ud800": row["by_request"]["view"]}
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", packed(report))
    assert "</script><script>alert(1)</script>?" in unpacked(report)["columns"]["by_request"]


def test_a_report_of_an_older_version_is_packed_too() -> None:
    report = closed()
    for name in ("events", "slo", "capacity", "sessions", "by_request"):
        report.pop(name, None)
    report["seconds"] = [{"second": 0, "completed": 5, "failed": 0, "status": {}, "errors": {}, "p50": 1.0}]
    assert unpacked(report)["columns"]["completed"] == [5]


def test_a_run_of_two_hours_is_one_file_of_reasonable_size() -> None:
    # Measured: 1.6 MB, of which 0.2 MB are styles and script. webui/browser/test_report.py has 20 named requests.
    assert len(render(long(7200, 1))) < 1_800_000
