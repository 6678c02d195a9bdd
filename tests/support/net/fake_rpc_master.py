"""A master in memory that follows the facade, and a node's worth of hub to serve it from."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gevent
from gevent.event import Event

from gluten.errors import NotFound, WrongState
from gluten.listing import EVERY, Listing
from gluten.net.door.connection_limits import DoorLimits
from gluten.net.door.frontdoor import FrontDoor, Routes
from gluten.net.door.proven import ProvenPeers
from gluten.net.rpc.hub_bridge import HubBridge
from gluten.net.rpc.service import Service
from gluten.task.task import Task
from tests.support.fake_facade import FakeFacade, Map


class FakeMaster(FakeFacade):
    """Runs that the test moves on by `second` and `end`. All in the hub's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Map]] = {}
        self.tasks: dict[str, Task] = {}
        self.known: list[Map] = []
        self.keys: dict[str, str] = {}
        self.failure: BaseException | None = None
        self.delay = 0.0
        self.waiting = 0
        self.changed = Event()

    def submit(self, task: Task, key: str = "", who: str = "") -> Map:
        self._trouble()
        if key and key in self.keys:
            return self.run(self.keys[key])
        number = len(self.known) + 1
        run: Map = {
            "id": f"{number:032x}",
            "number": number,
            "name": task.name,
            "state": "running",
            "reason": "",
            "url": task.url,
            "created_at": "2026-01-31T12:00:00.000Z",
            "task": task.redacted(),
            "version": 1,
            "elapsed": 0.0,
            "asked_rate": task.rate,
            "plan": [],
            "link": f"http://m/runs/{number}",
            "who": who,
        }
        self.known.append(run)
        self.keys[key] = run["id"]
        self.tasks[run["id"]] = task
        self.history[run["id"]] = []
        return run

    def second(self, ref: str, **values: Any) -> None:
        """The run lives through one more second."""
        run = self.run(ref)
        run["version"] += 1
        rows = self.history[run["id"]]
        rows.append({"second": len(rows), "completed": 100, "version": run["version"], **values})
        self.changed.set()

    def end(self, ref: str) -> None:
        run = self.run(ref)
        run["version"] += 1
        run["state"] = "finished"
        self.changed.set()

    def stop(self, ref: str, who: str = "") -> Map:
        run = self.run(ref)
        if run["state"] != "running":
            raise WrongState(f"run {run['number']} has {run['state']}: it cannot be stopped")
        self.end(ref)
        return run

    def adjust(self, ref: str, rate: float, who: str = "") -> Map:
        return {**self.run(ref), "asked_rate": rate}

    def run(self, ref: str) -> Map:
        self._trouble()
        for run in self.known:
            if ref in (run["id"], str(run["number"])) or (ref == "last" and run is self.known[-1]):
                return run
        raise NotFound(f"there is no run {ref}")

    def runs(self, limit: int = 50, before: int | None = None, search: str = "", by: Listing = EVERY) -> list[Map]:
        self._trouble()
        found = [run for run in reversed(self.known) if before is None or run["number"] < before]
        return [run for run in found if search in run["url"]][:limit]

    def nodes(self) -> list[Map]:
        return [{"name": "m", "id": "1", "role": "master", "state": "alive", "cores": 2, "load": True}]

    def report(self, ref: str) -> Map:
        run = self.run(ref)["id"]
        return {"schema": "gluten.report/1", "id": run, "seconds": self.history[run]}

    def update(self, ref: str, after: int = 0) -> Map:
        run = self.run(ref)
        rows = [row for row in self.history[run["id"]] if row["version"] > after]
        events = [{"kind": "created", "text": "created"}] if after < 1 else []
        final = run["state"] != "running"
        return {"version": run["version"], "run": run, "rows": rows, "events": events, "final": final}

    def wait(self, ref: str, after: int, timeout: float) -> Map:
        self.waiting += 1
        try:
            with gevent.Timeout(timeout, False):  # type: ignore[arg-type]
                while self.run(ref)["version"] <= after:
                    self.changed.clear()
                    self.changed.wait()
        finally:
            self.waiting -= 1
        return self.update(ref, after)

    def _trouble(self) -> None:
        gevent.sleep(self.delay)
        if self.failure is not None:
            raise self.failure


class Node:
    """A thread with a hub of its own: master, service and front door, as a node has them."""

    def __init__(self, **options: Any) -> None:
        self.directory = tempfile.mkdtemp(prefix="gluten-")
        self.grpc_path = os.path.join(self.directory, "grpc")
        self.bus_path = os.path.join(self.directory, "bus")
        self.options = options
        self.master = options.pop("master", None) or FakeMaster()
        self.master.changed = Event()  # an event belongs to one hub
        self.port = options.pop("port", 0)
        self.doors: list[FrontDoor] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def do(self, function: Callable[..., Any], *args: Any, **values: Any) -> Any:
        """Call it in the node's hub."""
        return self._hop(lambda: function(*args, **values), 10.0)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def end(self) -> None:
        """Stop; a second time does nothing."""
        if not self._thread.is_alive():
            return
        self._loop.run_callback_threadsafe(self._end.set)
        self._thread.join(15)
        assert not self._thread.is_alive()
        with contextlib.suppress(OSError):
            os.unlink(self.grpc_path)
        with contextlib.suppress(OSError):
            os.unlink(self.bus_path)
        os.rmdir(self.directory)

    def _live(self) -> None:
        self._end = Event()
        self._loop = gevent.get_hub().loop
        self._hop = HubBridge()
        names = {field.name for field in dataclasses.fields(DoorLimits)} & self.options.keys()
        limits = DoorLimits(**{name: self.options.pop(name) for name in names})
        tls = self.options.pop("tls", None)
        app = self.options.pop("app", hello)
        proven = ProvenPeers()
        service = Service(self.master, HubBridge(), self.grpc_path, on_proven=proven.prove, **self.options)
        service.start()
        self.routes = routes = Routes(self.grpc_path, self.bus_path, proven=proven)
        door = FrontDoor(
            ("127.0.0.1", self.port), app, routes, limits=limits, tls=tls, is_known_host=lambda host: "evil" not in host
        )
        door.start()
        self.doors.append(door)
        self.port = door.port
        # The hub must not end for want of work: a timer keeps it alive.
        self._ready.set()
        self._end.wait(120)
        door.stop(0.1)
        service.stop()
        gevent.get_hub().destroy()


def hello(environ: Map, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello " + environ["PATH_INFO"].encode()]


@contextlib.contextmanager
def node(**options: Any) -> Iterator[Node]:
    """A node on a free port of 127.0.0.1, in its own thread."""
    made = Node(**options)
    made.start()
    try:
        yield made
    finally:
        made.end()


def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait for the condition; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come"
        time.sleep(0.01)
