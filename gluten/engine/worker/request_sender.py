"""Sends the requests of one slot in the hub, where nothing may wait. The greenlet does what would have to wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Due, Mailbox, Signal, Undialled, Unsent
from gluten.engine.worker.recording.recorder import Outcome
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.thread import LoadThread, SendCallback
from gluten.engine.worker.transport.transport import ReadCallback, State, Transport
from gluten.errors import RowsUsed

# A task that is one URL needs no workload: its modules are not loaded then.
if TYPE_CHECKING:
    from gluten.workload.templates.values import Values

_CLOSED = State.CLOSED


class RequestSender:
    """The part of a slot that its thread parks and wakes. `parked` is true while it is idle, and `shoot` sends.
    `fresh`: nothing was sent on its connection yet. `used`: in a session, when that was used last; infinity: never."""

    __slots__ = ("context", "fresh", "group", "mailbox", "named", "parked", "request", "shoot", "slot", "slots",
                 "thread", "trace", "transport", "used", "values")  # fmt: skip
    varies = False
    """The next request is not always the same. Then `draw` makes it."""
    one_host = True
    in_steps = False
    """Its greenlet decides after each response what is sent next."""
    rotation: Iterator[Named] | None = None
    """The next requests, where they take turns and each has the same bytes each time."""

    def __init__(
        self, context: SessionContext, thread: LoadThread, transport: Transport, mailbox: Mailbox, slot: int
    ) -> None:
        self.context, self.thread, self.transport, self.mailbox = context, thread, transport, mailbox
        self.slots, self.slot, self.request = context.slots, slot, context.request
        self.named: Named = context.named
        self.values: Values | None = None
        self.trace = ""
        self.parked, self.fresh, self.used = False, True, inf
        self.group: object = self
        self.shoot: SendCallback = self.fire_late

    def prepare(self) -> None:
        """Make the next request. Here it is always the same. Raises `Fault` (template), `RowsUsed`."""

    def sending(self) -> None:
        """What was prepared is sent now, by the greenlet."""

    def begin_request(self, due: float, now: float) -> bool:
        """Make the request that was due at `due`, and count it as sent. False: there is no row for it. Raises
        `Fault`."""
        try:
            self.prepare()
        except RowsUsed as used:
            self.stop(used, now)
            return False
        except Fault:
            self.slots.sent(self.slot, due, now, 0.0)
            raise
        self.sending()
        late = max(self.lateness(due, now), self.slots.kept_waiting(self.slot, due, now))
        self.slots.sent(self.slot, due, now, late)
        return True

    def draw(self) -> tuple[Named, bytes]:
        """The next request and its bytes."""
        return self.named, self.request

    def refuse(self, refusal: Exception, now: float) -> None:
        """The next request could not be made."""
        raise refusal

    def stop(self, used: RowsUsed, now: float) -> None:
        """There is no row for the next request."""
        raise used

    def lateness(self, due: float, now: float) -> float:
        """How much of a request's delay is the generator's fault (s). While no connection was idle, the target had them
        all."""
        idle = self.thread.idle
        if not idle:
            return self.slots.begun_late(due)
        return self.slots.at_fault(due, idle[0].idle_since, now)

    @property
    def idle_since(self) -> float:
        return self.slots.dues[self.slot]

    def followed(self, framing: Framing, pieces: Sequence[bytes], size: int, now: float, first: float | None) -> bool:
        """Whether a whole response is a redirect that is followed. Then it is recorded. Here none is."""
        return False

    def lacks_head(self, pieces: Sequence[bytes]) -> bool:
        """Whether these bytes of a response have not its whole head yet, and that is needed. Here it is not."""
        return False

    def note(self, framing: Framing, pieces: Sequence[bytes], outcome: Outcome | None) -> bool:
        """A whole response has been recorded. False: one with the same bytes must be looked into again."""
        return True

    def rest(self, now: float) -> None:
        """The response has been recorded, so nothing is in flight."""
        self.slots.rest(self.slot, now)

    def record_trace(self, seconds: float) -> None:
        """The request in flight took so long. It carries no trace id."""

    def close_others(self) -> None:
        """End the connections to other hosts. Here there are none."""

    def fire_late(self, due: float, now: float) -> None:
        """`shoot` while there is no connection, or where it may have been idle for longer than the target keeps it."""
        idle = self.slots.dues[self.slot]
        late = self.slots.at_fault(due, idle, now)
        if now - idle >= self.named.responses.rest:
            self.close()
        self.fire(due, now, late)

    def fire(self, due: float, now: float, late: float) -> None:
        """Send the request that was due at `due`. Without a connection the greenlet connects first."""
        if self.transport.state is _CLOSED:
            return self.mailbox.put(Due(due))
        self.slots.sent(self.slot, due, now, late, len(self.request))
        if self.fresh:
            self.fresh = False
            self.slots.began(self.slot, now)
        return self._write()

    def again(self, now: float) -> None:
        """Send the next request of a closed loop in which it is always due."""
        self.slots.sent_again(self.slot, now)
        self._write()

    def _write(self) -> None:
        """Write the request. Its bytes are counted already."""
        try:
            written = self.transport.send(self.request)
        except OSError as error:
            return self.broken(error)
        return None if written == len(self.request) else self.unsent(written)

    def unsent(self, written: int) -> None:
        """Only some bytes of the request were written. All of them have been counted."""
        self.slots.wrote(self.slot, written - len(self.request))
        self.mailbox.put(Unsent(written))

    def broken(self, error: OSError) -> None:
        """No byte of the request could be written. All of them have been counted."""
        self.slots.wrote(self.slot, -len(self.request))
        self.mailbox.put(Unsent(0, error))

    def proceed(self, now: float) -> None:
        """After a response: send the next request if one is due, else become idle or end."""
        due = self.thread.take(self, now)
        if due is not None:
            # Late with others idle is the generator's fault; with none, the target has them all.
            return self.fire(due, now, self.lateness(due, now))
        self.slots.rest(self.slot, now)
        if self.thread.over:
            self.mailbox.put(Signal.ENDED)
        return None

    def renew(self, due: float) -> None:
        """Send the request that was due at `due` on a new connection, because this one was idle too long."""
        self.close()
        self.mailbox.put(Due(due))

    def close(self, opened: bool = True) -> None:
        """End the connection, if there is one. `opened` is False if it was never established."""
        if self.transport.state is not _CLOSED and not self.transport.shared:
            self._count_end(opened)
        self.shoot = self.fire_late
        self.transport.close()

    def _count_end(self, opened: bool) -> None:
        self.slots.disconnected()


class SingleSender(RequestSender):
    """A sender whose connections carry one request each. It dials by itself and does not wait for the connect. The
    transport calls `readable` when a response arrives."""

    __slots__ = ("readable",)

    readable: ReadCallback

    def fire(self, due: float, now: float, late: float) -> None:
        self.slots.sent(self.slot, due, now, late, len(self.request))
        try:
            self.dial(now)
        except Fault as fault:
            self.slots.wrote(self.slot, -len(self.request))
            return self.mailbox.put(Undialled(fault))
        return self._write()

    def dial(self, began: float) -> None:
        """Begin a connection. Raises `Fault` (connect)."""
        self.transport.dial(self.readable)
        self.slots.connected(0)
        written = monotonic()
        self.slots.began(self.slot, written, written - began)

    def _count_end(self, opened: bool) -> None:
        # Whether the dial made a connection is known at its end.
        self.slots.disconnected(opened)
