"""No load without a live lease. The host ends it by itself, and so does each worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gluten.task.task import Task
from tests.support.nginx import Nginx
from tests.support.rig import Rig, wait_until

CLOSED = {"threads": 2, "connections": 8, "duration": 60.0}
PACED = {"threads": 2, "connections": 8, "duration": 60.0, "rate": 500.0}


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    with Nginx(tmp_path) as served:
        yield served


@pytest.mark.parametrize("words", [CLOSED, PACED], ids=["closed", "rate"])
def test_load_ends_with_its_lease(own_rig: Rig, nginx: Nginx, words: dict[str, float]) -> None:
    own_rig.start(Task(nginx.url, **words), cores=2)  # type: ignore[arg-type]
    own_rig.workers(2)
    own_rig.next_delta()
    own_rig.renew(0.5)
    began = time.monotonic()
    outcome = own_rig.finish()
    assert (outcome.state, outcome.kind) == ("failed", "lease")
    assert "lease" in outcome.reason
    assert time.monotonic() - began < 2.0
    assert outcome.adds_up


@pytest.mark.alone
def test_a_renewed_lease_lets_the_load_go_on(own_rig: Rig, nginx: Nginx) -> None:
    own_rig.start(Task(nginx.url, threads=1, connections=2, duration=2.0))
    own_rig.workers(1)
    while not own_rig._outcome.state:
        own_rig.renew(1.5)
        own_rig._take()
    assert own_rig.finish().state == "finished"


@pytest.mark.alone
def test_workers_end_by_themselves_when_their_host_stands_still(own_rig: Rig, nginx: Nginx) -> None:
    own_rig.start(Task(nginx.url, **PACED), cores=2)  # type: ignore[arg-type]
    workers = own_rig.workers(2)
    own_rig.next_delta()
    own_rig.renew(1.0)
    wait_until(lambda: own_rig.next_delta().second >= 1)
    os.kill(own_rig.host, signal.SIGSTOP)
    try:
        wait_until(lambda: all(over(worker) for worker in workers), 5.0)
    finally:
        os.kill(own_rig.host, signal.SIGCONT)
    outcome = own_rig.finish()
    assert (outcome.state, outcome.kind) == ("failed", "lease")
    assert outcome.adds_up
    assert len(nginx.log(outcome.total.sent)) == outcome.total.sent


@pytest.mark.parametrize("words", [CLOSED, PACED], ids=["closed", "rate"])
def test_processes_that_were_stopped_beyond_the_lease_send_nothing_afterwards(
    own_rig: Rig, nginx: Nginx, words: dict[str, float]
) -> None:
    """Host and workers stand still together, as by a SIGSTOP to their whole group. They know when their lease ends: a
    second goes by between its renewal, which the host has to pass on, and the signal."""
    own_rig.start(Task(nginx.url, **words), cores=2)  # type: ignore[arg-type]
    everybody = [own_rig.host, *own_rig.workers(2)]
    own_rig.next_delta()
    own_rig.renew(2.0)
    ends = time.monotonic() + 2.0
    own_rig.next_delta()
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: time.monotonic() > ends + 0.2)
    before = len(nginx.log(0))
    for pid in everybody:
        os.kill(pid, signal.SIGCONT)
    outcome = own_rig.finish()
    assert (outcome.state, outcome.kind) == ("failed", "lease")
    assert outcome.adds_up
    # At most one more on each connection: what was being sent when everything stopped.
    assert len(nginx.log(0)) - before <= 8


def test_a_worker_that_stood_still_looks_for_a_newer_lease_first(own_rig: Rig, nginx: Nginx) -> None:
    own_rig.start(Task(nginx.url, threads=1, connections=2, duration=3.0))
    (worker,) = own_rig.workers(1)
    own_rig.next_delta()
    own_rig.renew(0.5)
    os.kill(worker, signal.SIGSTOP)
    began = time.monotonic()
    own_rig.renew(60.0)
    wait_until(lambda: time.monotonic() - began > 0.7)
    os.kill(worker, signal.SIGCONT)
    assert own_rig.finish().state == "finished"


def over(pid: int) -> bool:
    """Whether the process has ended, even if its parent has not noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
