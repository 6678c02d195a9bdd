"""Sends named requests: before each one it takes a number, and makes the bytes of the request that it is."""

from __future__ import annotations

from typing import Protocol

from gluten.engine.fault import Fault
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Due, Mailbox, Signal, Undialled
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.requests.load import ThreadRequests
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.thread import LoadThread
from gluten.engine.worker.transport.transport import State, Transport
from gluten.errors import RowsUsed, TemplateFailure
from gluten.workload.templates.values import Values

_CLOSED = State.CLOSED


class Hosts(Protocol):
    """The connections of a session to several hosts."""

    def choose(self, host: int) -> None:
        """From now on the connection to this host is meant."""

    def close_others(self) -> None:
        """End the connections to the hosts that are not asked now."""


class NamedSender(RequestSender):
    """`hosts` are the connections to several hosts."""

    __slots__ = ("_choose", "_close_others", "_fresh", "_known", "_ready", "_requests")
    varies = True

    def __init__(
        self,
        context: SessionContext,
        thread: LoadThread,
        transport: Transport,
        mailbox: Mailbox,
        slot: int,
        requests: ThreadRequests,
        hosts: Hosts,
    ) -> None:
        super().__init__(context, thread, transport, mailbox, slot)
        self._requests = requests
        self._choose, self._close_others = hosts.choose, hosts.close_others
        self._known: Values = requests.values()
        self.values = self._known
        self._ready = False
        self._fresh = [True] * (1 + max(named.host for named in requests.all))
        self._use(requests.all[0])

    def prepare(self) -> None:
        """Take a number, and make the bytes of its request: once for each, also where a connection has to be opened
        first. Raises `Fault` (template), `RowsUsed`."""
        if self._ready:
            return
        requests = self._requests
        number = requests.numbers.next()
        named = requests.of(number)
        if named is not self.named:
            self._use(named)
        if named.constant is not None:
            self.request = named.constant
        else:
            self._make(named, number)
        self._ready = True

    def _make(self, named: Named, number: int) -> None:
        assert named.write is not None
        self._requests.numbers.begin(self._known, number, named.feeds)
        try:
            self.request = named.write(self._known)
        except TemplateFailure as failure:
            self.request = b""
            raise Fault("template", str(failure)) from None
        if self._requests.tracer is not None:
            self.trace = self._requests.tracer.last

    def _use(self, named: Named) -> None:
        if named.host != self.named.host:
            self._fresh[self.named.host], self.fresh = self.fresh, self._fresh[named.host]
        self._choose(named.host)
        self.named = named
        self.slots.recorders[self.slot], self.slots.timeouts[self.slot] = named.recorder, named.timeout

    def fire(self, due: float, now: float, late: float) -> None:
        try:
            self.prepare()
        except Fault as fault:
            self._ready = False
            self.slots.sent(self.slot, due, now, late)
            return self.mailbox.put(Undialled(fault))
        except RowsUsed as used:
            return self.stop(used, now)
        if now - self.slots.dues[self.slot] >= self.named.responses.rest:
            self.close()
        if self.transport.state is _CLOSED:
            return self.mailbox.put(Due(due))
        self._ready = False
        return super().fire(due, now, late)

    def sending(self) -> None:
        """The greenlet sends what was prepared."""
        self._ready = False

    def stop(self, used: RowsUsed, now: float) -> None:
        """No session of this thread begins any more."""
        self.thread.over = True
        self.context.rows_used(used)
        self.slots.rest(self.slot, now)
        self.mailbox.put(Signal.ENDED)

    def close_others(self) -> None:
        self._close_others()

    def again(self, now: float) -> None:
        self.fire(now, now, 0.0)

    def record_trace(self, seconds: float) -> None:
        """The request in flight took so long."""
        if self.trace:
            self.named.recorder.traced(round(seconds * 1e6), self.trace, self.context.node)
