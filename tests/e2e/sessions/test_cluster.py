"""Sessions on three nodes, against a shop that knows which session asked what."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sessions.conftest import BEGINNINGS, BUY, ORDERS, assert_adds_up, assert_agree, sent, write
from tests.support.e2e.programs import Cluster, Program, wait_for
from tests.support.shop import Shop

SLOW = ("400ms..800ms", "300ms", "exp 300ms")
"""Pauses that keep many sessions under way at once."""


def followed(cluster: Cluster) -> dict[str, Any]:
    report: dict[str, Any] = cluster.run("watch", "--quiet", "--format", "json", "last").json
    return report


def submitted(cluster: Cluster, *words: str) -> None:
    done = cluster.run("submit", "--quiet", *words)
    assert done.code == 0, done.error


def sent_by(cluster: Cluster, name: str) -> int:
    """How many requests the master knows of that this node has sent."""
    report = cluster.run("report", "last", "--format", "json").json
    return sum(node["sent"] for node in report["nodes"] if node["name"] == name)


def once(values: Any) -> bool:
    return set(Counter(values).values()) == {1}


@pytest.mark.parametrize(
    "load",
    [("-R", "150", "-d", "3s"), ("-R", "150", "-n", "300"), ("-c", "12", "-d", "2s"), ("-c", "12", "-n", "300")],
    ids="".join,
)
def test_three_nodes_count_what_the_shop_counts(cluster: Cluster, shop: Shop, load: tuple[str, ...]) -> None:
    report = cluster.load("-t", "6", *load, write(cluster.folder, shop.url))
    ledger = shop.ledger()
    assert_agree(report, ledger)
    assert len(report["nodes"]) == 3
    found = report["sessions"]
    assert found["begun"] == found["finished"] == found["good"] == len(ledger.sessions())
    assert set(ledger.sessions().values()) <= ORDERS
    assert once(ledger.names().values()), "each user is somebody else"
    if "-n" in load:
        assert found["begun"] + found["dropped"] == 300
    if "-R" in load:
        buyers = sum(kinds == BUY for kinds in ledger.sessions().values())
        assert abs(buyers - found["begun"] / 4) <= 1 + found["dropped"]


def test_a_cluster_drains_and_cuts_what_is_longer(cluster: Cluster, shop: Shop) -> None:
    file = write(cluster.folder, shop.url, *SLOW)
    report = cluster.load("-R", "60", "-d", "2s", "--drain", "500ms", file)
    ledger = shop.ledger()
    assert_agree(report, ledger)
    found = report["sessions"]
    assert (found["planned"], found["active"], found["ended"]) == (120, 0, 0)
    assert 0 < found["cut"] < found["begun"]
    assert sum(row["begun"] for row in report["seconds"]) == found["begun"]


def test_a_stop_cuts_sessions_and_awaits_what_is_in_flight(cluster: Cluster) -> None:
    with Shop(delay=0.05) as shop:
        submitted(cluster, "-R", "60", "-d", "60s", write(cluster.folder, shop.url, *SLOW))
        wait_for("sessions", lambda: len(shop.ledger().sessions()) > 60)
        assert cluster.run("stop", "last").code == 0
        report = followed(cluster)
        ledger = shop.ledger()
        time.sleep(0.5)
        assert len(shop.ledger().entries) == len(ledger.entries), "nothing is sent any more"
    assert_agree(report, ledger)
    assert (report["state"], report["requests"]["in_flight"], report["errors"]) == ("stopped", 0, {})
    assert report["sessions"]["cut"] > 0


@pytest.mark.parametrize("load", [("-R", "60"), ("-c", "30")], ids="".join)
def test_no_session_and_no_row_is_doubled_where_a_node_is_killed(
    trio: Cluster, shop: Shop, load: tuple[str, ...]
) -> None:
    submitted(trio, *load, "-d", "25s", write(trio.folder, shop.url, *SLOW))
    wait_for("the node's counts", lambda: sent_by(trio, "slave-1") > 60)
    trio.programs[1].process.kill()
    report = followed(trio)
    ledger = shop.ledger()
    trio.programs.pop(1)
    assert {"node_lost", "rebalanced"} <= {event["kind"] for event in report["events"]}
    assert ledger.problems == []
    assert once(ledger.names().values())
    assert set(ledger.sessions().values()) <= BEGINNINGS
    assert_adds_up(report)
    # The lost node's last requests were not told of.
    told, seen = sent(report), ledger.by_kind()
    assert all(0 <= seen[kind] - told[kind] <= 100 for kind in seen), (told, seen)
    found = report["sessions"]
    assert found["active"] == 0
    assert 0 <= len(ledger.sessions()) - found["begun"] <= 60
    assert (report["state"], found["cut"] > 0) == ("finished", True)


def test_sessions_go_on_where_the_master_is_killed_and_comes_back(tmp_path: Path, shop: Shop) -> None:
    cluster = Cluster(tmp_path, 2, "--lease", "10s")
    web, rpc = (place.rpartition(":")[2] for place in (cluster.web, cluster.rpc))
    submitted(cluster, "-R", "60", "-d", "20s", write(tmp_path, shop.url, *SLOW))
    wait_for("a slave's counts", lambda: sent_by(cluster, "slave-1") > 60)
    cluster.master.process.kill()
    cluster.master.process.wait()
    again = ("--web-port", web, "--rpc-port", rpc, "--name", "master", "--lease", "10s", "--bind", "127.0.0.1")
    cluster.programs[0] = Program(tmp_path, "again", "--master-mode", *again, "--data", str(tmp_path / "master-data"))
    cluster.programs[0].find(r"--master (\S+:\d+)")
    report = followed(cluster)
    ledger = shop.ledger()
    assert set(cluster.stop()) == {0}
    assert (report["state"], report["sessions"]["active"]) == ("finished", 0)
    assert "resumed" in {event["kind"] for event in report["events"]}
    assert ledger.problems == []
    assert once(ledger.names().values())
    assert set(ledger.sessions().values()) <= BEGINNINGS
    assert_adds_up(report)
    told, seen = sent(report), ledger.by_kind()
    assert all(0 <= seen[kind] - told[kind] <= 100 for kind in seen), (told, seen)


def test_a_request_that_is_not_good_stops_the_run_on_all_nodes(cluster: Cluster) -> None:
    with Shop(fail_each=7) as shop:
        file = write(cluster.folder, shop.url, *SLOW)
        with open(file, encoding="utf-8") as opened:
            text = opened.read().replace('get = "/api/products', 'on_fail = "stop"\nget = "/api/products')
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(text)
        submitted(cluster, "-R", "60", "-d", "60s", file)
        report = followed(cluster)
        ledger = shop.ledger()
    assert_agree(report, ledger)
    assert report["state"] in ("stopped", "failed")
    assert report["reason"].endswith("request view: it was not good, and on_fail is stop")
    assert report["sessions"]["ended"] >= 1
