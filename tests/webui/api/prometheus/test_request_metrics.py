"""What requests have counted, in `/metrics`: exact, and with bounded labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.webui.api.metrics import NAMED, metrics
from gluten.webui.api.openmetrics import Family, render
from gluten.webui.api.prometheus.distribution import BOUNDS, cumulative
from gluten.webui.api.prometheus.request_metrics import ALONE, by_status, counted, request_families
from gluten.webui.api.recalled import Recalled
from gluten.webui.http.web_request import Request
from tests.support.web.fake_master import FakeMaster

LABELS = {"run": "a", "number": "1", "name": "", "request": "pay"}


def stats() -> Stats:
    stats = Stats()
    stats.completed, stats.status, stats.read, stats.written = 7, {200: 5, 503: 2}, 900, 90
    stats.fail("timeout")
    stats.fail("timeout")
    stats.fail("reset")
    stats.checked('body contains "ok"', 4, 1)
    return stats


def times() -> Histogram:
    times = Histogram()
    for micros in (90, 100, 101, 2_500, 2_600, 70_000_000):
        times.record(micros)
    return times


def named(name: str) -> Family:
    (found,) = [
        family for family in request_families([counted(LABELS, stats(), times(), native=False)]) if family.name == name
    ]
    return found


def samples(name: str) -> list[tuple[Mapping[str, str], Any]]:
    return [({key: text for key, text in labels.items() if key not in LABELS}, n) for labels, n in named(name).samples]


def test_requests_are_told_apart_by_status_and_by_kind_of_error() -> None:
    assert samples("gluten_run_requests") == [
        ({"status": "200"}, 5),
        ({"status": "503"}, 2),
        ({"error": "reset"}, 1),
        ({"error": "timeout"}, 2),
    ]
    assert all(labels.items() >= LABELS.items() for labels, _ in named("gluten_run_requests").samples)


def test_bytes_have_a_direction() -> None:
    assert samples("gluten_run_bytes") == [({"direction": "read"}, 900), ({"direction": "written"}, 90)]


def test_checks_have_a_result_and_where_there_are_none_there_is_no_metric_of_them() -> None:
    check = 'body contains "ok"'
    assert samples("gluten_run_checks") == [
        ({"check": check, "result": "passed"}, 4),
        ({"check": check, "result": "failed"}, 1),
    ]
    plain = [family.name for family in request_families([counted(LABELS, Stats(), Histogram(), native=False)])]
    assert "gluten_run_checks" not in plain


def test_without_a_run_there_is_nothing() -> None:
    assert list(request_families([])) == []


@pytest.mark.parametrize(
    ("bound", "upto"),
    [(0.0001, 2), (0.00025, 3), (0.001, 3), (0.0025, 4), (0.005, 5), (60.0, 5)],  # 70 s lie above them all
)
def test_a_bucket_has_the_times_up_to_its_bound(bound: float, upto: int) -> None:
    assert cumulative(times())[BOUNDS.index(bound)] == upto


def test_a_histogram_is_written_as_openmetrics_wants_it() -> None:
    text = render([named("gluten_run_response_time_seconds")])
    labels = 'run="a",number="1",name="",request="pay"'
    assert (
        "# TYPE gluten_run_response_time_seconds histogram\n# UNIT gluten_run_response_time_seconds seconds\n" in text
    )
    assert f'_seconds_bucket{{{labels},le="0.0025"}} 4\n' in text
    assert f'_seconds_bucket{{{labels},le="1.0"}} 5\n' in text
    assert f'_seconds_bucket{{{labels},le="+Inf"}} 6\n' in text
    assert f"_seconds_count{{{labels}}} 6\n" in text
    assert f"_seconds_sum{{{labels}}} 70.005391\n" in text


def test_an_empty_histogram_has_zeros() -> None:
    assert cumulative(Histogram()) == [0] * len(BOUNDS)


def test_a_few_statuses_stand_alone_whatever_they_are() -> None:
    assert by_status({200: 5, 299: 1, 799: 2, 0: 1}) == {"0": 1, "200": 5, "299": 1, "799": 2}


def test_of_many_statuses_those_that_are_not_registered_are_told_by_their_class() -> None:
    found = by_status(dict.fromkeys(range(1000), 1))
    assert sum(found.values()) == 1000
    assert len(found) < 80
    assert found["200"] == found["503"] == 1
    assert found["7xx"] == 100
    assert len(by_status(dict.fromkeys(range(ALONE), 1))) == ALONE


def test_of_runs_that_are_over_only_the_newest_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    master = FakeMaster()
    runs: list[dict[str, Any]] = [
        {"id": f"{number:032x}", "number": number, "name": "", "state": "finished", "sent": 1, "completed": 1}
        | {"good": 1, "failed": 0, "dropped": 0, "ended_at": "2026-11-20T09:30:00Z"}
        | {"by_request": [{"name": f"r{at}", "sent": 1, "completed": 1, "good": 1, "failed": 0} for at in range(64)]}
        for number in range(20, 0, -1)
    ]

    def listed(limit: int, before: int | None, search: str) -> list[dict[str, Any]]:
        return [run for run in runs if before is None or run["number"] < before][:limit]

    monkeypatch.setattr(master, "runs", listed)
    monkeypatch.setattr(master, "counted", lambda run: iter(()))
    request = Request.of({"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics"})
    text = bytes(metrics(master, request, 1_795_167_000.0, Recalled(None)).body).decode()  # type: ignore[arg-type]
    told = [line for line in text.splitlines() if line.startswith("gluten_run_sent_requests_total")]
    assert len(told) == NAMED
    assert all(f'number="{number}"' in "".join(told) for number in range(20, 16, -1))
