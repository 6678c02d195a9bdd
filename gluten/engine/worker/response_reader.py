"""Reads responses in the hub, where nothing may wait. The greenlet reads what would have to wait.

A response whose bytes are known does not come here: the read callbacks accept it.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from gluten.engine.worker.http1.response import Framing
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Arrived, Broken, Mailbox
from gluten.engine.worker.transport.transport import Transport

SMALL = 4096
"""Bytes read at once while responses are small: allocated quickly, and hashed as a whole."""
LARGE = 64 << 10
HEAD = 1024
"""Bytes read of a large response: its head and little more, since the rest is only counted."""

_LARGE_AFTER = 2
"""So many responses that do not fit a small read make a session's responses large."""
_NONE = Framing(0, 0, False)


class ResponseReader:
    """`missing` is how many bytes of a body are still to come; they are only counted. `chunk` is the most that is read
    at once. `grown` is called when the responses turn out to be `large`."""

    __slots__ = (
        "_framing",
        "_got",
        "_large_seen",
        "_scratch_size",
        "_tls",
        "_transport",
        "chunk",
        "context",
        "grown",
        "large",
        "mailbox",
        "missing",
        "slot",
        "slots",
    )

    def __init__(
        self, context: SessionContext, transport: Transport, mailbox: Mailbox, slot: int, grown: Callable[[], None]
    ) -> None:
        self.context, self._transport, self.mailbox = context, transport, mailbox
        self.slots, self.slot, self.grown = context.slots, slot, grown
        self.missing = self._got = self._large_seen = 0
        self.large = False
        self._framing = _NONE
        self._scratch_size = len(context.scratch)
        # A TLS record is read whole: what stayed in OpenSSL's buffer would wake nobody.
        self._tls = context.task.target.scheme == "https"
        self.chunk = LARGE if self._tls else SMALL

    def unknown(self, data: bytes, now: float) -> bool:
        """Handle a read that is no known response. True if it was a whole response nevertheless. It is recorded
        then."""
        responses = self.context.responses
        framing = responses.whole(data)
        if framing is None:
            if not self._begin_body(data):
                self.mailbox.put(Arrived(data))
            return False
        self.slots.answered(self.slot, framing.status, len(data), now)
        if len(data) > SMALL:
            self._count_large()
            responses.note(data, framing)
        elif responses.repeated and len(data) <= SMALL // 2:
            self.slots.know(data, framing.status)
        return True

    def _begin_body(self, data: bytes) -> bool:
        """True if `data` begins a response of known length. The rest of it is then only counted."""
        responses = self.context.responses
        end = data.find(b"\r\n\r\n")
        framing = responses.look(data[:end]) if end > 0 else None
        # Where each response ends its connection, the greenlet counts.
        if framing is None or not framing.keepalive or framing.length <= 0 or not self.context.kept:
            return False
        self.missing = responses.begin(data, end, framing)
        self._framing, self._got = framing, len(data)
        return self.missing > 0

    def begin_large(self, data: bytes) -> bool:
        """True if `data` begins like the last large response. The head is then not parsed again."""
        large = self.context.responses.large
        if large is None or len(data) >= large.total or not data.startswith(large.head):
            return False
        self.missing, self._got, self._framing = large.total - len(data), len(data), large.framing
        return True

    def body(self) -> bool:
        """Read on in a body of known length. True at its end, where the response is recorded."""
        try:
            count = self._transport.discard(min(self.missing, self._scratch_size))
        except OSError as error:
            self.mailbox.put(Broken(error))
            return False
        if not count:
            self.mailbox.put(Arrived(b""))
            return False
        self.missing -= count
        self._got += count
        if self.missing:
            return False
        self.complete(self._framing, self._got, monotonic())
        return True

    def complete(self, framing: Framing, size: int, now: float) -> None:
        """Record a whole response of `size` bytes."""
        self.slots.answered(self.slot, framing.status, size, now)
        if size > SMALL:
            self._count_large()

    def _count_large(self) -> None:
        if self.large:
            return
        self._large_seen += 1
        if self._large_seen == _LARGE_AFTER:
            self.large = True
            self.chunk = LARGE if self._tls else HEAD
            self.grown()
