"""The fast lane: what happens when a connection turns readable and all is plain.

It runs as the read watcher's callback, in the hub, with no switch to the connection's greenlet: take a whole
response that is known, record it, send the next request. Everything else (a part of a response, an unknown
header block, an error, a close, the end) goes to the greenlet by `client.hand`. Every line here is paid for by
each request of a run: locals only, no object made, two system calls. The lanes differ in what follows a
response: `always_due` sends at once (a closed loop without a request count), `paced` makes the connection idle until
the pacer has a slot for it, `when_due` asks the thread, `medium` and `large` count long bodies instead of looking at
them, `single` opens a new connection for each request.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gluten.engine.worker.client import Client
    from gluten.engine.worker.thread import Paced

SMALL = 4096
"""Bytes read at once while responses are small: allocated quickly, and hashed as a whole."""
LARGE = 64 << 10
MEDIUM = 16 << 10
"""Bytes of a whole response up to which it is cheaper to copy it in one call than to throw its body away in another."""
HEAD = 1024
"""Bytes read of a large response: its head and little more, since the rest is only counted."""

Lane = Callable[[], None]
Shot = Callable[[float, float], None]
"""Sends a request that was due at the first instant; the second is now."""


def always_due(client: Client) -> Lane:
    """The lane of a closed loop whose next request is always due."""
    recv, send, hand, unsent = client.recv, client.send, client.hand, client.unsent
    unknown, body = client.unknown, client.body
    known, starts, index = client.recorder.exact.get, client.starts, client.index
    request, size, recorder, most = client.request, len(client.request), client.recorder, client.chunk

    def readable() -> None:
        if client.missing:
            if not body():
                return None
            starts[index] = monotonic()
            recorder.sent += 1
            recorder.written += size
        else:
            try:
                data = recv(most)
            except OSError as error:
                return hand(error)
            now = monotonic()
            hit = known(data)
            if hit is not None:
                hit(now - starts[index])
            elif unknown(data, now):
                recorder.sent += 1
                recorder.written += size
            else:
                return None
            starts[index] = now
        try:
            written = send(request)
        except OSError as error:
            return unsent(error)
        return None if written == size else unsent(written)

    return readable


def paced(client: Client, thread: Paced) -> Lane:
    """The lane of a constant rate while it lasts: what comes next is the pacer's business, unless it waits."""
    recv, hand, other, body, proceed = client.recv, client.hand, client.other, client.body, client.proceed
    known, starts, index = client.recorder.exact.get, client.starts, client.index
    dues, response, most, infinity = client.dues, client.recorder.response.append, client.chunk, math.inf
    idle = thread.idle

    def readable() -> None:
        if client.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            data = recv(most)
        except OSError as error:
            return hand(error)
        now = monotonic()
        hit = known(data)
        if hit is None or client.parked:
            return other(data, now)
        hit(now - starts[index])
        response(now - dues[index])
        if not idle or thread.due <= thread.released:
            return proceed(now)
        starts[index], dues[index] = infinity, now
        client.parked = True
        return idle.append(client)

    return readable


def shot(client: Client) -> Shot:
    """What the pacer calls for a slot when the connection is open."""
    send, unsent, late = client.send, client.unsent, client.recorder.shot.append
    request, size, starts, dues, index = client.request, len(client.request), client.starts, client.dues, client.index

    def shoot(due: float, now: float) -> None:
        if client.fresh:
            client.fresh, client.opened = False, (now, 0.0)
        starts[index] = now
        dues[index] = due
        late(now - due)
        try:
            written = send(request)
        except OSError as error:
            return unsent(error)
        return None if written == size else unsent(written)

    rest = client.attack.responses.rest
    return shoot if rest == math.inf else _mindful(client, shoot, rest)


def _mindful(client: Client, shoot: Shot, rest: float) -> Shot:
    """The same for a target that ends idle connections: one that was idle for `rest` seconds is opened again."""
    dues, index, renew = client.dues, client.index, client.renew

    def shoot_rested(due: float, now: float) -> None:
        return shoot(due, now) if now - dues[index] < rest else renew(due)

    return shoot_rested


def when_due(client: Client) -> Lane:
    """The lane of everything that has to ask before it sends: request counts, a rate's end."""
    recv, hand, other, body, proceed = client.recv, client.hand, client.other, client.body, client.proceed
    known, starts, index = client.recorder.exact.get, client.starts, client.index
    dues, response, most = client.dues, client.recorder.response.append, client.chunk

    def readable() -> None:
        if client.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            data = recv(most)
        except OSError as error:
            return hand(error)
        now = monotonic()
        hit = known(data)
        if hit is None or client.parked:
            return other(data, now)
        hit(now - starts[index])
        response(now - dues[index])
        return proceed(now)

    return readable


def medium(client: Client) -> Lane:
    """The lane of responses of some KB: read at once into the same memory, and only the head is looked at."""
    fill, hand, begin, body, complete = client.fill, client.hand, client.begin, client.body, client.complete
    responses, scratch = client.attack.responses, client.attack.scratch
    proceed = client.again if client.attack.always_due else client.proceed
    starts_with = scratch.startswith

    def readable() -> None:
        if client.missing:
            if body():
                proceed(monotonic())
            return None
        try:
            count = fill(LARGE)
        except OSError as error:
            return hand(error)
        large = responses.large
        if large is not None and count == large.total and starts_with(large.head) and not client.parked:
            now = monotonic()
            complete(large.framing, count, now)
            return proceed(now)
        return begin(bytes(scratch[:count]))

    return readable


def large(client: Client) -> Lane:
    """The lane of long responses: a known head, then the body counted down at once."""
    recv, hand, begin, body = client.recv, client.hand, client.begin, client.body
    proceed = client.again if client.attack.always_due else client.proceed
    most = client.chunk

    def readable() -> None:
        if not client.missing:
            try:
                data = recv(most)
            except OSError as error:
                return hand(error)
            begin(data)
        if client.missing and body():
            proceed(monotonic())
        return None

    return readable


def single(client: Client) -> Lane:
    """The lane without keep-alive: each response ends its connection, and the next request opens another."""
    hand, unknown, hang_up, proceed = client.hand, client.unknown, client.hang_up, client.proceed
    known, starts, index = client.recorder.exact.get, client.starts, client.index
    dues, response = client.dues, client.recorder.response.append

    def readable() -> None:
        try:
            data = client.recv(SMALL)
        except OSError as error:
            return hand(error)
        now = monotonic()
        hit = known(data)
        if hit is not None:
            hit(now - starts[index])
            response(now - dues[index])
        elif not unknown(data, now):
            return None
        hang_up()
        return proceed(now)

    return readable
