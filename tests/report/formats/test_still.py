"""Still charts: the names, colours and figures of the page's charts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gluten.report.formats.charts import events_by_second
from gluten.report.formats.still import Still, kinds_in, natural, over_time
from gluten.report.formats.webpage.assets import STATIC
from tests.support.reports import closed, mixed, rated
from tests.support.session_reports import sold

CHARTS = STATIC / "js" / "charts"


def stills(report: Any) -> dict[str, Still]:
    return {one.id: one for one in over_time(report, report["seconds"], events_by_second(()))}


def titles(path: Path) -> dict[str, str]:
    """The charts of a module: id -> title."""
    text = path.read_text()
    pairs = re.findall(r'id: "([\w-]+)",\s+title: "([^"]+)"', text) + re.findall(r'times\("([\w-]+)", "([^"]+)"', text)
    return dict(pairs)


def test_every_chart_of_the_page_has_a_still_one_of_its_title() -> None:
    drawn = {one.id: one.title for report in (rated(), sold()) for one in stills(report).values()}
    known = {name: title for path in CHARTS.rglob("*.js") for name, title in titles(path).items()}
    by_rate = {"percentiles", "distribution", "throughput", "errors"}  # the last two: those of a comparison, too
    assert len(known) > 8
    for name in known.keys() - by_rate - {"p50", "p95", "p99"}:
        assert drawn.get(name) == known[name], name


def test_lines_have_the_colours_of_the_page() -> None:
    found = stills(rated())
    for name, lines in {
        "throughput": {"achieved": "c1", "asked": "c2 dashed"},
        "latency": {"max": "c4", "p99.9": "c2", "p99": "c3", "p95": "c7", "p90": "c6", "p50": "c1"},
        "backlog": {"backlog": "c2", "dropped": "c4 dashed"},
        "node-cpu": {"alpha": "c1", "beta": "c2"},
        "statuses": {"200": "c7", "503": "c3"},
        "errors": {"reset": "c4", "status 503": "c2", "timeout": "c3"},
    }.items():
        keys = re.findall(r'<span class="key ([^"]+)"></span>([^<]+)', found[name].picture)
        assert {label: color for color, label in keys} == lines, name


def test_a_closed_loop_has_no_backlog_and_a_run_without_scenarios_no_sessions() -> None:
    assert not {"backlog", "sessions"} & set(stills(closed()))
    assert {"sessions", "backlog"} & set(stills(sold())) == {"sessions"}
    assert "backlog" in stills(rated())


@pytest.mark.parametrize(
    ("status", "errors", "good", "expected"),
    [
        ({"200": 5}, {}, 5, {}),
        ({"200": 5, "503": 2}, {"timeout": 1}, 5, {"timeout": 1, "status 503": 2}),
        ({"200": 5}, {}, 3, {"failed check": 2}),  # more than the statuses say
        ({"404": 5}, {}, 5, {}),  # that status was expected
        ({"404": 5, "503": 2}, {}, 5, {"not good": 2}),
    ],
)
def test_the_kinds_of_errors_are_those_of_the_page(
    status: dict[str, int], errors: dict[str, int], good: int, expected: dict[str, int]
) -> None:
    row = {"status": status, "errors": errors, "good": good, "completed": sum(status.values()), "failed": 0}
    assert kinds_in(row) == expected


def test_names_are_in_the_order_of_their_numbers() -> None:
    assert sorted(["node10", "node2", "Node1", "5xx", "200"], key=natural) == ["5xx", "200", "Node1", "node2", "node10"]


def test_of_many_nodes_the_last_line_is_of_the_others() -> None:
    report = closed()
    for row in report["seconds"]:
        row["nodes"] = {f"n{at}": {"completed": 100 - at, "cpu": at / 10, "in_flight": 0} for at in range(10)}
    picture = stills(report)["node-throughput"].picture
    assert re.findall(r"</span>([^<]+)</li>", picture) == [*(f"n{at}" for at in range(7)), "3 others"]
    assert "second 0\nn0: 100" in picture
    assert f"3 others: {93 + 92 + 91}" in picture
    assert "3 others: 90 %" in stills(report)["node-cpu"].picture


def test_a_row_of_an_older_version_has_fewer_lines() -> None:
    report = mixed()
    for row in report["seconds"]:
        for key in ("lag_p99", "connections", "nodes", "heat"):
            row.pop(key, None)
    found = stills(report)
    assert "lag p99" not in found["service"].picture
    assert "connections</li>" not in found["inflight"].picture
    assert "heat" not in found
