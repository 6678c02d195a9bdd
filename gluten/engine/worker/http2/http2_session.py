"""HTTP/2: one slot, one stream at a time. Several sessions share a connection.

The hub takes every response. The greenlet waits for what takes time: for a connection, before a request that the target
refused is sent again, and for the end of a step of a scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import gevent

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http2.connection import Connection
from gluten.engine.worker.http2.exchange import Exchange
from gluten.engine.worker.http2.link import Link
from gluten.engine.worker.http2.shooter import shooter
from gluten.engine.worker.http2.stream_transport import Streams
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Due, HandOver, Mailbox, Refused, Signal, Undialled, Unsent
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.response_reader import ResponseReader
from gluten.engine.worker.thread import LoadThread
from gluten.engine.worker.transport.transport import State, Transport

_ANSWERED = Signal.ANSWERED
_PAUSES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds before a refused request is sent again: a target that refuses must not be spun on."""


def _nobody() -> None:
    """Nothing is read from a stream."""


class Http2Session:
    """See `HttpSession`. A request that fails is recorded. Only one that the target refused is sent again."""

    __slots__ = ("_connection", "_exchange", "_link", "_mailbox", "_reader", "_refusals", "_refused", "_slots",
                 "_spare", "_transport", "context", "sender", "slot")  # fmt: skip

    def __init__(
        self,
        context: SessionContext,
        thread: LoadThread,
        transport: Transport,
        mailbox: Mailbox,
        streams: Streams,
        make_sender: Callable[[int], RequestSender] | None = None,
    ) -> None:
        self.context, self._slots, self._transport, self._mailbox = context, context.slots, transport, mailbox
        self.slot = slot = context.slots.add(lambda: mailbox.put(Signal.EXPIRED))
        if make_sender is not None:
            self.sender = make_sender(slot)
        else:
            self.sender = RequestSender(context, thread, transport, mailbox, slot)
        self._reader = ResponseReader(context, transport, mailbox, slot, _nobody)
        self._reader.sender = self.sender
        self._exchange: Exchange | None = None
        self._connection: Connection | None = None
        self._refusals, self._refused = 0, 0.0
        streams.owner, self.sender.group = self, streams.group
        self._link: Link | None = None
        self._spare: Exchange | None = None
        if make_sender is None and context.kept:
            self._link = streams.hasten(context)
            self.sender.shoot = shooter(self, self._link, self.sender.fire_late)

    def __repr__(self) -> str:
        return f"<Http2Session slot {self.slot}, {'busy' if self.busy else 'idle'}>"

    @property
    def busy(self) -> bool:
        return self._slots.busy(self.slot)

    @property
    def connected(self) -> bool:
        return self._transport.state is not State.CLOSED

    # What its stream says, in the hub.

    @property
    def keeps(self) -> bool:
        return self.sender.named.keeps

    @property
    def max_body(self) -> int:
        return self.context.task.max_body

    def follows(self, connection: Connection, link: Link) -> Exchange:
        exchange, self._spare = self._spare, None
        if exchange is None:
            exchange = Exchange(self, link.encoder.encode(self.sender.request), False, self.max_body, self.slot)
        self._exchange, self._connection = exchange, connection
        return exchange

    def began(self, exchange: Exchange, connection: Connection, written: int) -> None:
        self._exchange, self._connection = exchange, connection
        self._slots.wrote(self.slot, written)

    def answered(self, exchange: Exchange, now: float) -> None:
        self._exchange, sender = None, self.sender
        head = exchange.head
        assert head is not None
        framing = Framing(head.status, exchange.length, True)
        first = exchange.first if exchange.first != now else None
        self._reader.account(framing, exchange.pieces, exchange.size, now, first)
        if not self.context.kept:
            sender.rest(now)
            sender.close()
            return self._mailbox.put(_ANSWERED)
        if self.context.always_due and self.connected:
            return self._again(now)
        return sender.proceed(now)

    def _again(self, now: float) -> None:
        """The next request of a closed loop is due."""
        sender = self.sender
        if not sender.varies:
            # The recorder counts the bytes of the frames; the sender counts those of the HTTP/1 form.
            self._slots.wrote(self.slot, len(sender.request) - sender.named.recorder.size)
        sender.again(now)

    def recorded(self, now: float) -> None:
        self._spare, self._exchange = self._exchange, None
        self.sender.proceed(now)

    def failed(self, fault: Fault) -> None:
        self._exchange = None
        self._mailbox.put(Undialled(fault))

    def refused(self, why: str, soon: bool) -> None:
        self._exchange = None
        self._mailbox.put(Refused(why, soon))

    # What the load says, in the hub.

    def choose_callback(self) -> None:
        """There is one callback alone."""

    def choose_send(self) -> None:
        """A target of HTTP/2 does not say for how long it keeps an idle connection."""

    def cut(self) -> None:
        """A session is one request here, which is awaited."""

    def end(self) -> None:
        if not self.busy:
            self._mailbox.put(Signal.ENDED)

    # In the greenlet.

    def connect(self) -> None:
        self._open()
        self._slots.rest(self.slot, monotonic())

    def _open(self) -> None:
        self._transport.connect(_nobody, self._slots.timeouts[self.slot])
        self.sender.fresh = False

    def pause(self) -> None:
        """What comes before the start is the connection's business."""

    def resume(self) -> None:
        """See `pause`."""

    def close(self) -> None:
        self._cancel()
        self.sender.close()
        self.sender.close_others()

    def _cancel(self) -> None:
        """End the stream. What the target has not been sent of its request was counted before."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None and self._connection is not None:
            self._slots.wrote(self.slot, -self._connection.cancel(exchange))

    def fail(self, fault: Fault) -> None:
        self._cancel()
        if self.context.conceals:
            fault = fault.unquoted()
        self._slots.failed(self.slot, fault)
        self._slots.rest(self.slot, monotonic())
        self.context.keep_failed(self.sender, fault)
        if not self.context.kept:
            self.sender.close()

    def send(self, due: float) -> None:
        began = monotonic()
        if not self.sender.begin_request(due, began):
            return None
        if not self.connected:
            self._open()
            written = monotonic()
            self._slots.began(self.slot, written, written - began)
        return self._write()

    def _write(self) -> None:
        request = self.sender.request
        self._slots.wrote(self.slot, len(request))
        self._transport.send(request)

    def serve(self) -> bool:
        while self.busy or not self.sender.thread.over:
            answered = self._handle(self._mailbox.wait())
            if answered is not None:
                return answered
        return False

    def await_answer(self) -> None:
        """Wait for the response to the request in flight. Raises `Fault`."""
        what = self._mailbox.wait()
        while what is not _ANSWERED and self._handle(what) is None:
            what = self._mailbox.wait()

    def _handle(self, what: HandOver) -> bool | None:
        """What `serve` returns; None: it waits on. Raises `Fault`."""
        match what:
            case Signal.ANSWERED | Signal.ENDED:
                return what is _ANSWERED
            case Due(at):
                self.send(at)
            case Undialled(fault):
                raise fault
            case Refused(why, soon):
                self._send_again(why, soon)
            case Signal.EXPIRED if self.busy:
                raise self._expired("")
        return None

    def _expired(self, why: str) -> Fault:
        return Fault("timeout", f"no whole response within {self._slots.timeouts[self.slot]:g} s{why}")

    def _send_again(self, why: str, soon: bool) -> None:
        """The target has not begun with the request in flight. Its times go on. Raises `Fault`."""
        slots, slot = self._slots, self.slot
        begun = slots.starts[slot]
        self._refused, self._refusals = begun, self._refusals + 1 if self._refused == begun else 0
        seconds = 0.0 if soon else _PAUSES[min(self._refusals, len(_PAUSES) - 1)]
        if seconds:
            self._pause(seconds, why)
        if not self.connected:
            self._transport.connect(_nobody, max(0.0, slots.began_at(slot) + slots.timeouts[slot] - monotonic()))
        self._write()

    def _pause(self, seconds: float, why: str) -> None:
        timer = gevent.get_hub().loop.timer(seconds)
        timer.start(self._mailbox.put, Signal.WOKEN, update=True)
        try:
            while (what := self._mailbox.wait()) is not Signal.WOKEN:
                if what is Signal.EXPIRED:
                    raise self._expired(f": {why}, {self._refusals + 1} times")
        finally:
            timer.stop()
            timer.close()

    def write_on(self, unsent: Unsent) -> None:
        """A stream takes whole requests."""
        raise NotImplementedError

    def go_on(self) -> None:
        """Send the request of a redirect, in place of the one in flight. Raises `Fault`."""
        if not self.connected:
            self._open()
        self._write()

    def drop(self, what: HandOver) -> None:
        """What comes while nothing is in flight is the connection's business."""
