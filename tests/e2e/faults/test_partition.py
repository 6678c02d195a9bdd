"""Hosts that are network namespaces (see `lab`): a cable that is cut for half a minute."""

from __future__ import annotations

import time

from tests.support.e2e.lab import LEASE, NEEDS, RATE, Lab, accounted, ahead, balanced, both, kinds, sleep_until
from tests.support.e2e.programs import wait_for

pytestmark = NEEDS
SECONDS = 36


def test_in_a_long_partition_a_part_moves_when_its_lease_has_ended_and_nothing_is_sent_twice(lab: Lab) -> None:
    """slave-1 is cut off both ways for two leases. Of slave-2 only what it sends is lost, until its lease has ended.
    The master's own node carries on."""
    lab.submit(SECONDS)
    wait_for("the load", lambda: len(lab.ledger()) > RATE)
    half_open = [("slave-2", "master")]
    for way in both("slave-1", "master") + half_open:
        lab.network.cut(*way)
    cut = time.time()
    sleep_until(cut + LEASE + 4.0)
    for way in half_open:
        lab.network.heal(*way)
    sleep_until(cut + 2 * LEASE)
    for way in both("slave-1", "master"):
        lab.network.heal(*way)
    report = lab.report()
    wait_for("late numbers", lambda: accounted(lab.report()["requests"], len(lab.ledger())))
    assert report["state"] == "finished", report["reason"]
    assert sorted(kinds(report)["node_lost"]) == ["slave-1", "slave-2"]
    assert "rebalanced" in kinds(report)
    assert report["verdict"]["value"] == "suspect", report["verdict"]
    report = lab.report()
    assert report["requests"]["planned"] == RATE * SECONDS
    assert balanced(report["requests"])
    assert ahead(lab, cut) < RATE / 4, "no part was carried by two"
    for host in ("slave-1", "slave-2"):
        last = max(at for at, who in lab.ledger() if who == host)
        assert last < cut + LEASE + 1.5, (host, last - cut)
    late = [who for at, who in lab.ledger() if cut + LEASE + 2 < at < cut + LEASE + 6]
    assert set(late) == {"master"}
    assert abs(len(late) - 4 * RATE) < RATE, "the survivors carry the whole rate"
    wait_for("the slaves to be back", lambda: list(lab.states().values()) == ["alive"] * 3)
