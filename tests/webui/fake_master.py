"""A master for the pages' tests: no cluster, no load, a simulated run whose figures follow from its second.

    python tests/webui/fake_master.py [--speed N] [--nodes N] [--cut SECONDS] [--empty] [--long SECONDS] [--key KEY]

serves the real pages, to everybody or to who has the key, and prints the port and a login link's token.
`--speed` is simulated seconds per second.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import gevent
from gevent.pywsgi import WSGIServer

from gluten.deed import Deed
from gluten.errors import NotFound, TaskError, WrongState
from gluten.load import hdr
from gluten.load.delta import Delta
from gluten.load.heat import heat
from gluten.load.histogram import Histogram
from gluten.load.redact import redact_url
from gluten.load.task import Task
from gluten.load.window import window
from gluten.net.keys import ClusterKey
from gluten.net.onetime import OneTime
from gluten.webui.app import Wsgi, make_app
from tests.webui.gates import keyed_gate

Map = dict[str, Any]
BEGIN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OVER = ("finished", "stopped", "failed")
NODES = (("master", 4), ("berlin-1", 8), ("berlin-2", 8))


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wave(second: int, period: float, size: float) -> float:
    return 1 + size * math.sin(second * math.tau / period) + size / 3 * math.sin(second * 2.3)


def row(second: int, task: Task, rate: float | None, version: int, part: float = 1.0) -> Map:
    """Second `second` as the figures of a target that is slow for a while at 20 to 24 s."""
    slow = 5.0 if 20 <= second % 60 <= 24 else 1.0
    done = int(part * (rate * wave(second, 9, 0.004) if rate else 9000 * wave(second, 17, 0.06) / slow))
    failed = 7 if 21 <= second % 60 <= 23 else 0
    p50 = 1800 * slow * wave(second, 11, 0.08)
    names = [name for name, _ in NODES]
    nodes = {
        name: {
            "completed": done * cores // 20,
            "cpu": 0.35 * wave(second + cores, 13, 0.1),
            "in_flight": cores,
        }
        for name, cores in NODES
    }
    nodes[names[0]]["completed"] += done - sum(node["completed"] for node in nodes.values())
    times = {
        "mean": p50 * 1.1,
        "p50": p50,
        "p90": p50 * 1.9,
        "p99": p50 * 4.1 * wave(second, 7, 0.1),
        "p99_9": p50 * 9 * wave(second, 5, 0.1),
        "max": p50 * 16 * wave(second, 3, 0.2),
    }
    status = {"200": done - done // 500, "404": done // 1000, "503": done // 500 - done // 1000}
    return {
        "second": second,
        "asked": rate,
        "sent": done + failed,
        "completed": done,
        "failed": failed,
        "dropped": 0,
        "read": done * 900,
        "written": done * 90,
        "in_flight": int(task.connections * (0.6 if slow == 1 else 1)),
        "connections": task.connections,
        **times,
        "service_p50": p50 * 0.97,
        "service_p99": p50 * 3.2,
        "lateness_p99": 140.0,
        "cpu": max(node["cpu"] for node in nodes.values()),
        "heat": heat(spread(done, p50)),
        "status": {code: count for code, count in status.items() if count},
        "errors": {"timeout": failed - 2, "reset": 2} if failed else {},
        "nodes": nodes,
        "version": version,
    }


def spread(done: int, p50: float) -> Histogram:
    """So many times around a median, the slowest sixteen times as slow."""
    made = Histogram()
    for eighth, share in enumerate((1, 4, 12, 40, 90, 170, 90, 40, 20, 12, 8, 5, 3, 2, 1, 1, 1, 1)):
        made.record(int(p50 * 2 ** ((eighth - 5) / 4)), done * share // 501)
    return made


class FakeRun:
    """One run: its map is made anew from its rows each time it is asked for."""

    def __init__(self, number: int, task: Task, at: datetime, base: str) -> None:
        self.id = uuid.uuid5(uuid.NAMESPACE_OID, str(number)).hex
        self.number, self.task, self.at, self.base = number, task, at, base
        self.state, self.reason, self.rate = "queued", "", task.rate
        self.rows: dict[int, Map] = {}
        self.events: list[tuple[int, Map]] = []
        self.version = 1
        self.verdict: Map | None = None
        self.tell("created", f"created by web: {task.threads} threads, {task.connections} connections")

    def tell(self, kind: str, text: str, node: str = "") -> None:
        self.version += 1
        second = max(self.rows, default=0) if self.rows else None
        at = stamp(self.at + timedelta(seconds=second or 0))
        self.events.append((self.version, {"at": at, "second": second, "kind": kind, "node": node, "text": text}))

    def advance(self, second: int) -> None:
        """A second arrives, and the one before it once more, now with the last node's part."""
        self.version += 1
        if second:
            self.rows[second - 1] = row(second - 1, self.task, self.rate, self.version)
        self.rows[second] = row(second, self.task, self.rate, self.version, 0.8)

    def end(self, state: str, reason: str = "", verdict: str = "valid", reasons: tuple[str, ...] = ()) -> None:
        self.state, self.reason = state, reason
        if self.rows:
            self.version += 1
            last = max(self.rows)
            self.rows[last] = row(last, self.task, self.rate, self.version)
        self.verdict = {"value": verdict, "reasons": list(reasons)}
        self.tell(state, f"{state} after {len(self.rows)} s{': ' + reason if reason else ''}")

    def total(self, key: str) -> int:
        return int(sum(found[key] for found in self.rows.values()))

    def map(self) -> Map:
        elapsed, over = float(len(self.rows)), self.state in OVER
        last = self.rows.get(max(self.rows, default=0), {})
        started = stamp(self.at) if self.rows or over else None
        live = 0 if over else last.get("in_flight", 0)
        return {
            "id": self.id,
            "number": self.number,
            "name": self.task.name,
            "state": self.state,
            "reason": self.reason,
            "url": redact_url(self.task.url),
            "created_at": stamp(self.at),
            "started_at": started,
            "ended_at": stamp(self.at + timedelta(seconds=elapsed)) if over else None,
            "asked_duration": self.task.duration,
            "elapsed": elapsed,
            "duration": elapsed if over else None,
            "asked_rate": self.rate,
            "task": self.task.redacted(),
            "plan": self.plan(),
            "link": f"{self.base}/runs/{self.id}",
            "sent": self.total("sent") + live,
            "completed": self.total("completed"),
            "failed": self.total("failed"),
            "dropped": 0,
            "in_flight": live,
            "rate": self.total("completed") / elapsed if elapsed else 0.0,
            "p50": 1834.0 if self.rows else None,
            "p99": 7611.0 if self.rows else None,
            "verdict": self.verdict,
            "version": self.version,
            "queue": 1 if self.state == "queued" else None,
            "who": "web 127.0.0.1",
            "summary": {"spark": [found["completed"] for found in list(self.rows.values())[-60:]]},
        }

    def plan(self) -> list[Map]:
        rate = self.task.rate
        return [
            {
                "name": name,
                "cores": cores,
                "threads": max(1, self.task.threads * cores // 20),
                "connections": max(1, self.task.connections * cores // 20),
                "rate": rate * cores / 20 if rate else None,
                "requests": None,
            }
            for name, cores in NODES
        ]


class FakeMaster:
    """The facade over runs in memory. `speed` is simulated seconds a second; one run at a time."""

    def __init__(self, base: str = "http://127.0.0.1:8888", speed: float = 1.0, nodes: int = 3) -> None:
        self.base, self.speed, self.count = base, speed, nodes
        self.all: list[FakeRun] = []
        self.keys: dict[str, FakeRun] = {}
        self.now = BEGIN
        self.noted: list[Deed] = []
        self.pins: dict[str, Map] = {}
        self.texts: dict[str, str] = {}

    def add(self, task: Task) -> FakeRun:
        run = FakeRun(len(self.all) + 1, task, self.now, self.base)
        self.all.append(run)
        return run

    def add_running(self) -> FakeRun:
        run = self.add(Task("http://t.test/", 1, 1, 600.0))
        run.advance(0)
        return run

    def find(self, ref: str) -> FakeRun:
        for run in self.all[::-1]:
            if ref in ("last", str(run.number)) or (len(ref) >= 4 and run.id.startswith(ref)):
                return run
        raise NotFound(f"run {ref[:80]!r}: there is no such run; see the list of runs")

    def note(self, deed: Deed) -> None:
        self.noted.append(deed)

    def deeds(self, ref: str) -> list[Map]:
        run = self.run(ref)["id"]
        return [asdict(deed) | {"at": stamp(self.now)} for deed in self.noted if deed.run == run]

    def submit(self, task: Task, key: str = "", who: str = "") -> Map:
        if key and key in self.keys:
            return self.keys[key].map()
        run = self.add(task)
        if key:
            self.keys[key] = run
        return run.map()

    def pin(self, ref: str, pinned: bool = True) -> Map:
        run = self.run(ref)
        self.pins[run["name"]] = run
        if not pinned:
            del self.pins[run["name"]]
        return run

    def baselines(self) -> list[Map]:
        return [{"name": name, "run": run["id"], "number": run["number"]} for name, run in self.pins.items()]

    def stop(self, ref: str, who: str = "") -> Map:
        run = self.find(ref)
        if run.state in OVER:
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
        run.rate = rate
        run.tell("adjusted", f"rate set to {rate:g} requests/s by {who}")
        return run.map()

    def run(self, ref: str) -> Map:
        return self.find(ref).map()

    def runs(self, limit: int = 50, before: int | None = None, search: str = "") -> list[Map]:
        found = [run for run in self.all[::-1] if before is None or run.number < before]
        words = search.lower()
        found = [run for run in found if words in f"{run.task.name} {run.task.url} {run.id}".lower()]
        return [run.map() for run in found[:limit]]

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
            "state": "suspect" if index % 50 == 49 else "alive",
            "cores": cores,
            "cpu": 0.4 if busy else 0.02,
            "version": "0.1.0",
            "python": "3.11.2",
            "address": f"10.0.{index // 250}.{index % 250 + 1}",
            "rpc_port": 9090 if index == 0 else 40000 + index,
            "age": 0.3,
            "run": busy,
            "load": True,
            "joined_at": stamp(BEGIN),
        }

    def report(self, ref: str) -> Map:
        run = self.find(ref)
        shown, rows = run.map(), [run.rows[second] for second in sorted(run.rows)]
        return {
            "schema": "gluten.report/1",
            **{key: shown[key] for key in ("id", "number", "name", "state", "reason", "url", "link", "plan", "task")},
            "started_at": shown["started_at"],
            "duration": shown["elapsed"],
            "requests": {key: shown[key] for key in ("sent", "completed", "failed", "in_flight", "dropped")}
            | {"planned": shown["sent"] if run.rate else None},
            "rate": shown["rate"],
            "status": _sum(found["status"] for found in rows),
            "errors": _sum(found["errors"] for found in rows),
            "samples": {"timeout": "no answer within 2s", "reset": "Connection reset by peer <b>"},
            "bytes": {"read": run.total("read"), "written": run.total("written")},
            "response_time": _times(1834.0) if rows else _times(0.0),
            "service_time": _times(1790.0, 0.8) if rows else _times(0.0),
            "lateness": _times(60.0),
            "seconds": rows,
            "nodes": [_node_report(part, rows) for part in run.plan()],
            "events": [event for _, event in run.events],
            "verdict": run.verdict or {"value": "suspect", "reasons": ["the run is not over"]},
        }

    def window(self, ref: str, first: int, last: int) -> Map:
        run, total = self.find(ref), Delta()
        for second in range(first, min(last, len(run.rows))):
            rows = run.rows[second]
            part = Delta(second)
            part.response = part.service = spread(rows["completed"], rows["p50"])
            part.sent, part.completed, part.failed = rows["sent"], rows["completed"], rows["failed"]
            total.add(part)
        return window(total, first, last, run.map()["duration"])

    def pulse(self, ref: str, seconds: int) -> list[int]:
        return [found["completed"] for _, found in sorted(self.find(ref).rows.items())][:-1][-seconds:]

    def annotate(self, ref: str, text: str) -> str:
        self.texts[self.find(ref).id] = text
        return text

    def annotation(self, ref: str) -> str:
        return self.texts.get(self.find(ref).id, "")

    def update(self, ref: str, after: int = 0) -> Map:
        run = self.find(ref)
        return {
            "version": run.version,
            "run": run.map(),
            "rows": [found for _, found in sorted(run.rows.items()) if found["version"] > after],
            "events": [event for version, event in run.events if version > after],
            "final": run.state in OVER,
        }

    def wait(self, ref: str, after: int, timeout: float) -> Map:
        run, waited = self.find(ref), 0.0
        while run.version <= after and waited < timeout:
            gevent.sleep(0.02)
            waited += 0.02
        return self.update(ref, after)

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


def _sum(maps: Any) -> dict[str, int]:
    totals: dict[str, int] = {}
    for found in maps:
        for key, value in found.items():
            totals[key] = totals.get(key, 0) + value
    return totals


def _times(p50: float, tail: float = 1.0) -> Map:
    points = {
        "p75": 1.4,
        "p90": 1.9,
        "p95": 2.6,
        "p99": 4.15 * tail,
        "p99_9": 9.2 * tail,
        "p99_99": 14 * tail,
    }
    base = {"min": p50 * 0.4, "mean": p50 * 1.1, "stdev": p50 * 0.6, "max": p50 * 16 * tail, "p50": p50}
    return base | {key: p50 * factor for key, factor in points.items()} | {"hdr": hdr.encode(spread(50_000, p50))}


def _node_report(part: Map, rows: list[Map]) -> Map:
    done = sum(found["nodes"][part["name"]]["completed"] for found in rows)
    return part | {
        "rate": done / len(rows) if rows else 0.0,
        "completed": done,
        "failed": 0,
        "cpu": 0.37,
        "lateness_p99": 140.0,
        "start_skew": 0.0012,
        "lost": part["name"] == "berlin-2",
    }


def seed(master: FakeMaster) -> None:
    """A history with everything in it that a page must bear."""
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


def formats() -> dict[str, Any]:
    return {
        "text": ("text/plain; charset=utf-8", lambda report: f"Running test @ {report['url']}\n"),
        "csv": ("text/csv; charset=utf-8", lambda report: "second,completed\n"),
        "html": (
            "text/html; charset=utf-8",
            lambda report: f"<!doctype html><pre>{json.dumps(report)}</pre>",
        ),
        "junit": ("application/xml; charset=utf-8", lambda report: "<testsuites/>"),
        "hdr": ("text/plain; charset=utf-8", lambda report: "#[Histogram log format version 1.3]\n"),
    }


def cut(app: Wsgi, after: float) -> Wsgi:
    """The application, but each event stream breaks off after so many seconds, wherever it is."""

    def cutting(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
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
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--long", type=int, default=0)
    parser.add_argument("--cut", type=float, default=0.0)
    parser.add_argument("--key", default="")
    parser.add_argument("--pin", default="")
    parser.add_argument("--empty", action="store_true")
    options = parser.parse_args()
    master = FakeMaster(speed=options.speed, nodes=options.nodes)
    links = OneTime()
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
    print(links.mint(time.monotonic()), flush=True)
    gevent.spawn(master.simulate)
    server.serve_forever()


if __name__ == "__main__":
    main()
