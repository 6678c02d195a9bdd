"""The read callbacks of named requests, of which the next is not always the same. See `read_callbacks`.

Each request has its own memory of responses, and its own recorder. In a closed loop whose next request is always due,
`drawn` makes and sends it at once. `rotated` does so where the bytes of each are always the same; `named` asks the
thread first. `stepped` wakes the greenlet of a session, which decides what comes next.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from time import monotonic

from gluten.engine.worker.mailbox import Arrived, Broken, Signal
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.requests.named import Named, Unwritable
from gluten.engine.worker.response_reader import LARGE, ResponseReader
from gluten.engine.worker.transport.transport import ReadCallback
from gluten.errors import RowsUsed


def choose(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback that fits the load. The transport is open."""
    if sender.in_steps:
        return stepped(reader, sender)
    if not reader.context.always_due or not sender.one_host:
        return named(reader, sender)
    return drawn(reader, sender) if sender.rotation is None else rotated(reader, sender, sender.rotation)


def named(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback of requests that vary: each has its own memory of responses, and its own recorder."""
    slots, slot, put, transport = sender.slots, sender.slot, sender.mailbox.put, sender.transport
    body, unknown, proceed = reader.body, reader.unknown, sender.proceed
    starts, dues = slots.starts, slots.dues

    def readable() -> None:
        if reader.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            data = transport.recv(LARGE)
        except OSError as error:
            return put(Broken(error))
        now = monotonic()
        if sender.parked:
            # The greenlet drops this connection.
            return put(Arrived(data))
        request = sender.named
        hit = request.known(data)
        if hit is None or request.careful:
            return proceed(now) if unknown(data, now) else None
        hit(now - starts[slot])
        request.recorder.response.append(now - dues[slot])
        return proceed(now)

    return readable


def stepped(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback of a session whose greenlet goes on after each response. After a known one it does by itself what
    `proceed` does: each call costs a hundredth of a step."""
    slots, slot, put, transport = sender.slots, sender.slot, sender.mailbox.put, sender.transport
    body, unknown, proceed = reader.body, reader.unknown, sender.proceed
    starts, dues, answered = slots.starts, slots.dues, Signal.ANSWERED

    def readable() -> None:
        if reader.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            data = transport.recv(LARGE)
        except OSError as error:
            return put(Broken(error))
        now, start = monotonic(), starts[slot]
        if start == inf:
            # Nothing was asked: the greenlet drops this connection.
            return put(Arrived(data))
        request = sender.named
        hit = None if request.careful else request.known(data)
        if hit is None:
            return proceed(now) if unknown(data, now) else None
        hit(now - start)
        request.recorder.response.append(now - dues[slot])
        starts[slot], dues[slot], sender.used = inf, now, now
        return put(answered)

    return readable


def drawn(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback of requests that vary, in a closed loop whose next request is always due."""
    slots, slot, put, transport = sender.slots, sender.slot, sender.mailbox.put, sender.transport
    recv, send, unsent, broken = transport.recv, transport.send, sender.unsent, sender.broken
    body, unknown, again, draw = reader.body, reader.unknown, sender.again, sender.draw
    starts, dues, recorders, timeouts = slots.starts, slots.dues, slots.recorders, slots.timeouts

    def readable() -> None:
        if reader.missing:
            return again(monotonic()) if body() else None
        try:
            data = recv(LARGE)
        except OSError as error:
            return put(Broken(error))
        now = monotonic()
        request = sender.named
        hit = request.known(data)
        if hit is None or request.careful:
            return again(now) if unknown(data, now) else None
        hit(now - starts[slot])
        try:
            request, data = draw()
        except (Unwritable, RowsUsed) as refusal:
            return sender.refuse(refusal, now)
        sender.named, sender.request = request, data
        recorder = recorders[slot] = request.recorder
        timeouts[slot] = request.timeout
        starts[slot] = dues[slot] = now
        recorder.sent += 1
        size = len(data)
        recorder.written += size
        try:
            written = send(data)
        except OSError as error:
            return broken(error)
        return None if written == size else unsent(written)

    return readable


def rotated(reader: ResponseReader, sender: RequestSender, rotation: Iterator[Named]) -> ReadCallback:
    """The callback of requests that take turns, each with the same bytes each time."""
    slots, slot, put, transport = sender.slots, sender.slot, sender.mailbox.put, sender.transport
    recv, send, unsent, broken = transport.recv, transport.send, sender.unsent, sender.broken
    body, unknown, again = reader.body, reader.unknown, sender.again
    starts, recorders, most = slots.starts, slots.recorders, reader.chunk

    def readable() -> None:
        if reader.missing:
            return again(monotonic()) if body() else None
        try:
            data = recv(most)
        except OSError as error:
            return put(Broken(error))
        now = monotonic()
        hit = sender.named.known(data)
        if hit is None:
            return again(now) if unknown(data, now) else None
        hit(now - starts[slot])
        starts[slot] = now
        sender.named = request = next(rotation)
        sender.request = data = request.text
        recorder = recorders[slot] = request.recorder
        recorder.posted += 1
        try:
            written = send(data)
        except OSError as error:
            return broken(error)
        return None if written == recorder.size else unsent(written)

    return readable
