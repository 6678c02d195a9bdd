"""One client with an HTTP/1 session whose target is the test: no socket, no fork, no waiting."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from time import monotonic
from typing import Any

from gevent.event import Event

from gluten.engine.budget import Budget
from gluten.engine.fault import Fault
from gluten.engine.worker.client import Client
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http1_session import Http1Session
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.recording.recorder import Recorders
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import Closed, Paced
from gluten.engine.worker.transport.memory_transport import MemoryTransport
from gluten.plan.schedule import Schedule
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST
from gluten.task.task import Task
from tests.support.engine.hub import in_hub, turn

TIMEOUT = 5.0
"""Seconds: the deadline of each request, unless a test has another."""


class SessionRig:
    """A client with one session. The load begins at once, unless `wait`."""

    def __init__(self, wait: bool = False, refusal: Fault | None = None, **words: Any) -> None:
        task = Task("http://h/", **({"connections": 1, "timeout": TIMEOUT, "duration": 60.0} | words))
        self.always_due = not task.open_loop and task.requests is None and task.kept
        self.request = build(task)
        self.recorders = Recorders(task.open_loop, self.always_due, {REQUEST: len(self.request)})
        self.recorder = self.recorders.by_name[REQUEST]
        self.context = SessionContext(
            task=task,
            request=self.request,
            named=Named(REQUEST, self.recorder, Responses(task.method, task.max_body, not task.kept), self.request),
            slots=SlotTable(self.recorder, TIMEOUT),
            scratch=bytearray(1 << 16),
            kept=task.kept,
            always_due=self.always_due,
            rest_changed=lambda: self.client.session.choose_send(),
            conceals=task.secret,
        )
        self.transport, self.started, self.left = MemoryTransport(self.context.scratch), Event(), False
        self.transport.refusal = refusal
        self._total, self._seconds = Delta(), count(1)
        self.begin = monotonic() - 10.0
        self.thread: Any = Closed(Budget(task.requests))
        if task.open_loop:
            self.thread = Paced(0, 1, Schedule.of(task), self.begin)
            self.thread.released = -math.inf
        self.client = Client(
            lambda mailbox: Http1Session(self.context, self.thread, self.transport, mailbox),
            self.thread,
            self.started,
            self._leave,
            task.open_loop,
            task.kept,
            None,
        )
        self.client.greenlet.start()
        if not wait:
            self.started.set()
        turn()

    def _leave(self) -> None:
        self.left = True

    def hub(self, call: Callable[[], Any]) -> None:
        """Call it as the loop does."""
        in_hub(call)

    def say(self, *pieces: bytes) -> None:
        """The target sends the pieces, and the session reads each before the next comes."""
        for piece in pieces:
            self.transport.say(piece)
            self.hub(self.transport.deliver)

    def end(self) -> None:
        self.transport.end()
        self.hub(self.transport.deliver)

    def break_off(self, error: OSError) -> None:
        self.transport.break_off(error)
        self.hub(self.transport.deliver)

    def expire(self) -> None:
        """The sweep comes when the deadline is over."""
        self.hub(lambda: self.context.slots.expire(monotonic() + TIMEOUT + 1))

    def fire(self, second: float) -> None:
        """The pacer fires at this run-second."""
        self.hub(lambda: self.thread.fire(lambda: self.begin + second))

    def finish(self) -> None:
        self.thread.over = True
        self.hub(self.client.session.end)

    @property
    def state(self) -> str:
        return self.transport.state.value

    @property
    def requests(self) -> int:
        """Whole requests that the target has got."""
        count, rest = divmod(len(self.transport.sent), len(self.request))
        assert rest == 0
        assert bytes(self.transport.sent) == self.request * count
        return count

    @property
    def delta(self) -> Delta:
        """Everything so far. Whatever happens, the counts add up."""
        delta = self._total
        delta.follow(self.recorders.rotate(next(self._seconds)))
        delta.in_flight = self.context.slots.in_flight
        assert delta.sent == delta.completed + delta.failed + delta.in_flight
        assert delta.written == len(self.transport.sent)
        return delta
