"""One connection of the target. It answers requests in order, as the script says."""

import asyncio
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from gluten.target.count_page import PREFIX, control_answer
from gluten.target.incoming import BadRequest, HeadParser, Request, RequestReader
from gluten.target.scripted_answer import Answer, Script
from gluten.target.servers import Servers
from gluten.target.tally import Tally

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_MAX_AHEAD = 256 * 1024
_MAX_GATHERED = 1024 * 1024
_LINGER = 1.0
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 seconds: close sends RST


@dataclass(frozen=True)
class Behaviour:
    """What all connections of a target share.

    `servers` is None if any number of requests is worked on at once. `ids` gives lines of X-Request-Id, or is None for
    none.
    """

    script: Script
    servers: Servers | None
    tally: Tally
    parser: HeadParser
    ids: Iterator[bytes] | None
    encrypted: bool
    connections: set["TargetConnection"] = field(default_factory=set)


class TargetConnection(asyncio.Protocol):
    """Answers one request after the other. Writes once for each received piece.

    The next requests wait while a request waits for its delay, or while the client does not read its answer.
    """

    __slots__ = (
        "_behaviour",
        "_closing",
        "_counted",
        "_loop",
        "_out",
        "_out_size",
        "_paused",
        "_reader",
        "_received",
        "_statuses",
        "_stuck",
        "_tally",
        "_timer",
        "_transport",
    )

    def __init__(self, behaviour: Behaviour, loop: asyncio.AbstractEventLoop) -> None:
        self._behaviour = behaviour
        self._tally = behaviour.tally
        self._loop = loop
        self._reader = RequestReader(behaviour.parser)
        self._timer: asyncio.TimerHandle | None = None
        self._counted = True
        self._stuck = self._closing = self._paused = False
        self._out: list[bytes] = []
        self._statuses: list[int] = []
        self._out_size = 0
        self._received = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        # With the lowest marks asyncio calls pause_writing whenever the kernel does not take everything. With TLS a
        # mark of 0 would pause forever. There, data counts as sent once the TLS layer has passed it on.
        self._transport.set_write_buffer_limits(high=1 if self._behaviour.encrypted else 0, low=0)
        self._tally.opened()
        self._behaviour.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._closing = True
        if self._timer is not None:
            self._timer.cancel()
        if self._counted:
            self._tally.open -= 1
        self._behaviour.connections.discard(self)

    def end(self) -> None:
        """Close at once, even if requests wait for an answer."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._closing:
            return
        self._received = self._loop.time()
        self._tally.bytes_in += len(data)
        self._reader.feed(data)
        if self._timer is None and not self._stuck:
            self._advance()
        elif self._reader.buffered > _MAX_AHEAD and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """Called by asyncio, from within write."""
        self._stuck = True

    def resume_writing(self) -> None:
        """Called by asyncio when the kernel has taken everything."""
        self._stuck = False
        self._count_sent()
        self._loop.call_soon(self._go_on)  # TLS calls this from within write, in the middle of an answer

    def _go_on(self) -> None:
        if self._timer is None and not self._stuck and not self._closing:
            self._advance()

    def _advance(self) -> None:
        """Answer the received requests, until one has to wait or there are no more."""
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        try:
            self._answer_all()
        except BadRequest as error:
            self._refuse(error)
        self._flush()

    def _answer_all(self) -> None:
        reader = self._reader
        while self._timer is None and not self._closing:
            request = reader.next()
            if request is None:
                if reader.take_continue():
                    self._out.append(_CONTINUE)
                return
            self._handle(request)
            if self._out_size > _MAX_GATHERED:
                self._flush()
                if self._stuck:
                    return

    def _handle(self, request: Request) -> None:
        if request.path.startswith(PREFIX):
            self._handle_control(request)
            return
        if not self._counted:
            self._recount()
        self._tally.asked(request.method, time.time())
        script = self._behaviour.script
        if script.resets_next():
            self._reset()
            return
        delay, answer = script.next()
        ready = self._ready(delay)
        if ready > self._received:
            self._flush()
            self._timer = self._loop.call_at(ready, self._answer_late, request, answer)
        else:
            self._answer(request, answer)

    def _ready(self, delay: float) -> float:
        """When the answer to the request that was just received is sent."""
        servers = self._behaviour.servers
        return self._received + delay if servers is None else servers.serve(self._received, delay)

    def _answer(self, request: Request, answer: Answer) -> None:
        flags = request.flags
        ids = self._behaviour.ids
        if ids is None:
            response = answer.whole(flags)
        else:
            head, tail = answer.split(flags)
            response = head + next(ids) + tail
        self._out.append(response)
        self._out_size += len(response)
        self._statuses.append(answer.status)
        self._closing = not answer.keeps_open(flags)

    def _answer_late(self, request: Request, answer: Answer) -> None:
        """Send the answer after its delay. The delay of a pipelined request behind it begins now."""
        self._timer = None
        if self._transport.is_closing():
            return
        self._answer(request, answer)
        self._flush()
        self._received = self._loop.time()
        self._go_on()

    def _handle_control(self, request: Request) -> None:
        """Answer with the counts, without counting this request. Its connection is only counted if it has other
        requests."""
        self._flush()
        self._tally.bytes_in -= request.size
        if self._counted:
            self._counted = False
            self._tally.open -= 1
            self._tally.connections -= 1
        answer = control_answer(request, self._tally)
        self._out.append(answer.whole(request.flags))
        self._closing = not answer.keeps_open(request.flags)

    def _recount(self) -> None:
        self._counted = True
        self._tally.opened()

    def _refuse(self, error: BadRequest) -> None:
        self._tally.malformed += 1
        answer = Answer(error.status, f"{error}\n".encode(), (("Content-Type", "text/plain"),), close=True)
        self._out.append(answer.whole(0))
        self._closing = True

    def _flush(self) -> None:
        """Write the gathered answers. Close after the last one."""
        out = self._out
        if out:
            response = out[0] if len(out) == 1 else b"".join(out)
            out.clear()
            self._transport.write(response)
            if not self._stuck and not self._transport.is_closing():
                self._count_sent()
        if self._closing and not self._transport.is_closing():
            self._close()

    def _count_sent(self) -> None:
        if self._statuses:
            self._tally.sent(self._statuses, self._out_size)
            self._statuses.clear()
            self._out_size = 0

    def _close(self) -> None:
        """Close so that the answer still arrives. With unread requests a plain close could send a RST after it."""
        if self._reader.buffered and self._transport.can_write_eof():
            self._transport.write_eof()
            self._loop.call_later(_LINGER, self._transport.close)
        else:
            self._transport.close()

    def _reset(self) -> None:
        self._tally.resets += 1
        self._flush()
        self._closing = True
        raw: socket.socket | None = self._transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()
