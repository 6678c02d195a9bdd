"""Clients with sessions of HTTP/2 whose target is the test: no socket, no fork, no waiting."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event

from gluten.engine.budget import Budget
from gluten.engine.worker.client import Client
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http2.choice import open_session
from gluten.engine.worker.http2.connection import OPENING
from gluten.engine.worker.http2.stream_groups import StreamGroups
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Mailbox
from gluten.engine.worker.recording.recorder import Recorders
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import Closed, LoadThread, Paced
from gluten.engine.worker.transport.memory_transport import MemoryTransport
from gluten.engine.worker.transport.transport import MakeTransport, Transport
from gluten.plan.schedule import Schedule
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST
from gluten.task.task import Task
from tests.support.engine.hub import in_hub, turn
from tests.support.http2.frames import HEADERS, Frame, settings

TIMEOUT = 5.0


class Http2Rig:
    """A connection of the load with `streams` streams; each connection to the target is one of `transports`, the last
    one `transport`. `offered` are the target's settings, `frames` all that were looked at by `sent`."""

    def __init__(self, streams: int = 1, offered: dict[int, int] | None = None, **words: Any) -> None:
        asked = {"connections": 1, "timeout": TIMEOUT, "duration": 60.0, "http2": True, "streams": streams}
        task = Task("http://h/", **(asked | words))
        always_due = not task.open_loop and task.requests is None and task.kept
        request = build(task)
        self.recorders = Recorders(task.open_loop, always_due, {REQUEST: len(request)})
        recorder = self.recorders.by_name[REQUEST]
        self.context = SessionContext(
            task=task,
            request=request,
            named=Named(REQUEST, recorder, Responses(task.method, task.max_body), request),
            slots=SlotTable(recorder, TIMEOUT),
            scratch=bytearray(1 << 16),
            kept=task.kept,
            always_due=always_due,
            rest_changed=lambda: None,
        )
        self.offered, self.left = offered, 0
        self.transports: list[MemoryTransport] = []
        self.clients: list[Client] = []
        self._started, self._total, self._seconds = Event(), Delta(), count(1)
        self._seen: dict[int, int] = {}
        self.frames: list[Frame] = []
        self.begin = monotonic() - 10.0
        self.thread: Any = Closed(Budget(task.requests))
        if task.open_loop:
            self.thread = Paced(0, 1, Schedule.of(task), self.begin)
            self.thread.released = -math.inf
        self._groups = StreamGroups(
            streams, self._transport, lambda host: "http", self.recorders.connections, self.context.slots, self._add
        )
        self._add(self.thread, self._groups.begin(self.thread))
        turn()
        self.greet()
        self._started.set()
        turn()

    def _transport(self, host: int) -> Transport:
        made = MemoryTransport(self.context.scratch)
        self.transports.append(made)
        return made

    def _add(self, thread: LoadThread, make: MakeTransport) -> None:
        session = partial(self._session, thread, make)
        task = self.context.task
        client = Client(session, thread, self._started, self._leave, task.open_loop, task.kept, None)
        self.clients.append(client)
        client.greenlet.start()

    def _session(self, thread: LoadThread, make: MakeTransport, mailbox: Mailbox) -> Any:
        return open_session(self.context, thread, make(0), mailbox, make)

    def _leave(self) -> None:
        self.left += 1

    @property
    def transport(self) -> MemoryTransport:
        return self.transports[-1]

    def reconnect(self) -> None:
        """Another connection is opened, which takes a moment after a failure, and its target greets."""
        count = len(self.transports)
        for _ in range(200):
            if len(self.transports) == count:
                gevent.sleep(0.005)
        turn()
        self.greet()

    def greet(self) -> None:
        """The target's first frame on the newest connection."""
        self.say(settings(self.offered))

    def hub(self, call: Callable[[], Any]) -> None:
        in_hub(call)

    def say(self, *pieces: bytes) -> None:
        """The target sends the pieces on the newest connection, and each is read before the next comes."""
        for piece in pieces:
            self.transport.say(piece)
            self.hub(self.transport.deliver)

    def end(self) -> None:
        """The target ends the newest connection."""
        self.transport.end()
        self.hub(self.transport.deliver)

    def expire(self) -> None:
        """The sweep comes when all deadlines are over."""
        self.hub(lambda: self.context.slots.expire(monotonic() + TIMEOUT + 1))

    def fire(self, second: float) -> None:
        """The pacer fires at this run-second."""
        self.hub(lambda: self.thread.fire(lambda: self.begin + second))

    def finish(self) -> None:
        """The load ends."""
        self.recorders.count_sends()
        self.context.always_due = False
        self.thread.over = True
        for client in self.clients:
            self.hub(client.session.end)

    def sent(self, place: int = -1) -> list[Frame]:
        """The frames that came on a connection since this was asked last."""
        place %= len(self.transports)
        data, found = bytes(self.transports[place].sent), []
        at = self._seen.get(place, 0) or len(OPENING)
        while at < len(data):
            size = int.from_bytes(data[at : at + 3], "big")
            number = int.from_bytes(data[at + 5 : at + 9], "big")
            found.append(Frame(data[at + 3], data[at + 4], number, data[at + 9 : at + 9 + size]))
            at += 9 + size
        self._seen[place] = at
        self.frames += found
        return found

    def asked(self) -> list[int]:
        """The streams of the requests that came on the newest connection since this was asked last."""
        return [frame.stream for frame in self.sent() if frame.kind == HEADERS]

    @property
    def delta(self) -> Delta:
        """Everything so far. Whatever happens, the counts add up."""
        delta = self._total
        delta.follow(self.recorders.rotate(next(self._seconds)))
        delta.in_flight = self.context.slots.in_flight
        assert delta.sent == delta.completed + delta.failed + delta.in_flight
        return delta
