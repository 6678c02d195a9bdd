"""Hosts are network namespaces (see `lab`). They start together, and a cable is cut for 10 s."""

from __future__ import annotations

import subprocess
import time

from tests.support.e2e.lab import HOSTS, NEEDS, RATE, RPC, Lab, balanced, both, kinds, sleep_until
from tests.support.e2e.programs import wait_for

pytestmark = NEEDS


def test_three_hosts_start_together_and_count_what_the_target_counts(lab: Lab) -> None:
    lab.submit(5)
    report = lab.report()
    assert report["state"] == "finished"
    assert report["requests"]["planned"] == RATE * 5
    assert balanced(report["requests"])
    assert report["requests"]["completed"] == len(lab.ledger())
    # slave-2's clock is ahead by an hour. How close together they start, `bench/bounds.py` measures.
    assert all(abs(node["start_skew"]) < 1.0 for node in report["nodes"]), report["nodes"]
    first = {host: min(at for at, who in lab.ledger() if who == host) for host in ("master", "slave-1", "slave-2")}
    assert max(first.values()) - min(first.values()) < 1.0, first
    for host in ("slave-1", "slave-2"):
        assert _ports_at_master(lab, host) == {int(RPC)}


def _ports_at_master(lab: Lab, host: str) -> set[int]:
    """The master's ports to which this host has connections."""
    command = ["ip", "netns", "exec", lab.network.name(host), "cat", "/proc/net/tcp", "/proc/net/tcp6"]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    ends = [row.split()[2].split(":") for row in rows if "local_address" not in row]
    master = "".join(f"{int(part):02X}" for part in reversed(HOSTS["master"].split(".")))
    return {int(port, 16) for address, port in ends if address.endswith(master)}


def test_no_request_is_lost_in_a_partition_of_10_s(lab: Lab) -> None:
    """The node counts as lost for a moment, but its lease is alive. It does its part all the time, and no other node
    does."""
    lab.submit(26)
    wait_for("the load", lambda: len(lab.ledger()) > RATE)
    for way in both("slave-1", "master"):
        lab.network.cut(*way)
    cut = time.time()
    wait_for("the slave to be suspect", lambda: lab.states().get("slave-1") == "suspect")
    sleep_until(cut + 10.0)
    for way in both("slave-1", "master"):
        lab.network.heal(*way)
    report = lab.report()
    assert report["state"] == "finished", report["reason"]
    assert "node_lost" not in kinds(report)
    assert report["requests"]["planned"] == RATE * 26
    assert balanced(report["requests"])
    assert report["requests"]["completed"] == len(lab.ledger())
