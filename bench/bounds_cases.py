"""The cases of `bench.bounds`. Each yields its figures. They use the helpers of the tests."""

from __future__ import annotations

import http.client
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import cluster as clusters
from gluten.task.task import Task
from tests.support.e2e.programs import Program, wait_for
from tests.support.engine import faults
from tests.support.engine.faults import Behaviour, FaultServer
from tests.support.nginx import Nginx
from tests.support.onefile import build_offline
from tests.support.rig import Outcome, Rig

TIMES = 9
DELAY = 0.0104


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its upper bound."""

    name: str
    value: float
    most: float
    unit: str

    @property
    def is_met(self) -> bool:
        return self.value <= self.most


def start(folder: Path) -> Iterator[Figure]:
    """CPU of the one file. The first start unpacks it. Later starts cost little more than a bare Python."""
    for name, more in (("one Python's file", ()), ("a platform's file", ("--target", "here"))):
        file = build_offline(folder / "gluten.pyz", *more)
        version = [sys.executable, str(file), "--version"]
        environment = {**os.environ, "GLUTEN_CACHE": str(folder / name.replace(" ", "-"))}
        yield Figure(f"{name}, first start", cpu(version, environment), 1.0, "s of CPU")
        bare = [sys.executable, "-c", "pass"]
        above = sorted(cpu(version, environment) - cpu(bare, environment) for _ in range(TIMES))
        yield Figure(f"{name}, later starts above a bare Python", above[TIMES // 2], 0.080, "s of CPU")


def cpu(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of CPU, user and system, of one run of `command`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def target(folder: Path) -> Iterator[Figure]:
    """How much later than its delay the target answers."""
    program = Program(folder, "target", "target", "--port", "0", "--delay", f"{DELAY}s")
    try:
        client = http.client.HTTPConnection(urlsplit(program.find(r"http://\S+")[0]).netloc)
        took = sorted(_response_seconds(client) for _ in range(51))
        client.close()
    finally:
        program.stop()
    yield Figure("the target's time beyond its delay, median", (took[25] - DELAY) * 1e3, 1.0, "ms")


def _response_seconds(client: http.client.HTTPConnection) -> float:
    began = time.perf_counter()
    client.request("GET", "/")
    client.getresponse().read()
    return time.perf_counter() - began


def engine(folder: Path) -> Iterator[Figure]:
    """The CPU of a worker that waits, and how late it sends and gives up."""
    with Rig() as rig:
        silent = _against(rig, faults.silent, connections=20, threads=2, duration=1.5, timeout=2.0)
        yield Figure("a worker that waits for its target", silent.deltas[1].cpu, 0.1, "of a core")
        for name, behaviour in (("silent", faults.silent), ("mute", faults.mute), ("drip", faults.drip(0.1))):
            outcome = _against(rig, behaviour, connections=2, requests=4, duration=None, timeout=0.3)
            yield Figure(f"deadlines against a target that is {name}", outcome.cpu, 0.3, "of a core")
            yield Figure(f"two deadlines of 0.3 s, {name}", outcome.ended, 0.7, "s")
        with Nginx(folder) as nginx:
            outcome = rig.run(Task(nginx.url, rate=1000.0, duration=1.0, connections=10, threads=1))
            rig.start(Task(nginx.url, duration=20.0, connections=5, threads=1))
            rig.next_delta()
            rig.stop()
            began = time.monotonic()
            rig.finish()
        yield Figure("a stop of a closed loop", time.monotonic() - began, 1.0, "s")
        yield Figure("lateness at 1000/s, p90", outcome.total.lateness.percentile(90) / 1e3, 5.0, "ms")


def _against(rig: Rig, behaviour: Behaviour, **words: object) -> Outcome:
    with FaultServer(behaviour) as server:
        return rig.run(Task(f"http://127.0.0.1:{server.port}/", **words))  # type: ignore[arg-type]


def pages(folder: Path) -> Iterator[Figure]:
    """CPU of the page's main thread. The smallest of three figures counts."""
    from tests.e2e import test_opening as opening
    from tests.support.web.browser import chromium, fake_master
    from tests.webui.browser import test_cluster as nodes
    from tests.webui.browser import test_long as long

    with chromium() as browser, fake_master("--long", str(long.LENGTH)) as base:
        browser.worked()  # the browser counts from the first call on
        took = min(long.opened(browser, base) for _ in range(3))
        yield Figure("the page of a run of two hours, opened", took, 0.6, "s of CPU")
        frame = min(long.scrolled(browser)[0] for _ in range(3))
        yield Figure("a frame of that page while it scrolls", frame * 1e3, 8.0, "ms of CPU")
    with chromium() as browser, fake_master("--speed", "4", "--nodes", str(nodes.MANY)) as base:
        browser.worked()
        took = min(nodes.opened(browser, base) for _ in range(3))
        yield Figure("the page of a thousand nodes, opened", took, 0.7, "s of CPU")
    with opening.opened(folder, opening.fill) as (browser, base):
        took = min(opening.drawn(browser, base) for _ in range(3))
        yield Figure("a stored run of two hours and 20 requests, drawn", took / 1e3, 1.0, "s")


def cluster(folder: Path) -> Iterator[Figure]:
    """A master with 500 slaves and SQLite. The delay of the slaves' own process is subtracted."""
    result = clusters.measure(500, 20, folder)
    yield Figure("a master with 500 slaves", result.core, 0.6, "of a core")
    yield Figure("its acknowledgements, p99", result.ack_p99 - result.lag, 500.0, "ms")


def hosts(folder: Path) -> Iterator[Figure]:
    """Three hosts (network namespaces) start together."""
    from tests.support.e2e.lab import HOSTS, Lab
    from tests.support.e2e.network import Network

    network = Network(HOSTS)
    try:
        network.open()
        lab = Lab(folder, network)
        try:
            wait_for("three nodes", lambda: list(lab.states().values()) == ["alive"] * 3)
            lab.submit(5)
            skews = [abs(node["start_skew"]) for node in lab.report()["nodes"]]
            first = {host: min(at for at, who in lab.ledger() if who == host) for host in HOSTS if host != "target"}
        finally:
            lab.close()
    finally:
        network.close()
    yield Figure("the skew of three hosts' starts", max(skews) * 1e3, 20.0, "ms")
    yield Figure(
        "the time between their first requests", (max(first.values()) - min(first.values())) * 1e3, 100.0, "ms"
    )
