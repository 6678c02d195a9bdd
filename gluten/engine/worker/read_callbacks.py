"""The fast path: what happens when a connection turns readable and all is plain.

A read callback runs in the hub, with no switch to the session's greenlet: it takes a whole response that is known,
records it, and sends the next request. Everything else (a part of a response, an unknown header block, an error, a
close, the end) goes to the greenlet by the mailbox. Every line here is paid for by each request of a run: locals only,
no object made, two system calls. `always_due`, `paced` and `send_callback` therefore write into the slot table's lists
and the recorder by themselves.

The callbacks differ in what follows a response: `always_due` sends at once (a closed loop without a request count),
`paced` makes the slot idle until the pacer has a request for it, `when_due` asks the thread, `medium` looks into each
response instead of looking it up, `large` throws long bodies away, `single` opens a new connection for each request.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic

from gluten.engine.worker import named_callbacks
from gluten.engine.worker.mailbox import Arrived, Broken
from gluten.engine.worker.request_sender import RequestSender, SingleSender
from gluten.engine.worker.response_reader import LARGE, ResponseReader
from gluten.engine.worker.thread import Paced, SendCallback
from gluten.engine.worker.transport.transport import ReadCallback


def choose(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The read callback of a kept connection that fits the load and the target's responses. The transport is open."""
    if sender.varies:
        return named_callbacks.choose(reader, sender)
    if reader.large:
        return large(reader, sender) if reader.discards else medium(reader, sender)
    if reader.context.always_due:
        return always_due(reader, sender)
    if isinstance(sender.thread, Paced) and not sender.thread.over:
        return paced(reader, sender, sender.thread)
    return when_due(reader, sender)


def always_due(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback of a closed loop whose next request is always due."""
    transport, slots, slot, put = sender.transport, sender.slots, sender.slot, sender.mailbox.put
    recv, send, unsent, broken = transport.recv, transport.send, sender.unsent, sender.broken
    unknown, body, most = reader.unknown, reader.body, reader.chunk
    known, starts, recorder = slots.recorder.exact.get, slots.starts, slots.recorder
    request, size = sender.request, len(sender.request)

    def readable() -> None:
        if reader.missing:
            if not body():
                return None
            starts[slot] = monotonic()
            recorder.sent += 1
            recorder.written += size
        else:
            try:
                data = recv(most)
            except OSError as error:
                return put(Broken(error))
            now = monotonic()
            hit = known(data)
            if hit is not None:
                hit(now - starts[slot])
            elif unknown(data, now):
                recorder.sent += 1
                recorder.written += size
            else:
                return None
            starts[slot] = now
        try:
            written = send(request)
        except OSError as error:
            return broken(error)
        return None if written == size else unsent(written)

    return readable


def paced(reader: ResponseReader, sender: RequestSender, thread: Paced) -> ReadCallback:
    """The callback of a constant rate while it lasts: what comes next is the pacer's business, unless it waits."""
    slots, slot, put, recv = sender.slots, sender.slot, sender.mailbox.put, sender.transport.recv
    body, proceed, other, most = reader.body, sender.proceed, _other(reader, sender), reader.chunk
    known, starts, dues = slots.recorder.exact.get, slots.starts, slots.dues
    response, infinity, idle = slots.recorder.response.append, math.inf, thread.idle

    def readable() -> None:
        if reader.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            data = recv(most)
        except OSError as error:
            return put(Broken(error))
        now = monotonic()
        hit = known(data)
        if hit is None or sender.parked:
            return other(data, now)
        hit(now - starts[slot])
        response(now - dues[slot])
        if not idle or thread.due <= thread.released:
            return proceed(now)
        starts[slot], dues[slot] = infinity, now
        sender.parked = True
        return idle.append(sender)

    return readable


def send_callback(sender: RequestSender, rest: float) -> SendCallback:
    """What the pacer calls for a slot when the connection is open. An idle one is not used again after `rest` seconds.

    The recorder counts such a request, and its bytes, by its lateness."""
    if sender.varies:
        return sender.fire_late
    slots, slot, send, unsent, broken = sender.slots, sender.slot, sender.transport.send, sender.unsent, sender.broken
    late, starts, dues, began = slots.recorder.shot.append, slots.starts, slots.dues, slots.began
    request, size = sender.request, len(sender.request)

    def shoot(due: float, now: float) -> None:
        if sender.fresh:
            sender.fresh = False
            began(slot, now)
        since = dues[slot]
        late(now - due if due > since else slots.at_fault(due, since, now))
        starts[slot] = now
        dues[slot] = due
        try:
            written = send(request)
        except OSError as error:
            return broken(error)
        return None if written == size else unsent(written)

    return shoot if rest == math.inf else _mindful(sender, shoot, rest)


def _mindful(sender: RequestSender, shoot: SendCallback, rest: float) -> SendCallback:
    """The same for a target that ends idle connections: one that was idle for `rest` seconds is opened again."""
    dues, slot, renew = sender.slots.dues, sender.slot, sender.renew

    def shoot_rested(due: float, now: float) -> None:
        return shoot(due, now) if now - dues[slot] < rest else renew(due)

    return shoot_rested


def when_due(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback of everything that has to ask before it sends: request counts, a rate's end."""
    slots, slot, put, recv = sender.slots, sender.slot, sender.mailbox.put, sender.transport.recv
    body, proceed, other, most = reader.body, sender.proceed, _other(reader, sender), reader.chunk
    answered = slots.answered_as_known

    def readable() -> None:
        if reader.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            data = recv(most)
        except OSError as error:
            return put(Broken(error))
        now = monotonic()
        if sender.parked or not answered(slot, data, now):
            return other(data, now)
        return proceed(now)

    return readable


def _other(reader: ResponseReader, sender: RequestSender) -> Callable[[bytes, float], None]:
    """Takes what came to a slot that asks before it sends, when it is no known response, or was not asked for."""
    unknown, proceed, put = reader.unknown, sender.proceed, sender.mailbox.put

    def other(data: bytes, now: float) -> None:
        if sender.parked:
            # The greenlet drops this connection.
            put(Arrived(data))
        elif unknown(data, now):
            proceed(now)

    return other


def medium(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback of responses of some KB: a look at the ends of one is cheaper than its hash."""
    put, recv, body, unknown = sender.mailbox.put, sender.transport.recv, reader.body, reader.unknown
    responses, answered, slot = reader.context.responses, sender.slots.answered, sender.slot
    proceed = sender.again if reader.context.always_due else sender.proceed

    def readable() -> None:
        if reader.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            data = recv(LARGE)
        except OSError as error:
            return put(Broken(error))
        now = monotonic()
        if sender.parked:
            # The greenlet drops this connection.
            return put(Arrived(data))
        status, size, begin, end = responses.whole
        if len(data) == size and data.startswith(begin) and data.endswith(end):
            answered(slot, status, size, now)
            return proceed(now)
        return proceed(now) if unknown(data, now) else None

    return readable


def large(reader: ResponseReader, sender: RequestSender) -> ReadCallback:
    """The callback of long bodies of known length: the head, and then what can be thrown away at once."""
    put, recv, most = sender.mailbox.put, sender.transport.recv, reader.chunk
    body, unknown = reader.body, reader.unknown
    proceed = sender.again if reader.context.always_due else sender.proceed

    def readable() -> None:
        if not reader.missing:
            try:
                data = recv(most)
            except OSError as error:
                return put(Broken(error))
            now = monotonic()
            if sender.parked:
                return put(Arrived(data))
            if unknown(data, now):
                return proceed(now)
        if reader.missing and body():
            proceed(monotonic())
        return None

    return readable


def single(reader: ResponseReader, sender: SingleSender) -> ReadCallback:
    """The callback without keep-alive: each response ends its connection, and the next request opens another."""
    slots, slot, put, transport = sender.slots, sender.slot, sender.mailbox.put, sender.transport
    answered, unknown, proceed = slots.answered_as_known, reader.unknown, sender.proceed
    disconnected, hang_up = slots.disconnected, transport.hang_up

    def readable() -> None:
        try:
            data = transport.recv(LARGE)
        except OSError as error:
            return put(Broken(error))
        now = monotonic()
        if not answered(slot, data, now) and not unknown(data, now):
            return None
        disconnected(1)
        hang_up()
        return proceed(now)

    return readable
