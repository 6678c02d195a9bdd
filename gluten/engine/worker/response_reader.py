"""Reads responses in the hub, where nothing waits. What it cannot read goes to the greenlet.

A small response that is known by its bytes does not come here: the read callbacks take it.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.http1.response_counter import ODD, ResponseCounter
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Arrived, Broken, Mailbox, OddChunks
from gluten.engine.worker.transport.transport import Transport

SMALL = 2048
"""Bytes of a response up to which it is cheaper to look it up as a whole than to look into it."""
MEDIUM = 16 << 10
"""Bytes of a body up to which it is cheaper to copy it in one call than to throw it away in another."""
SHORT = 4096
"""Bytes read at once while responses are small."""
LARGE = 64 << 10
"""Bytes read at once of others."""
HEAD = 1024
"""Bytes read of a response whose body is thrown away: its head and little more."""

_LARGE_AFTER = 2
"""So many responses that are not small make a session's responses large."""


class ResponseReader:
    """`missing`: bytes of a body that are still to come, and are only counted. `chunk`: the most that is read at once.

    `grown` is called when the responses turn out to be `large`; `discards`: their bodies are to be thrown away."""

    __slots__ = ("_counter", "_got", "_large_seen", "_scratch_size", "_tls", "_transport", "chunk", "context",
                 "discards", "grown", "large", "mailbox", "missing", "slot", "slots")  # fmt: skip

    def __init__(
        self, context: SessionContext, transport: Transport, mailbox: Mailbox, slot: int, grown: Callable[[], None]
    ) -> None:
        self.context, self._transport, self.mailbox = context, transport, mailbox
        self.slots, self.slot, self.grown = context.slots, slot, grown
        self.missing = self._got = self._large_seen = 0
        self.large = self.discards = False
        self._counter = ResponseCounter(context.responses)
        self._scratch_size = len(context.scratch)
        # A TLS record is read whole: what stayed in OpenSSL's buffer would wake nobody.
        self._tls = context.task.target.scheme == "https"
        self.chunk = LARGE if self._tls else SHORT

    def unknown(self, data: bytes, now: float) -> bool:
        """A read that is no known response. True when it was a whole one all the same; it is recorded."""
        counter = self._counter
        missing = counter.begin(data)
        if missing:
            self._begin_body(data, missing)
            return False
        self.slots.answered(self.slot, counter.framing.status, len(data), now)
        if not self.large:
            self._weigh(data)
        return True

    def _begin_body(self, data: bytes, missing: int) -> None:
        # Where each response ends its connection, the greenlet counts.
        if missing == ODD or not self.context.kept:
            return self.mailbox.put(Arrived(data))
        self.missing, self._got = missing, len(data)
        return None

    def body(self) -> bool:
        """Read on in a body. True at its end; the response is recorded."""
        counted = self._counter.framing.length != CHUNKED
        try:
            missing = self._discard() if counted else self._read_chunks()
        except OSError as error:
            self.mailbox.put(Broken(error))
            return False
        if missing:
            return False
        self.complete(self._counter.framing, self._got, monotonic())
        return True

    def _discard(self) -> int:
        """How many bytes of a body of known length are missing now; `ODD`: the greenlet has taken over."""
        count = self._transport.discard(min(self.missing, self._scratch_size))
        if not count:
            self.mailbox.put(Arrived(b""))
            return ODD
        self._got += count
        self.missing -= count
        return self.missing

    def _read_chunks(self) -> int:
        """The same of a chunked body, at least."""
        data = self._transport.recv(LARGE)
        if not data:
            self.mailbox.put(Arrived(b""))
            return ODD
        self._got += len(data)
        missing = self._counter.go_on(data)
        if missing == ODD:
            self._hand_over_chunks()
        else:
            self.missing = missing
        return missing

    def _hand_over_chunks(self) -> None:
        self.missing, counter = 0, self._counter
        before = self._got - len(counter.rest)
        self.mailbox.put(OddChunks(counter.chunks(), counter.rest, counter.framing, before))

    def complete(self, framing: Framing, size: int, now: float) -> None:
        """Record a whole response of `size` bytes."""
        self.slots.answered(self.slot, framing.status, size, now)
        if size > SMALL and not self.large:
            self._count_large(framing)

    def _weigh(self, data: bytes) -> None:
        """A whole response may be worth remembering, or too large for that."""
        framing = self._counter.framing
        if len(data) > SMALL:
            self._count_large(framing)
        elif self.context.responses.repeated:
            self.slots.know(data, framing.status)

    def _count_large(self, framing: Framing) -> None:
        self._large_seen += 1
        if self._large_seen == _LARGE_AFTER:
            self.large, self.discards = True, framing.length > MEDIUM
            self.chunk = HEAD if self.discards and not self._tls else LARGE
            self.grown()
