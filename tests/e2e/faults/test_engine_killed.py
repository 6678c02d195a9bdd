"""A node outlives its engine process, which is killed as an out-of-memory killer does, in the middle of a run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, Program, get_json, wait_for

URL = r"http://\S+"


def descendants(pid: int) -> Iterator[int]:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield int(child)
        yield from descendants(int(child))


def named(node: Program, name: str) -> list[int]:
    """The living processes of a node that have this name."""
    found = []
    for pid in descendants(node.process.pid):
        if lives(pid) and Path(f"/proc/{pid}/comm").read_text().strip() == name[:15]:
            found.append(pid)
    return found


def lives(pid: int) -> bool:
    """It is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_engine(node: Program) -> int:
    (engine,) = named(node, "gluten-engine")
    os.kill(engine, signal.SIGKILL)
    return engine


def begun(cluster: Cluster, requests: int) -> str:
    """The id of the last run, once it has counted so many requests."""

    def run() -> str:
        newest = get_json(f"http://{cluster.web}/api/v1/runs/last", cluster.folder)
        return str(newest["id"]) if newest["completed"] > requests else ""

    return str(wait_for("load", run))


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = Program(tmp_path_factory.mktemp("target"), "target", "target", "--port", "0")
    yield program.find(URL)[0]
    program.stop()


@pytest.mark.parametrize("victim", ["master", "slave-1"])
def test_its_part_is_lost_as_a_lost_node_s_and_the_others_go_on(tmp_path: Path, target: str, victim: str) -> None:
    cluster = Cluster(tmp_path, 1)
    node = next(program for program in cluster.programs if program.name == victim)
    assert cluster.run("submit", "-t2", "-c4", "-d10s", "-R100", target).code == 0
    run = begun(cluster, 200)
    killed = kill_engine(node)
    wait_for("the run to end", lambda: get_json(f"http://{cluster.web}/api/v1/runs/{run}", tmp_path)["verdict"])
    report = cluster.run("report", run, "--format", "json").json
    assert (report["state"], report["reason"]) == ("finished", "")
    assert {each["name"]: each["lost"] for each in report["nodes"]} == {"master": False, "slave-1": False, victim: True}
    kinds = [event["kind"] for event in report["events"] if event["node"] == victim]
    assert "node_lost" in kinds
    assert "gap" in kinds
    text = next(event["text"] for event in report["events"] if event["kind"] == "node_lost")
    assert text == f"node {victim} was lost: the engine of this node died"
    requests = report["requests"]
    assert requests["planned"] == requests["sent"] + requests["dropped"]
    assert requests["completed"] > 700  # of 1,000: at most about three seconds of one half are lost

    # The node itself goes on, with another engine process, and takes its part of the next run.
    (engine,) = wait_for("another engine", lambda: named(node, "gluten-engine"))
    assert engine != killed
    assert "another one was started" in node.said
    report = cluster.load("-t2", "-c4", "-n400", target)
    assert {each["name"]: each["completed"] for each in report["nodes"]} == {"master": 200, "slave-1": 200}
    assert not any("Traceback" in program.said for program in cluster.programs)
    assert cluster.stop() == [0, 0]
    wait_for("its processes to be gone", lambda: not lives(engine), 5.0)


def test_a_master_alone_says_why_its_run_failed_and_takes_the_next(tmp_path: Path, target: str) -> None:
    cluster = Cluster(tmp_path, 0)
    assert cluster.run("submit", "-t1", "-c2", "-d30s", target).code == 0
    run = begun(cluster, 100)
    kill_engine(cluster.master)
    failed = wait_for(
        "the run to fail",
        lambda: (found := get_json(f"http://{cluster.web}/api/v1/runs/{run}", tmp_path))["state"] == "failed" and found,
    )
    assert failed["reason"] == "all nodes were lost: master (the engine of this node died)"
    assert cluster.load("-t1", "-c2", "-n50", target)["requests"]["completed"] == 50
    assert cluster.stop() == [0]


def test_workers_do_not_outlive_their_engine_process(tmp_path: Path, target: str) -> None:
    cluster = Cluster(tmp_path, 0)
    assert cluster.run("submit", "-t1", "-c2", "-d30s", target).code == 0
    begun(cluster, 100)
    workers = named(cluster.master, "gluten-worker")
    kill_engine(cluster.master)
    wait_for("the workers to be gone", lambda: not any(map(lives, workers)), 5.0)
    assert workers
    cluster.stop()


def test_a_node_whose_engine_dies_again_and_again_ends_in_words(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 0)
    for _ in range(6):
        before = cluster.master.said.count("another one was started")
        kill_engine(cluster.master)
        wait_for(
            "another engine, or the end",
            lambda before=before: (  # type: ignore[misc]
                cluster.master.process.poll() is not None
                or (
                    cluster.master.said.count("another one was started") > before
                    and len(named(cluster.master, "gluten-engine")) == 1
                )
            ),
        )
    assert cluster.master.process.wait(15) == 1
    assert "gluten: the engine of this node died: restart the node" in cluster.master.said
    assert "Traceback" not in cluster.master.said


def test_a_node_without_its_keeper_ends_in_words(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 0)
    (keeper,) = named(cluster.master, "gluten-keeper")
    os.kill(keeper, signal.SIGKILL)
    kill_engine(cluster.master)
    assert cluster.master.process.wait(15) == 1
    assert "the engine of this node died: restart the node" in cluster.master.said
