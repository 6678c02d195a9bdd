"""A connection that waits, over HTTP/2: for one stream at a time, without a hub."""

from __future__ import annotations

import time
from collections.abc import Callable

from gluten.engine.fault import Fault
from gluten.engine.trial.connection import Connection, is_nothing
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http2.connection import OPENING
from gluten.engine.worker.http2.connection import Connection as Streams
from gluten.engine.worker.http2.exchange import Exchange
from gluten.engine.worker.http2.request_block import RequestEncoder
from gluten.engine.worker.http2.response_head import HeadMemory
from gluten.task.task import Task

_AGAIN = 0.01
"""Seconds before a request that the target refused is sent again."""


class _Outcome:
    """What came of a request. It is the owner of an exchange."""

    def __init__(self) -> None:
        self.whole = self.again = False
        self.fault: Fault | None = None

    @property
    def known(self) -> bool:
        return self.whole or self.again or self.fault is not None

    def answered(self, exchange: Exchange, now: float) -> None:
        self.whole = True

    def recorded(self, now: float) -> None:
        """No response is known by its bytes here."""

    def failed(self, fault: Fault) -> None:
        self.fault = fault

    def refused(self, why: str, soon: bool) -> None:
        self.again = True


class _Outlet:
    """Keeps what the connection sends until it is asked for."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._kept.append(data)

    def taken(self) -> bytes:
        data = b"".join(self._kept)
        self._kept.clear()
        return data

    def settled(self) -> None:
        """Nothing waits for that."""

    def parted(self) -> None:
        """The next request opens another connection."""

    def over(self) -> None:
        """See `parted`."""


class Http2Connection(Connection):
    """See `Connection`. A request that the target refuses is sent again until its deadline."""

    def __init__(self, task: Task, addresses: list[str], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(task, addresses, clock)
        self._encoder, self._memory = RequestEncoder(task.target.scheme), HeadMemory()
        self._begin()

    def _begin(self) -> None:
        self._outlet = _Outlet()
        self._streams = Streams(self._memory, self._outlet)
        self._outlet.write(OPENING)

    def open(self) -> None:
        if self._sock is not None and self._goes_on():
            return
        self.close()
        self._begin()
        super().open()

    def _goes_on(self) -> bool:
        """Take what came in a pause: it may be the end."""
        try:
            self._sock.settimeout(0)
            while self._streams.usable and (data := self._sock.recv(1 << 16)):
                self._streams.take(data, self._clock())
        except OSError as error:
            return self._streams.usable and is_nothing(error)
        return False

    def ask(self, request: bytes, responses: Responses, seconds: float) -> tuple[Framing, bytes]:
        deadline = self._clock() + seconds
        exchange, outcome = self._exchanged(request, responses.max_body, deadline, seconds)
        while outcome.again:
            time.sleep(min(_AGAIN, self._left(deadline)))
            self.open()
            exchange, outcome = self._exchanged(request, responses.max_body, deadline, seconds)
        if outcome.fault is not None:
            raise outcome.fault
        assert exchange.head is not None
        if responses.closing:
            self.close()
        return Framing(exchange.head.status, exchange.length, not responses.closing), b"".join(exchange.pieces)

    def _exchanged(self, request: bytes, most: int, deadline: float, seconds: float) -> tuple[Exchange, _Outcome]:
        outcome = _Outcome()
        exchange = Exchange(outcome, self._encoder.encode(request), True, most)
        self._streams.start(exchange)
        try:
            self._flush(deadline)
            while not outcome.known:
                if self._clock() >= deadline:
                    raise Fault("timeout", f"no whole response within {seconds:g} s")
                self._streams.take(self._received(deadline, seconds, first=True), self._clock())
                self._flush(deadline)
        except Fault:
            self.close()
            raise
        return exchange, outcome

    def _flush(self, deadline: float) -> None:
        """Send what there is, and as much of the body as the target takes."""
        while data := self._outlet.taken() or self._streams.more():
            self._send(data, deadline)
