"""HTTP/1: one slot, one connection at a time.

The fast path (`read_callbacks`, with `RequestSender` and `ResponseReader`) runs in the hub. This file is the other one:
the greenlet waits, with the connection's callback armed once, for what that path does not take.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from gluten.engine.fault import Fault, broken, of_read, unanswered
from gluten.engine.worker import read_callbacks
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.full_response import BLANK, read_chunks, read_response
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Arrived, Broken, Due, HandOver, Mailbox, OddChunks, Signal, Undialled, Unsent
from gluten.engine.worker.request_sender import RequestSender, SingleSender
from gluten.engine.worker.request_writer import RequestWriter
from gluten.engine.worker.response_reader import LARGE, ResponseReader
from gluten.engine.worker.thread import LoadThread
from gluten.engine.worker.transport.transport import State, Transport

_ANSWERED = Signal.ANSWERED


class Http1Session:
    """See `HttpSession`. A request that fails is recorded and never tried again."""

    __slots__ = ("_by_hand", "_mailbox", "_reader", "_single", "_slot", "_slots", "_transport", "_writer", "context",
                 "sender")  # fmt: skip

    def __init__(
        self,
        context: SessionContext,
        thread: LoadThread,
        transport: Transport,
        mailbox: Mailbox,
        make_sender: Callable[[int], RequestSender] | None = None,
    ) -> None:
        """`make_sender` makes a sender of named requests for the slot."""
        self.context, self._slots, self._transport, self._mailbox = context, context.slots, transport, mailbox
        self._slot = slot = context.slots.add(lambda: mailbox.put(Signal.EXPIRED))
        self._reader = ResponseReader(context, transport, mailbox, slot, self.choose_callback)
        self._single: SingleSender | None = None
        if make_sender is not None:
            self.sender = make_sender(slot)
        elif context.kept or context.task.target.scheme == "https":
            self.sender = RequestSender(context, thread, transport, mailbox, slot)
        else:
            self.sender = self._single = SingleSender(context, thread, transport, mailbox, slot)
            self._single.readable = read_callbacks.single(self._reader, self._single)
        self._reader.sender = self.sender
        self._writer = RequestWriter(self.sender)
        self._by_hand = False

    def __repr__(self) -> str:
        busy = "busy" if self._slots.busy(self._slot) else "idle"
        return f"<Http1Session slot {self._slot}, {busy}, {self._transport!r}>"

    @property
    def busy(self) -> bool:
        """True while a request is in flight."""
        return self._slots.busy(self._slot)

    @property
    def connected(self) -> bool:
        return self._transport.state is not State.CLOSED

    # In the hub.

    def choose_callback(self) -> None:
        if self.connected and not self._by_hand:
            self._watch_fast()

    def _watch_fast(self) -> None:
        # Without keep-alive no response leads to a next request here, whatever the target says.
        if self.context.kept:
            self._by_hand = False
            self._transport.watch(read_callbacks.choose(self._reader, self.sender))

    def choose_send(self) -> None:
        if self.connected and self.context.kept:
            self.sender.shoot = read_callbacks.send_callback(self.sender, self._responses.rest)

    def cut(self) -> None:
        """A session is one request here, which is awaited."""

    def end(self) -> None:
        self.choose_callback()
        if not self._slots.busy(self._slot):
            self._mailbox.put(Signal.ENDED)

    def _listen(self) -> None:
        """In place of the fast path while the greenlet reads: no byte of a body may look like a response."""
        try:
            data = self._transport.recv(LARGE)
        except OSError as error:
            return self._mailbox.put(Broken(error))
        return self._mailbox.put(Arrived(data))

    # In the greenlet.

    def connect(self) -> None:
        self._open()
        self._slots.rest(self._slot, monotonic())

    def _open(self) -> None:
        self._by_hand = True
        self._transport.connect(self._listen, self._slots.timeouts[self._slot])
        self.sender.fresh, self._reader.missing = True, 0
        self._slots.connected(1)
        self._watch_fast()
        self.choose_send()

    def pause(self) -> None:
        self._transport.pause()

    def resume(self) -> None:
        self._transport.resume()

    @property
    def _responses(self) -> Responses:
        return self.sender.named.responses

    def close(self) -> None:
        self.sender.close()
        self.sender.close_others()

    def fail(self, fault: Fault) -> None:
        if fault.kind != "template":  # for which no connection was asked
            self.sender.close(fault.kind != "connect")
        if self.context.conceals:
            fault = fault.unquoted()
        self._slots.failed(self._slot, fault)
        self._slots.rest(self._slot, monotonic())
        self.context.keep_failed(self.sender, fault)

    def send(self, due: float) -> None:
        began = monotonic()
        if not self.sender.begin_request(due, began):
            return None
        if self.connected:
            if self.sender.fresh:
                self._slots.began(self._slot, began)
        elif self._single is not None:
            self._single.dial(began)
        else:
            self._open()
            written = monotonic()
            self._slots.began(self._slot, written, written - began)
        self.sender.fresh = False
        return self._writer.write()

    def serve(self) -> bool:
        while not self._is_over:
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
            case Unsent():
                self.write_on(what)
            case Undialled(fault):
                raise fault
            case Broken(BlockingIOError()):
                pass
            case _ if self._slots.busy(self._slot):
                self._respond(what)
                return True
            case _:
                self.drop(what)
        return None

    def write_on(self, unsent: Unsent) -> None:
        """Write the rest of the request in flight. Raises `Fault`."""
        self._writer.go_on(unsent.written, unsent.error)

    def go_on(self) -> None:
        """Send the request of a redirect, in place of the one in flight. Raises `Fault`."""
        if not self.connected:
            self._open()
        self.sender.fresh = False
        self._writer.write()

    @property
    def _is_over(self) -> bool:
        """Nothing is in flight, and nothing more is to be sent."""
        return self.sender.thread.over and not self._slots.busy(self._slot)

    def drop(self, what: HandOver) -> None:
        """An idle connection was closed by the target, or said something unasked. Blank lines say nothing."""
        if not isinstance(what, Arrived) or not what.data or what.data.strip(BLANK):
            self.sender.close()

    def _respond(self, what: HandOver) -> None:
        """See the response through of which `what` is the first that came. Raises `Fault`."""
        match what:
            case Signal.EXPIRED:
                raise self._expired()
            case Arrived(data) if data and not self._reader.missing:
                self._reader.begin(data, monotonic())
                self._read(lambda: read_response(self._responses, data, self._next))
            case OddChunks(chunks, rest, framing, before):
                self._read(lambda: (framing, before + read_chunks(chunks, rest, self._next)))
            case Broken(error):
                raise self._unanswered(error)
            case _:
                raise self._unanswered(None)

    def _read(self, read: Callable[[], tuple[Framing, int]]) -> None:
        """Read a response to its end. `read` returns its framing and its bytes. Raises `Fault`."""
        self._by_hand = True
        self._transport.watch(self._listen)
        responses, rest = self._responses, self._responses.rest
        framing, size = read()
        self._reader.complete(framing, size, monotonic())
        self.sender.rest(monotonic())
        if responses.rest != rest:
            self.context.rest_changed()
        if framing.keepalive and self.context.kept:
            self._watch_fast()
        else:
            self.sender.close()

    def _next(self) -> bytes:
        """More bytes of the response, b"" at the orderly end. Raises `Fault` (timeout, reset, read)."""
        while True:
            match self._mailbox.wait():
                case Signal.EXPIRED:
                    raise self._expired()
                case Arrived(data):
                    self._reader.collect(data)
                    return data
                case Broken(error) if not isinstance(error, BlockingIOError):
                    raise of_read(error)

    def _expired(self) -> Fault:
        return Fault("timeout", f"no whole response within {self._slots.timeouts[self._slot]:g} s")

    def _unanswered(self, error: OSError | None) -> Fault:
        """The fault of a connection that ended (None) or broke, while a response was awaited."""
        if self._reader.missing:
            self._reader.missing = 0
            return broken(error, "in the middle of a body")
        fault = unanswered(error, self._slots.is_first(self._slot))
        # A port that speaks TLS gives a plain request no answer.
        if self.context.task.target.scheme == "https" or self._responses.answered:
            return fault
        return Fault(fault.kind, f"{fault}; nothing was answered yet: it may speak https:// on this port")
