"""Reads responses in the hub, where nothing may wait. The greenlet reads what would have to wait.

A small response that is known by its bytes does not come here: the read callbacks take it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.http1.response_counter import ODD, ResponseCounter
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Arrived, Broken, Mailbox, OddChunks
from gluten.engine.worker.recording.recorder import Outcome
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.transport.transport import Transport
from gluten.stats.request_stats import BAD_STATUS

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

MOST_KEPT = 4096
"""Pieces of a response that are kept for its checks, which look at bodies of up to 16 MiB."""

_LARGE_AFTER = 2
"""After this number of responses that are not small, a session treats all responses as large."""


class ResponseReader:
    """`missing`: bytes of a body that are still to come, and are only counted. `chunk`: the most that is read at once.

    `grown` is called when the responses turn out to be `large`; `discards`: their bodies are to be thrown away."""

    __slots__ = (
        "_counter",
        "_first",
        "_got",
        "_in_head",
        "_kept",
        "_large_seen",
        "_repeats",
        "_scratch_size",
        "_tls",
        "_transport",
        "chunk",
        "context",
        "discards",
        "grown",
        "large",
        "mailbox",
        "missing",
        "sender",
        "slot",
        "slots",
    )
    sender: RequestSender
    """Says which request is in flight."""

    def __init__(
        self, context: SessionContext, transport: Transport, mailbox: Mailbox, slot: int, grown: Callable[[], None]
    ) -> None:
        self.context, self._transport, self.mailbox = context, transport, mailbox
        self.slots, self.slot, self.grown = context.slots, slot, grown
        self.missing = self._got = self._large_seen = 0
        self.large = self.discards = self._in_head = False
        self._repeats = True
        self._counter = ResponseCounter(context.responses)
        self._first = 0.0
        self._kept: list[bytes] = []
        self._scratch_size = len(context.scratch)
        # A TLS record is read whole: what stayed in OpenSSL's buffer would wake nobody.
        self._tls = context.task.target.scheme == "https"
        self.chunk = LARGE if self._tls else SHORT

    def unknown(self, data: bytes, now: float) -> bool:
        """A read that is no known response. True when it was a whole one all the same; it is recorded."""
        counter, sender = self._counter, self.sender
        if sender.varies:
            counter.use(sender.named.responses)
        missing = counter.begin(data)
        if missing:
            self._begin_body(data, missing, now)
            return False
        status, size, outcome = counter.framing.status, len(data), None
        if sender.varies or status >= BAD_STATUS:
            outcome = self.account(counter.framing, (data,), size, now)
        else:
            # Of the only request, which has no checks: nothing but its counts follows.
            self.slots.answered(self.slot, status, size, now)
        if not self.large and (size > SMALL or self._is_remembered(sender.named)):
            self._weigh(data, outcome)
        return True

    def _is_remembered(self, named: Named) -> bool:
        """Whether a small response like the last one is known by its bytes from now on."""
        return named.responses.repeated and self._repeats and not named.careful

    def _begin_body(self, data: bytes, missing: int, now: float) -> None:
        # Where each response ends its connection, the greenlet counts.
        if missing == ODD or not self.context.kept:
            return self.mailbox.put(Arrived(data))
        self.missing, self._got = missing, len(data)
        self.begin(data, now)
        return None

    def begin(self, data: bytes, now: float) -> None:
        """The first bytes of a response that comes in pieces."""
        self._first, self._kept, self._in_head = now, [data], True

    def collect(self, data: bytes) -> None:
        """Further bytes of it: they are kept where a check needs them, or its head is needed."""
        if self._in_head:
            self._in_head = self.sender.lacks_head(self._kept)
        if (self._in_head or self.sender.named.keeps) and len(self._kept) < MOST_KEPT:
            self._kept.append(data)

    def account(
        self, framing: Framing, pieces: Sequence[bytes], size: int, now: float, first: float | None = None
    ) -> Outcome | None:
        """Record a whole response, of which these `pieces` were kept."""
        sender, slots, slot = self.sender, self.slots, self.slot
        named, outcome = sender.named, None
        self._repeats = True
        if named.redirects and sender.followed(framing, pieces, size, now, first):
            self._repeats = False
            return None
        if named.expectations is not None:
            assert sender.values is not None
            outcome = named.expectations.judge(framing, pieces, now - slots.dues[slot], sender.values)
        slots.answered(slot, framing.status, size, now, outcome, first)
        if sender.trace:
            sender.record_trace(now - slots.dues[slot])
        if not (framing.status < BAD_STATUS if outcome is None else outcome.good):
            self.context.keep_bad(sender, framing, pieces, outcome)
        if sender.in_steps:
            self._repeats = sender.note(framing, pieces, outcome)
        return outcome

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
        if self.sender.named.keeps:
            data = self._transport.recv(min(self.missing, LARGE))
            self.collect(data)
            count = len(data)
        else:
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
        self.collect(data)
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
        """Record a whole response of `size` bytes, which came in pieces."""
        self.account(framing, self._kept, size, now, self._first)
        if size > SMALL and not self.large:
            self._count_large(framing)

    def _weigh(self, data: bytes, outcome: Outcome | None) -> None:
        """A whole response may be worth remembering, or too large for that."""
        framing = self._counter.framing
        if len(data) > SMALL:
            self._count_large(framing)
        else:
            self.slots.know(self.slot, data, framing.status, outcome)

    def _count_large(self, framing: Framing) -> None:
        self._large_seen += 1
        if self._large_seen == _LARGE_AFTER:
            self.large, self.discards = True, framing.length > MEDIUM
            self.chunk = HEAD if self.discards and not self._tls else LARGE
            self.grown()
