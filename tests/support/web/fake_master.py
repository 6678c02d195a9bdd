"""A master for the pages' tests: no cluster, no load, a simulated run whose figures follow from its second.

    python -m tests.support.web.fake_master [--speed N] [--nodes N] [--left N] [--cut S] [--empty] [--long SECONDS]
        [--key KEY]

serves the real pages, to everybody or to who has the key, and prints the port and a login link's token.
`--speed` is simulated seconds per second. A run of `http://…/late` answers late to a change of its rate, one of `/old`
with the old rate; `fake_rows` has what other paths do.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import gevent
from gevent.pywsgi import WSGIServer

from gluten.engine.trial import desk
from gluten.engine.trial.handle import Trials
from gluten.errors import NotFound, TaskError, WrongState
from gluten.listing import EVERY, Listing
from gluten.net.keys.keys import ClusterKey
from gluten.net.keys.onetime import OneTimeTokens
from gluten.plan.run_state import FINAL
from gluten.stats.histogram import Histogram
from gluten.stats.request_stats import Stats
from gluten.stats.row import narrowed
from gluten.task.task import Task
from gluten.webui.app import Wsgi, make_app
from tests.support.fake_facade import FakeFacade
from tests.support.web.fake_rows import NODES, Map, path
from tests.support.web.fake_run import BEGIN, FakeRun, stamp
from tests.support.web.gates import keyed_gate

LATE = 1.5
"""Seconds until a run of `/late` or `/old` has taken another rate."""


class FakeMaster(FakeFacade):
    """The facade over runs in memory. `speed` is simulated seconds a second; one run at a time."""

    def __init__(self, base: str = "http://127.0.0.1:8888", speed: float = 1.0, nodes: int = 3, left: int = 0) -> None:
        super().__init__()
        self.base, self.speed, self.count, self.left = base, speed, nodes, left
        self.all: list[FakeRun] = []
        self.keys: dict[str, FakeRun] = {}
        self.now = BEGIN
        self.texts: dict[str, str] = {}
        self.attempts: list[Task] = []
        self.trials: Trials | None = None

    def add(self, task: Task) -> FakeRun:
        run = FakeRun(len(self.all) + 1, task, self.now, self.base)
        self.all.append(run)
        return run

    def add_running(self) -> FakeRun:
        run = self.add(Task("http://t.test/", 1, 1, 600.0))
        run.advance(0)
        return run

    def instant(self) -> str:
        return stamp(self.now)

    def find(self, ref: str) -> FakeRun:
        for run in self.all[::-1]:
            if ref in ("last", str(run.number)) or (len(ref) >= 4 and run.id.startswith(ref)):
                return run
        raise NotFound(f"run {ref[:80]!r}: there is no such run; see the list of runs")

    def submit(self, task: Task, key: str = "", who: str = "") -> Map:
        if key and key in self.keys:
            return self.keys[key].map()
        run = self.add(task)
        if key:
            self.keys[key] = run
        return run.map()

    def attempt(self, task: Task) -> Map:
        """Real requests, by the program's own process, if there is one."""
        self.attempts.append(task)
        nothing: Map = {"good": True, "requests": [], "reason": ""}
        return self.trials.attempt(task, {}) if self.trials is not None else nothing

    def stop(self, ref: str, who: str = "") -> Map:
        run = self.find(ref)
        if run.state in FINAL:
            raise WrongState(f"run {run.number} is {run.state}; it cannot be stopped")
        if run.state == "queued":
            run.end("stopped", "stopped while it waited", "invalid", ("nothing was sent",))
        else:
            run.state = "stopping"
            run.tell("stopping", f"stop asked for by {who}")
        return run.map()

    def adjust(self, ref: str, rate: float, who: str = "") -> Map:
        run = self.find(ref)
        if run.rate is None or run.state != "running":
            raise WrongState(f"run {run.number} has no rate that can be changed now")
        if rate <= 0:
            raise TaskError("rate", f"rate: {rate!r} is not allowed; above 0 and at most 1e+08 requests/s")
        if path(run.task) == "/late":
            gevent.sleep(LATE)
        if path(run.task) == "/old":
            gevent.spawn_later(LATE, run.adjust, rate, who)
            run.version += 1
        else:
            run.adjust(rate, who)
        return run.map()

    def run(self, ref: str) -> Map:
        return self.find(ref).map()

    def runs(self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY) -> list[Map]:
        there = [run for run in self.all[::-1] if run.id not in self.deleted]
        found = [run for run in there if before is None or run.number < before]
        words = search.lower()
        found = [run for run in found if words in f"{run.task.name} {run.task.url} {run.id}".lower()]
        return _listed([run.map() for run in found], by)[:limit]

    def names(self) -> list[Map]:
        """Newest first."""
        count = Counter(run.task.name for run in self.all if run.task.name)
        last = {run.task.name: run.number for run in self.all}
        known = sorted(count, key=lambda name: -last[name])
        return [{"name": name, "runs": count[name], "last": last[name]} for name in known]

    notice = ""

    def nodes(self) -> list[Map]:
        known = [*NODES, *((f"node-{index:04}", 2) for index in range(3, self.count))][: self.count]
        busy = next((run.id for run in self.all if run.state == "running"), None)
        return [self._node(index, name, cores, busy) for index, (name, cores) in enumerate(known)]

    def _node(self, index: int, name: str, cores: int, busy: str | None) -> Map:
        return {
            "name": name,
            "id": uuid.uuid5(uuid.NAMESPACE_OID, name).hex,
            "role": "slave" if index else "master",
            "state": "left" if index >= self.count - self.left else "suspect" if index % 50 == 49 else "alive",
            "cores": cores,
            "cpu": 0.4 if busy else 0.02,
            "cpu_history": [round(0.2 + 0.15 * math.sin(index + at / 6), 2) for at in range(60)],
            "version": "0.1.0",
            "python": "3.11.2",
            "address": f"10.0.{index // 250}.{index % 250 + 1}",
            "rpc_port": 9090 if index == 0 else 40000 + index,
            "age": 0.3,
            "run": busy,
            "load": True,
            "joined_at": stamp(BEGIN),
        }

    def report(self, ref: str, request: str | None = None) -> Map:
        report = self.find(ref).report()
        return report | {"seconds": [narrowed(row, request) for row in report["seconds"]]}

    def window(self, ref: str, first: int, last: int) -> Map:
        return self.find(ref).window(first, last)

    def pulse(self, ref: str, seconds: int) -> list[int]:
        return [found["completed"] for _, found in sorted(self.find(ref).rows.items())][:-1][-seconds:]

    def counted(self, run: str) -> Iterator[tuple[str, Stats, Histogram]]:
        for name, stats in self.find(run).counted().by_name.items():
            yield name, stats, stats.response

    def annotate(self, ref: str, text: str) -> str:
        self.texts[self.find(ref).id] = text
        return text

    def annotation(self, ref: str) -> str:
        return self.texts.get(self.find(ref).id, "")

    def update(self, ref: str, after: int = 0, request: str | None = None) -> Map:
        run = self.find(ref)
        return {
            "version": run.version,
            "run": run.map(),
            "rows": [narrowed(found, request) for _, found in sorted(run.rows.items()) if found["version"] > after],
            "events": [event for version, event in run.events if version > after],
            "final": run.state in FINAL,
        }

    def wait(self, ref: str, after: int, timeout: float, request: str | None = None) -> Map:
        run, waited = self.find(ref), 0.0
        while run.version <= after and waited < timeout:
            gevent.sleep(0.02)
            waited += 0.02
        return self.update(ref, after, request)

    def simulate(self) -> None:
        """For ever: take the first run that waits, and let its seconds pass."""
        while True:
            run = next((run for run in self.all if run.state == "queued"), None)
            if run is not None:
                self._live(run)
            gevent.sleep(0.05)

    def _live(self, run: FakeRun) -> None:
        run.at, run.state = datetime.now(UTC), "running"
        run.tell("started", f"started on {len(NODES)} nodes")
        length = math.ceil(run.task.duration or 30)
        for second in range(length):
            gevent.sleep(1 / self.speed)
            if run.state == "stopping":
                return run.end("stopped", "stopped by web")
            run.advance(second)
            if second == 8:
                run.tell("node_lost", "berlin-2 was lost; its share moved to master, berlin-1", "berlin-2")
        return run.end("finished", "", "suspect", ("berlin-2's generator used 91 % of a core at 22 s",))


_KEYS = {"requests": "completed"}


def _listed(runs: list[Map], by: Listing) -> list[Map]:
    """As a store lists them."""
    shown = [run for run in runs if by.admits(run)]
    over = [run for run in shown if run.get("verdict") or by.sort == "number"]
    over.sort(key=lambda run: _figure(run, by.sort), reverse=not by.ascending)
    return over + [run for run in shown if run not in over]


def _figure(run: Map, sort: str) -> float:
    if sort == "errors":
        return float(run["completed"] + run["failed"] - run["good"])
    return float(run.get(_KEYS.get(sort, sort)) or 0)


def seed(master: FakeMaster) -> None:
    """Give the master a history with everything in it that a page must bear."""
    runs, master.now = _history(master.base)
    master.all = [run.copy() for run in runs]


@cache
def _history(base: str) -> tuple[list[FakeRun], datetime]:
    """The seeded runs and the time of the last one. They take long to make, and little to copy."""
    master = FakeMaster(base)
    for index in range(14):
        master.now = BEGIN + timedelta(minutes=7 * index)
        run = master.add(
            Task(f"http://shop.test/item/{index}", 6, 60, 20.0 + index, rate=2000.0 if index % 2 else None)
        )
        for second in range(20 + index):
            run.advance(second)
        run.end("finished")
    nothing = master.add(Task("http://127.0.0.1:9/", name="nobody there"))
    nothing.end("failed", "connect: 127.0.0.1:9 refused the connection", "invalid", ("nothing was sent",))
    markup = master.add(Task("http://u:p@h.test/?q=<b>", name='<img src=x onerror=alert(1)> & "co" </script>'))
    for second in range(5):
        markup.advance(second)
    markup.end("stopped", "stopped by web", "suspect", ("it was <i>stopped</i> early",))
    return master.all, master.now


def formats() -> Any:
    return {
        "text": ("text/plain; charset=utf-8", lambda report: f"Running test @ {report['url']}\n"),
        "csv": ("text/csv; charset=utf-8", lambda report: "second,completed\n"),
        "html": (
            "text/html; charset=utf-8",
            lambda report: f"<!doctype html><pre>{json.dumps(report)}</pre>",
        ),
        "junit": ("application/xml; charset=utf-8", lambda report: "<testsuites/>"),
        "hdr": ("text/plain; charset=utf-8", lambda report: "#[Histogram log format version 1.3]\n"),
        "wrk": ("text/plain; charset=utf-8", lambda report: f"Running 1s test @ {report['url']}\n"),
    }


def cut(app: Wsgi, after: float) -> Wsgi:
    """The application, but each event stream breaks off after so many seconds, wherever it is."""

    def cutting(environ: Any, start: Any) -> Iterable[bytes]:
        chunks = app(environ, start)
        return _until(chunks, after) if environ["PATH_INFO"].endswith("/events") else chunks

    return cutting


def _until(chunks: Iterable[bytes], after: float) -> Iterator[bytes]:
    end = time.monotonic() + after
    for chunk in chunks:
        yield chunk
        if time.monotonic() > end:
            return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--left", type=int, default=0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--long", type=int, default=0)
    parser.add_argument("--cut", type=float, default=0.0)
    parser.add_argument("--key", default="")
    parser.add_argument("--pin", default="")
    parser.add_argument("--empty", action="store_true")
    options = parser.parse_args()
    channel = desk.spawn()
    master = FakeMaster(speed=options.speed, nodes=options.nodes, left=options.left)
    master.trials = Trials(channel)
    links = OneTimeTokens()
    key = ClusterKey.parse(options.key) if options.key else None
    app = make_app(master, keyed_gate(key, open=key is None, links=links, note=master.note), formats(), heartbeat=1.0)
    app = cut(app, options.cut) if options.cut else app
    server = WSGIServer(("127.0.0.1", options.port), app, log=None)
    server.start()
    master.base = f"http://127.0.0.1:{server.server_port}"
    if not options.empty:
        seed(master)
    if options.pin:
        master.pin(options.pin)
    if options.long:
        long = master.add(Task("http://long.test/", 6, 60, float(options.long), rate=2000.0, name="long"))
        for second in range(options.long):
            long.advance(second)
        long.end("finished")
    print(server.server_port, flush=True)
    print(links.create(time.monotonic()), flush=True)
    gevent.spawn(master.simulate)
    server.serve_forever()


if __name__ == "__main__":
    main()
