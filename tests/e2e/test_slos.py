"""SLOs with real programs: exit code 99, a run that ends itself, and a cluster that is judged over all its nodes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster, Program, gluten

pytestmark = pytest.mark.alone  # beside others the machine lacks CPU, and an invalid verdict outranks an SLO


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = Program(tmp_path_factory.mktemp("good"), "target", "target", "--port", "0")
    yield target.find(r"http://\S+")[0]
    assert target.stop() == 0


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = Program(tmp_path_factory.mktemp("bad"), "target", "target", "--port", "0", "--status", "1x500")
    yield target.find(r"http://\S+")[0]
    assert target.stop() == 0


def states(report: dict[str, Any]) -> list[str]:
    return [entry["state"] for entry in report["slo"]]


def test_a_missed_slo_is_exit_99_and_one_line(tmp_path: Path, good: str) -> None:
    done = gluten(
        tmp_path, "run", "-R", "50", "-d", "1s", "--quiet", "--slo", "p99 < 1us", "--slo", "errors < 1%", good
    )
    assert done.code == 99
    assert done.is_one_line()
    assert done.error.startswith("gluten: SLO missed: p99 < 1us (")
    lines = done.out.splitlines()
    at = lines.index("SLOs:")
    assert lines[at - 1].startswith("Transfer/sec:")
    assert [line.split()[0] for line in lines[at + 2 : at + 4]] == ["✗", "✓"]
    assert lines[at + 4].startswith("Verdict: ")


def test_slos_that_hold_are_exit_0(tmp_path: Path, good: str) -> None:
    words = ("run", "-R", "50", "-d", "2s", "--slo", "p50 < 2s", "--slo", "rate > 5 over 1s", "--format", "json", good)
    done = gluten(tmp_path, *words)
    assert (done.code, states(done.json)) == (0, ["holds", "holds"])


def test_with_slo_sure_what_is_not_decided_is_missed(tmp_path: Path, good: str) -> None:
    words = ("run", "-n", "20", "-R", "40", "--slo", "errors < 1%", "--format", "json", good)
    plain, strict = gluten(tmp_path, *words), gluten(tmp_path, *words, "--slo-sure")
    assert (plain.code, plain.json["slo"][0]["sure"]) == (0, False)
    assert strict.code == 99
    assert "SLO not sure: errors < 1% (0%)" in strict.error


def test_marks_are_ascii_where_the_output_cannot_encode_others(tmp_path: Path, good: str) -> None:
    words = ("run", "-R", "20", "-d", "1s", "--slo", "p99 < 1us", good)
    done = gluten(tmp_path, *words, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.code == 99
    assert "\n  x  p99 < 1us" in done.out


def test_a_run_that_an_slo_ends_is_stopped_within_5_s(tmp_path: Path, bad: str) -> None:
    began = time.monotonic()
    words = ("run", "-R", "100", "-d", "60s", "--slo", "errors < 1%, else stop", "--format", "json", bad)
    done = gluten(tmp_path, *words)
    assert time.monotonic() - began < 30
    report = done.json
    assert (done.code, report["state"], report["kind"]) == (99, "stopped", "slo")
    assert report["reason"] == "SLO missed: errors < 1%, else stop (100%)"
    assert report["duration"] < 5.0
    assert [event["kind"] for event in report["events"]].count("slo") == 1


def test_a_master_and_two_slaves_are_judged_together(cluster: Cluster, good: str) -> None:
    words = ("-R", "60", "-d", "4s", "--slo", "rate >= 50", "--slo", "p99 < 1us", "--format", "json", good)
    done = cluster.run("submit", "--watch", "--quiet", *words)
    assert done.code == 99
    assert done.error.startswith("gluten: SLO missed: p99 < 1us (")
    report = done.json
    assert states(report) == ["holds", "missed"]
    assert report["slo"][0]["value"] == report["rate"]
    assert len(report["nodes"]) == 3
    # To look at the report again is no failure. To watch the run is, as at first.
    assert cluster.run("report", "last").code == 0
    assert cluster.run("watch", "last", "--quiet").code == 99


def test_an_slo_ends_the_run_of_a_cluster(cluster: Cluster, bad: str) -> None:
    words = ("-R", "100", "-d", "60s", "--slo", "errors < 1%, else stop", "--format", "json", bad)
    done = cluster.run("submit", "--watch", "--quiet", *words)
    report = done.json
    assert (done.code, report["state"]) == (99, "stopped")
    assert report["reason"] == "SLO missed: errors < 1%, else stop (100%)"
    assert report["duration"] < 6.0


def test_an_slo_of_an_unknown_request_is_refused_before_the_run(tmp_path: Path, cluster: Cluster, good: str) -> None:
    done = gluten(tmp_path, "run", "-d", "1s", "--slo", "p99 of pay < 1s", good)
    assert (done.code, done.out) == (2, "")
    assert done.is_one_line()
    assert cluster.run("submit", "--slo", "session p99 < 1s", good).code == 2


def test_compare_shows_the_slos_of_both(cluster: Cluster, good: str) -> None:
    for slo in ("p99 < 1us", "p99 < 9s"):
        cluster.run("submit", "--watch", "--quiet", "-R", "20", "-d", "1s", "--slo", slo, good)
    first, second = (
        str(run["number"]) for run in json.loads(cluster.run("runs", "--format", "json").out)["runs"][1::-1]
    )
    done = cluster.run("compare", first, second)
    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines() if line.startswith("p99 <")]
    assert [(line[2], line[3]) for line in lines] == [("1us", "✗"), ("9s", "-")]
