"""Nodes that come, go and come back, with real processes and a real Postgres."""

from __future__ import annotations

import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, Program, bearer, get_json, gluten, wait_for
from tests.support.nginx import Nginx
from tests.support.ports import free_port


def start_master(folder: Path, web: int, rpc: int, *more: str) -> Program:
    ports = ["--web-port", str(web), "--rpc-port", str(rpc), "--bind", "127.0.0.1"]
    return Program(folder, "master", "--master-mode", *ports, "--data", str(folder / "m"), *more)


def alive(folder: Path, rpc: int) -> list[str]:
    done = gluten(folder, "nodes", "--master", f"127.0.0.1:{rpc}", "--format", "json")
    return sorted(n["name"] for n in done.json["nodes"] if n["state"] == "alive") if done.code == 0 else []


def test_a_slave_waits_for_its_master_and_finds_a_new_one(tmp_path: Path) -> None:
    web, rpc = free_port(), free_port()
    slave = Program(
        tmp_path,
        "early",
        *f"--slave-mode --master 127.0.0.1:{rpc} --rpc-port --name early --bind 127.0.0.1".split(),
        *("--data", str(tmp_path / "s")),
    )
    slave.find("own state at")
    master = start_master(tmp_path, web, rpc, "--name", "first", "--no-load")
    wait_for("the slave to join", lambda: "early" in alive(tmp_path, rpc))
    assert master.stop(signal.SIGKILL) == -signal.SIGKILL
    again = start_master(tmp_path, web, rpc, "--name", "second", "--no-load")
    wait_for("the slave to join again", lambda: "early" in alive(tmp_path, rpc))
    assert [again.stop(), slave.stop(signal.SIGINT)] == [0, 0]


def test_a_slave_serves_its_health_and_state_on_its_port(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 1)
    port = next(node["rpc_port"] for node in cluster.nodes() if node["role"] == "slave")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 200
    assert get_json(f"http://127.0.0.1:{port}/api/v1/state", tmp_path)["joined"] is True
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/state")
    assert cluster.stop() == [0, 0]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_history_survives_a_restart_of_the_master(
    tmp_path: Path, nginx: Nginx, kind: str, request: pytest.FixtureRequest
) -> None:
    db = ["--db", request.getfixturevalue("fresh_postgres_url")] if kind == "postgres" else []
    web, rpc = free_port(), free_port()
    master = start_master(tmp_path, web, rpc, *db)
    master.find("joined the master")
    at = ["--master", f"127.0.0.1:{rpc}"]
    wait_for("the master's own node", lambda: alive(tmp_path, rpc))
    ran = gluten(tmp_path, "submit", "--watch", "--format", "json", *at, "-t1", "-c2", "-n", "50", nginx.url)
    assert ran.code in (0, 5), ran.error  # 5: a busy machine makes a run invalid
    counted = counts_of_runs(tmp_path, web)
    assert any(line.startswith("gluten_run_requests_total{") and line.endswith(" 50") for line in counted)
    assert master.stop() == 0
    again = start_master(tmp_path, web, rpc, *db)
    again.find("web page")
    wait_for("the same counts", lambda: counts_of_runs(tmp_path, web) == counted)
    kept = gluten(tmp_path, "report", "last", "--format", "json", *at)
    assert kept.json == ran.json
    assert again.stop() == 0


def counts_of_runs(folder: Path, web: int) -> list[str]:
    """What `/metrics` has of runs."""
    asked = urllib.request.Request(f"http://127.0.0.1:{web}/metrics", headers=bearer(folder) | {"Accept": "*/*"})
    with urllib.request.urlopen(asked) as answer:
        return [line for line in answer.read().decode().splitlines() if line.startswith("gluten_run_")]


def test_a_node_that_is_killed_is_named_and_its_threads_go_on_elsewhere(tmp_path: Path, nginx: Nginx) -> None:
    cluster = Cluster(tmp_path, 2)
    assert cluster.run("submit", "-t", "6", "-c", "12", "-R", "300", "-d", "12s", nginx.url).code == 0
    wait_for("the load", lambda: len(nginx.log(100)) >= 100)
    cluster.programs[1].stop(signal.SIGKILL)
    done = cluster.run("watch", "--format", "json", "last")
    report = done.json
    assert report["state"] == "finished", report["reason"]
    kinds = [event["kind"] for event in report["events"]]
    assert "node_lost" in kinds
    assert "rebalanced" in kinds
    assert report["verdict"]["value"] != "valid"
    assert [node["name"] for node in report["nodes"] if node["lost"]] == ["slave-1"]
    requests = report["requests"]
    assert requests["planned"] == 300 * 12 == requests["sent"] + requests["dropped"]
    assert requests["sent"] == requests["completed"] + requests["failed"] + requests["in_flight"]
    assert [program.stop() for program in (cluster.programs[2], cluster.master)] == [0, 0]
