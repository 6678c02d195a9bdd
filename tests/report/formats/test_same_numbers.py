"""Every format of one run has the same numbers to the digit. The JSON report is the reference."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from gluten.report.formats.export import FORMATS
from gluten.report.formats.text import DISTRIBUTION
from gluten.stats import hdr
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import ERROR_KINDS
from gluten.task.task import Task
from gluten.units import format_micros, format_size
from tests.support.reports import URL, build, closed, head, mixed, node, rated, second
from tests.support.session_reports import sold

Report = Any


def busy() -> Report:
    """Figures of many digits: 3 nodes, times all over the range, two kinds of errors, odd durations."""
    nodes = []
    for at, name in enumerate(("alpha", "beta", "gamma")):
        deltas = [second(s, {7 + 13 * at + k * k * 331: 1 + (k * 7 + s) % 5 for k in range(60)}) for s in range(4)]
        for _ in range(at):
            deltas[2].of().fail("timeout", "no answer within 2s")
            deltas[2].of().sent += 1
        deltas[3].drained = 0.123457 * (at + 1)
        nodes.append(node(name, deltas, ended=3.718281))
    return build(Task(URL, threads=3, connections=30, duration=4.0), head(), nodes)


NAMED = ("by_request", "by_scenario", "groups")
REPORTS: list[Callable[[], Report]] = [closed, rated, busy, mixed, sold]


@pytest.fixture(params=REPORTS, ids=lambda make: make.__name__)
def report(request: pytest.FixtureRequest) -> Report:
    made: Report = request.param()
    return made


def written(name: str, report: Report) -> str:
    return FORMATS[name][1](report)


def test_json(report: Report) -> None:
    assert json.loads(written("json", report)) == json.loads(json.dumps(report))


def test_csv(report: Report) -> None:
    table = [row for row in csv.DictReader(io.StringIO(written("csv", report))) if not row["request"]]
    for name in ("sent", "completed", "failed"):
        assert sum(int(row[name]) for row in table) == report["requests"][name]
    for way in ("read", "written"):
        assert sum(int(row[way]) for row in table) == report["bytes"][way]
    for kind in ERROR_KINDS:
        assert sum(int(row[f"error_{kind}"]) for row in table) == report["errors"].get(kind, 0)
    for code, times in report["status"].items():
        assert sum(int(row[f"status_{code}"]) for row in table) == times
    for row, second_row in zip(table, report["seconds"], strict=True):
        assert [float(row[p]) for p in ("p50", "p90", "p99", "p99_9", "max", "mean")] == [
            second_row[p] for p in ("p50", "p90", "p99", "p99_9", "max", "mean")
        ]


def test_hdr(report: Report) -> None:
    lines = [line.split(",") for line in written("hdr", report).splitlines() if line.startswith("Tag=service")]
    ((_, _, length, most, packed),) = lines
    assert length == f"{report['duration']:.3f}"
    assert most == f"{report['service_time']['max'] / 1000:.3f}"
    check_histogram(hdr.decode(packed), report["service_time"], report)
    response = Histogram()
    for line in written("hdr", report).splitlines():
        if line[0].isdigit():
            response.add(hdr.decode(line.rpartition(",")[2]))
    check_histogram(response, report["response_time"], report)


def check_histogram(histogram: Histogram, times: Any, report: Report) -> None:
    assert len(histogram) == report["requests"]["completed"]
    points = {"p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99, "p99_9": 99.9, "p99_99": 99.99}
    # The log's format has no exact greatest value: what lies in its slot is known to the slot.
    known = [value for value in histogram.percentiles(points.values()) if value < times["max"]]
    assert known == [times[p] for p in points if times[p] < times["max"]]


def test_text(report: Report) -> None:
    text = written("text", report)
    found = re.search(r"^  (\d+) requests in (\S+), (\S+) read$", text, re.M)
    assert found
    length, read = format_micros(report["duration"] * 1e6), format_size(report["bytes"]["read"])
    assert found.groups() == (str(report["requests"]["completed"]), length, read)
    assert f"Requests/sec: {report['rate']:9.2f}\n" in text
    distributions = re.findall(r"^ +([\d.]+)% +(\S+) ?$", text, re.M)
    expected = [
        (p, format_micros(report[key][name]))
        for key in ("response_time", "service_time")
        for p, name in DISTRIBUTION.items()
    ]
    assert distributions == expected
    for kind, times in report["errors"].items():
        assert re.search(rf"^  {kind} +{times}  ", text, re.M)


def test_html(report: Report) -> None:
    text = re.sub(r"<svg.*?</svg>", "", written("html", report), flags=re.S)
    found = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", text, re.S)
    cells = [html.unescape(re.sub("<[^>]+>", "", cell)) for cell in found]
    cells = cells[cells.index("Response time") :]
    for p, name in DISTRIBUTION.items():
        at = cells.index("max" if p == "100" else f"p{p}")
        assert cells[at + 1 : at + 3] == [format_micros(report[key][name]) for key in ("response_time", "service_time")]
    for name in ("sent", "completed", "failed", "dropped"):
        assert cells[cells.index(name.capitalize()) + 1] == f"{report['requests'][name]:,}"
    assert f"<dd>{report['rate']:,.2f}</dd>" in text
    for kind, times in report["errors"].items():
        wanted = [kind, str(times), _clean(report["samples"][kind])]
        assert any(cells[at : at + 3] == wanted for at in range(len(cells)))


def _clean(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


def test_junit(report: Report) -> None:
    root = ElementTree.fromstring(written("junit", report))
    found = {str(one.get("name")): str(one.get("value")) for one in root.iter("property")}
    figures = {name: json.loads(value) for name, value in found.items() if value[0] in "0123456789" and name != "id"}
    named = {key: {entry["name"]: entry for entry in report.get(key, [])} for key in NAMED}
    for name, value in figures.items():
        known: Any = report | named
        for key in name.split("."):
            known = known[key]
        assert value == known, name
    assert len(figures) >= 2 + 5 + 1 + 2 + 2 * 11
