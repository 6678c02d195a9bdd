"""A real collector takes what `--otlp` pushes. What it passes on is what the report says, though it is killed once."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster, Program, wait_for
from tests.support.e2e.started import Started
from tests.support.onefile import OneFile
from tests.support.push.arrived import Arrived
from tests.support.push.otlp_server import OtlpServer
from tests.support.push.rotel import Rotel

pytestmark = [pytest.mark.slow, pytest.mark.needs("rotel-agent")]

AWAY = 3.0
"""Seconds for which the collector is away."""
SHOP = """
url = "{url}"
name = "shop"
slo = ["errors < 1", "errors < 50"]
[load]
rate = "100"
duration = "60s"
[request.home]
get = "/"
[request.pay]
post = "/pay"
body = "x"
"""
"""Of 100 requests 12 fail. So the second SLO is missed while the collector is away, as a rule. Tests end the run."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workload. A tenth of its target's answers are bad, and some requests get none."""
    folder = tmp_path_factory.mktemp("target")
    words = ("--status", "9x200,1x503", "--reset", "1/50", "--delay", "9x4ms,1x20ms")
    target = Program(folder, "target", "target", "--port", "0", *words)
    file = folder / "shop.toml"
    file.write_text(SHOP.format(url=target.find(r"http://\S+")[0]))
    yield file
    target.stop()


@pytest.fixture
def receiver() -> Iterator[OtlpServer]:
    with OtlpServer().running() as server:
        yield server


@pytest.fixture
def rotel(tmp_path: Path, receiver: OtlpServer) -> Iterator[Rotel]:
    made = Rotel(tmp_path, receiver.url)
    yield made
    made.stop()


def test_a_run_of_the_file_loses_nothing(
    one_file: OneFile, rotel: Rotel, receiver: OtlpServer, shop: Path, tmp_path: Path
) -> None:
    file = ["env", f"GLUTEN_CACHE={one_file.cache}", sys.executable, str(one_file.path)]
    run = Started(tmp_path, "run", file, "run", "--otlp", rotel.url, "--out", "report.json", str(shop))
    arrived = Arrived(receiver)
    wait_for("a missed SLO", lambda: "slo" in kinds(arrived))
    killed = away_for_some_seconds(rotel)
    wait_for("both missed SLOs", lambda: kinds(arrived)["slo"] == 2)
    assert run.stop(signal.SIGINT, 40) == 130
    assert "--otlp" not in run.said  # nothing was refused, and nothing is missing
    assert_same(arrived, json.loads((tmp_path / "report.json").read_text()), killed)


def test_a_master_loses_nothing(rotel: Rotel, receiver: OtlpServer, shop: Path, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 1, "--otlp", rotel.url)
    try:
        assert cluster.run("submit", str(shop)).code == 0
        arrived = Arrived(receiver)
        wait_for("the start", lambda: "started" in kinds(arrived))
        killed = away_for_some_seconds(rotel, lambda: cluster.run("adjust", "last", "--rate", "120"))
        wait_for("what happened meanwhile", lambda: "adjusted" in kinds(arrived))
        assert cluster.run("stop", "last").code == 0
        report = cluster.run("watch", "last", "--format", "json").json
        assert_same(arrived, report, killed)
        assert arrived.seconds().keys() == {"master", "slave-1"}
    finally:
        cluster.stop()


def away_for_some_seconds(rotel: Rotel, meanwhile: Callable[[], object] = lambda: None) -> float:
    """Kill it. Returns when it had ended, in Unix seconds."""
    killed = rotel.kill()
    meanwhile()
    wait_for("the end of some seconds", lambda: time.time() > killed + AWAY)
    rotel.start()
    return killed


def kinds(arrived: Arrived) -> Counter[str]:
    return Counter(kind for kind, _ in arrived.events())


def has_all(arrived: Arrived, report: dict[str, Any]) -> bool:
    counted = {part["name"]: arrived.count(part["name"]) for part in report["by_request"]}
    completed = {part["name"]: part["completed"] for part in report["by_request"]}
    return counted == completed and arrived.events() >= events_of(report)


def events_of(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(event["kind"], event["text"]) for event in report["events"]}


def assert_same(arrived: Arrived, report: dict[str, Any], killed: float) -> None:
    wait_for("the rest", lambda: has_all(arrived, report))
    assert arrived.events() == events_of(report)
    for part in report["by_request"]:
        name, times = part["name"], part["response_time"]
        assert arrived.ends(name, "status") == part["status"]
        assert arrived.ends(name, "error") == part["errors"]
        assert arrived.count(name) == part["completed"]
        assert arrived.total(name) == pytest.approx(times["mean"] * part["completed"], rel=0.005)
        assert arrived.percentile(name, 0.99) == pytest.approx(times["p99"], rel=0.005)
    assert_every_second_after(killed, report, set.union(*arrived.seconds().values()))


def assert_every_second_after(killed: float, report: dict[str, Any], ends: set[float]) -> None:
    """What the collector had taken before, it may have lost. A second that ended later it cannot have taken."""
    start = datetime.fromisoformat(report["started_at"]).timestamp()
    due = {row["second"] for row in report["seconds"] if start + row["second"] + 1 > killed}
    assert len(due) >= AWAY
    assert due <= {round(end - start) - 1 for end in ends}
