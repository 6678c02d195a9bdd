"""One user who runs the sessions of a workload. The target is the test: no socket, no fork, no waiting."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import count
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event

from gluten.engine.budget import Budget
from gluten.engine.parts import WorkerTask, WorkloadPart
from gluten.engine.worker.client import Client
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.scenarios.scenario_requests import ScenarioRequests
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import Closed, Paced
from gluten.engine.worker.transport.memory_transport import MemoryTransport
from gluten.errors import RowsUsed
from gluten.plan.schedule import Schedule
from gluten.stats.delta import Delta
from gluten.task.policy import OPEN, Policy
from gluten.task.task import Task
from gluten.workload.feeds.rows import read_rows
from gluten.workload.reader import of_task
from gluten.workload.task_of import task_of
from tests.support.engine.hub import in_hub, turn

PAUSED = 10
"""Seconds that a pause may take, at most, until a test fails."""


def answer(status: int = 200, body: str = "", *headers: str) -> bytes:
    """A response with these header lines."""
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def _worker_task(task: Task, files: Mapping[str, bytes], policy: Policy) -> WorkerTask:
    workload = of_task(task)
    rows = {feed.name: read_rows(feed.file, files[feed.file]) for feed in workload.feeds}
    part = WorkloadPart(workload, rows, tuple(("127.0.0.1",) for _ in workload.origins))
    taken = memoryview(bytearray(8)).cast("q")
    return WorkerTask(task, [], (0,), (1,), None, 0.0, workload=part, run="run", taken=taken, policy=policy)


class ScenarioRig:
    """The user begins at once. `files` are the contents of the feeds. `requests` limits the sessions."""

    def __init__(
        self,
        text: str,
        requests: int | None = 1,
        files: Mapping[str, bytes] | None = None,
        policy: Policy = OPEN,
        rate: float | None = None,
    ) -> None:
        words: dict[str, Any] = {"rate": rate, "duration": 60.0} if rate else {"requests": requests or 10**6}
        task = task_of(text, {"connections": 1, "threads": 1} | words, {})
        self.requests = ScenarioRequests(_worker_task(task, files or {}, policy))
        self.transports: dict[int, MemoryTransport] = {}
        self.stopped: list[str] = []
        self.used: list[RowsUsed] = []
        self.context = self._make_context(task)
        self.begin = monotonic() - 10.0
        schedule = None
        self.thread: Any = Closed(Budget(task.requests))
        if rate:
            schedule = Schedule.of(task)
            self.thread = Paced(0, 1, schedule, self.begin)
            self.thread.released = -math.inf
        self.requests.number([self.thread], schedule)
        self._total, self._seconds, self._seen = Delta(), count(1), dict[int, int]()
        self.left = False
        started = Event()
        self.client = Client(self._make, self.thread, started, self._leave, bool(rate), False, None)
        self.client.greenlet.start()
        started.set()
        turn()

    def _make_context(self, task: Task) -> SessionContext:
        named = self.requests.all[0]
        return SessionContext(
            task=task,
            request=b"",
            named=named,
            slots=SlotTable(named.recorder, named.timeout),
            scratch=bytearray(1 << 16),
            kept=True,
            always_due=False,
            rest_changed=lambda: None,
            rows_used=self.used.append,
            stop_run=self.stopped.append,
        )

    def _make(self, mailbox: Any) -> Any:
        return self.requests.session(self.context, self.thread, self._transport, mailbox)

    def _transport(self, host: int) -> MemoryTransport:
        return self.transports.setdefault(host, MemoryTransport(self.context.scratch))

    def _leave(self) -> None:
        self.left = True

    def fire(self, second: float) -> None:
        """The pacer fires at this run-second."""
        self.hub(lambda: self.thread.fire(lambda: self.begin + second))

    def hub(self, call: Callable[[], Any]) -> None:
        """Call it as the loop does."""
        in_hub(call)

    def asked(self, host: int = 0) -> bytes:
        """The request that the host was sent since it was looked at last; empty: none."""
        sent = bytes(self.transports[host].sent) if host in self.transports else b""
        seen = self._seen.get(host, 0)
        self._seen[host] = len(sent)
        return sent[seen:]

    def line(self, host: int = 0) -> str:
        """Its request line, without the version."""
        return self.asked(host).partition(b" HTTP/1.1")[0].decode()

    def answers(self, response: bytes, host: int = 0) -> None:
        """The host answers."""
        self.transports[host].say(response)
        self.hub(self.transports[host].deliver)

    def closes(self, host: int = 0) -> None:
        """The host closes its connection."""
        self.transports[host].end()
        self.hub(self.transports[host].deliver)

    def expire(self) -> None:
        """The sweep comes when the deadline is over."""
        self.hub(lambda: self.context.slots.expire(monotonic() + 1000))

    def await_request(self, host: int = 0) -> str:
        """Wait until a pause is over. Returns the request line."""
        with gevent.Timeout(PAUSED):
            while not (line := self.line(host)):
                gevent.sleep(0.005)
        return line

    def cut(self) -> None:
        """The drain is over."""
        self.thread.over = True
        self.hub(self.client.session.end)
        self.hub(self.client.session.cut)

    @property
    def delta(self) -> Delta:
        """Everything so far. The counts add up."""
        delta = self._total
        delta.follow(self.requests.recorders.rotate(next(self._seconds)))
        delta.in_flight = self.context.slots.in_flight
        assert delta.sent == delta.completed + delta.failed + delta.in_flight
        return delta

    def scenario(self, name: str) -> dict[str, int]:
        """The counts of a scenario, without those that are 0."""
        stats = self.delta.by_scenario[name]
        names = ("begun", "finished", "ended", "cut", "dropped", "good")
        return {one: getattr(stats, one) for one in names if getattr(stats, one)}
