"""Sends named requests: before each one it takes a number, and makes the bytes of the request that it is."""

from __future__ import annotations

from typing import Protocol

from gluten.engine.fault import Fault
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Due, Mailbox, Signal, Undialled
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.requests.load import ThreadRequests
from gluten.engine.worker.requests.named import Draw, Named, Unwritable
from gluten.engine.worker.thread import LoadThread
from gluten.engine.worker.transport.transport import State, Transport
from gluten.errors import RowsUsed

_CLOSED = State.CLOSED


class Hosts(Protocol):
    """The connections of a session to several hosts."""

    def choose(self, host: int) -> None:
        """From now on the connection to this host is meant."""

    def close_others(self) -> None:
        """End the connections to the hosts that are not asked now."""


class NamedSender(RequestSender):
    """`hosts` are the connections to several hosts."""

    __slots__ = ("_choose", "_close_others", "_draw", "_fresh", "_ready", "_requests", "one_host", "rotation")
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
        self.values = values = requests.values()
        self._draw = requests.drawing(values)
        self._ready = False
        self._fresh = [True] * (1 + max(named.host for named in requests.all))
        self.rotation = requests.rotation
        self.one_host = len(self._fresh) == 1
        self.use(requests.all[0])

    def prepare(self) -> None:
        """Take a number, and make the bytes of its request: once for each, also where a connection has to be opened
        first. Raises `Fault` (template), `RowsUsed`."""
        if self._ready:
            return
        try:
            named, self.request = self._draw()
        except Unwritable as unwritable:
            self.request = b""
            self.use(unwritable.request)
            raise Fault("template", str(unwritable)) from None
        if named is not self.named:
            self.use(named)
        if named.careful and self._requests.tracer is not None:
            self.trace = self._requests.tracer.last
        self._ready = True

    @property
    def draw(self) -> Draw:
        """It is bound once, by who calls it often."""
        return self._draw

    def use(self, named: Named) -> None:
        """This one is sent next."""
        if named.host != self.named.host:
            self._fresh[self.named.host], self.fresh = self.fresh, self._fresh[named.host]
        self._choose(named.host)
        self.named = named
        self.slots.recorders[self.slot], self.slots.timeouts[self.slot] = named.recorder, named.timeout

    def fire(self, due: float, now: float, late: float) -> None:
        try:
            self.prepare()
        except Fault as fault:
            return self._fail(fault, due, now, late)
        except RowsUsed as used:
            return self.stop(used, now)
        if self.transport.state is _CLOSED:
            return self.mailbox.put(Due(due))
        self._ready = False
        return super().fire(due, now, late)

    def _fail(self, fault: Fault, due: float, now: float, late: float) -> None:
        """A request that cannot be written counts as sent, and fails."""
        self._ready = False
        self.slots.sent(self.slot, due, now, late)
        self.mailbox.put(Undialled(fault))

    def refuse(self, refusal: Exception, now: float) -> None:
        if isinstance(refusal, Unwritable):
            self.request = b""
            self.use(refusal.request)
            return self._fail(Fault("template", str(refusal)), now, now, 0.0)
        assert isinstance(refusal, RowsUsed)
        return self.stop(refusal, now)

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
        self.named.recorder.traced(round(seconds * 1e6), self.trace, self.context.node)
