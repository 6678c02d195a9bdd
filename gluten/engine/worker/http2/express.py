"""The fast path of a task that is one URL: responses that are known by their bytes, as many as come in one read.

As in `read_callbacks`, every line of a callback is paid for by each request of a run. So they write into the slot
table's lists and the recorder by themselves, and an `Exchange` whose response is known carries the next request, too:
its number is then that of `live` alone.

Responses that come in the order of their requests are one slice of a page (`pages`). Others are taken apart (`unit`).
`alone` is quicker yet: it knows of which stream the next response is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from time import monotonic

from gluten.engine.worker.http2.exchange import Exchange, wire_size
from gluten.engine.worker.http2.frames import HEAD_SIZE, MAX_FRAME, headers
from gluten.engine.worker.http2.pages import Pages, Sheet, turned
from gluten.engine.worker.http2.request_block import Encoded
from gluten.engine.worker.http2.unit import Unit, unit_in
from gluten.engine.worker.http2.wire import LARGE, Wire
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.transport.transport import ReadCallback

SHORT = 4096
"""Bytes read at once while all responses that can come at once are so small."""
_TRIES = 64
"""If this number of responses in a row differ, only one in this number is looked at from then on."""
_size_of = attrgetter("size")
Hit = Callable[[float], None]
Take = Callable[[bytes, float], None]


class Known:
    """What one worker knows of the responses to its only request. `unit` came twice; None: nothing has yet.

    `sheet` has the request; None: it has a body. `streams` use each connection at most."""

    __slots__ = ("_before", "_tries", "context", "sheet", "streams", "tls", "unit")

    def __init__(self, context: SessionContext, request: Encoded, streams: int, tls: bool) -> None:
        self.context, self.streams, self.tls = context, streams, tls
        self.unit: Unit | None = None
        plain = not request.body and len(request.block) <= MAX_FRAME
        self.sheet = Sheet(headers(0, request.block, last=True, most=MAX_FRAME)) if plain else None
        context.named.recorder.size = wire_size(request.block, request.body, MAX_FRAME)
        self._before, self._tries = b"", 0

    def learn(self, data: bytes, status: int) -> None:
        """`data` begins with a whole response."""
        self._tries += 1
        if self._tries > _TRIES and self._tries % _TRIES:
            return
        unit = unit_in(data)
        if unit is None:
            return
        if unit.key == self._before:
            self._tries = 0
            if self.unit is None or self.unit.key != unit.key:
                self.unit = unit
            self.context.named.recorder.know(unit.key, status)
        self._before = unit.key


class Reader:
    """Reads what is not known, on one connection. `unit` is what the connection knows, `answers` has its pages, and
    `most` bytes are read at once. `clean`: no response has come in part."""

    __slots__ = ("_known", "_wire", "answers", "clean", "most", "unit")

    def __init__(self, wire: Wire, known: Known) -> None:
        self._wire, self._known = wire, known
        self.unit = _NOTHING
        self.answers = Pages(_NOTHING.sheet)
        self.clean, self.most = False, LARGE

    def read(self, data: bytes, now: float) -> None:
        """Process the bytes in the general way, and learn the response if it may come again."""
        connection, known = self._wire.connection, self._known
        exchange = None if connection.rest else connection.live.get(int.from_bytes(data[5:HEAD_SIZE], "big"))
        begins = exchange is not None and not exchange.size
        self._wire.received(data, now)
        if connection.heads.keeps_table:
            return
        if begins and exchange is not None and exchange.whole and exchange.head is not None:
            known.learn(data, exchange.head.status)
        if known.unit is not None and known.unit is not self.unit:
            self.unit = known.unit
            self.answers = Pages(self.unit.sheet)
            small = not known.tls and self.unit.size * known.streams <= SHORT
            self.most = SHORT if small else LARGE
        certain = connection.heads.stateless or not self.unit.inserts
        self.clean = certain and not connection.rest and not any(map(_size_of, connection.live.values()))


_NOTHING = Unit(bytes(HEAD_SIZE), (0,))
"""Stands for no known response. No target sends these bytes: they are a frame of data of stream 0."""


def express(wire: Wire, known: Known) -> ReadCallback:
    """The read callback of a connection that is open."""
    reader = Reader(wire, known)
    if known.sheet is not None:
        wire.connection.requests = Pages(known.sheet)
    take = _taker(wire, known, reader)
    if known.streams == 1 and known.sheet is not None and known.context.always_due:
        return alone(wire, known, known.sheet, reader, take)
    recv, broken = wire.transport.recv, wire.broken

    def readable() -> None:
        try:
            data = recv(reader.most)
        except OSError as error:
            return broken(error)
        return take(data, monotonic())

    return readable


def alone(wire: Wire, known: Known, sheet: Sheet, reader: Reader, take: Take) -> ReadCallback:
    """The read callback of a connection with one stream, in a closed loop whose next request is always due. `take`
    handles everything else.

    It is long, because each call of a further function would cost time for every request.
    """
    connection, live, context, out = wire.connection, wire.connection.live, known.context, wire.out
    recv, send, write, pop = wire.transport.recv, wire.transport.send, wire.write, wire.connection.live.pop
    starts, exact, size = context.slots.starts, context.named.recorder.exact.get, sheet.size
    # Of the response that is expected: its stream, and its place on the pages of responses and requests.
    expected: bytes | None = None
    number = place = slot = 0
    unit, requests, answers, most, count = _NOTHING, b"", b"", LARGE, 0
    exchange: Exchange | None = None
    more = True  # False on the last page of a connection: `take` handles its end

    def readable() -> None:
        nonlocal expected, number, place, requests, answers, count, more
        try:
            data = recv(most)
        except OSError as error:
            return wire.broken(error)
        now = monotonic()
        hit = exact(unit.key)
        if data != expected or hit is None or out or not context.always_due or pop(number, None) is None:
            return other(data, now)
        hit(now - starts[slot])
        starts[slot] = now
        number += 2
        live[number] = exchange  # type: ignore[assignment]
        connection.next = number + 2
        connection.unheard += unit.window
        place += 1
        if place == count:
            requests, answers, place, count = turned(sheet, unit.sheet, number)
            connection.heard(0)
            more = number + 2 * count < connection.last
        expected = answers[place * unit.size : (place + 1) * unit.size] if more else None
        request = requests[place * size : (place + 1) * size]
        try:
            written = send(request)
        except OSError:
            return write(request)
        return None if written == size else write(request[written:])

    def other(data: bytes, now: float) -> None:
        nonlocal expected, number, place, requests, answers, count, slot, unit, most, exchange, more
        take(data, now)
        expected, unit, most = None, reader.unit, reader.most
        if reader.clean and live and unit is not _NOTHING and connection.usable:
            number, exchange = next(iter(live.items()))
            slot = exchange.slot
            requests, answers, place, count = turned(sheet, unit.sheet, number)
            more = number + 2 * (count - place) < connection.last
            expected = answers[place * unit.size : (place + 1) * unit.size] if more else None

    return readable


def _taker(wire: Wire, known: Known, reader: Reader) -> Take:
    """Makes the function that takes known responses of any streams, and continues after each of them."""
    connection, live, read = wire.connection, wire.connection.live, reader.read
    exact, again, proceed = known.context.named.recorder.exact.get, _again(wire, known), _proceed(wire, known)
    bodies = known.sheet is None

    def take(data: bytes, now: float) -> None:
        unit = reader.unit
        hit, count = exact(unit.key), len(data) // unit.size
        if hit is None or not count or not reader.clean or (bodies and connection.uploads):
            return read(data, now)
        number = next(iter(live), 0)
        after = number + 2 * count
        if data == reader.answers.frames(number, count):
            found = _taken(live, range(number, after, 2), count == len(live) and after == connection.next)
        else:
            # They are not in the order of their requests, or they are something else.
            found = _taken(live, unit.numbers(data) or (), False)
        if found is None:
            return read(data, now)
        connection.heard(count * unit.window)
        return None if again(found, hit, now) else proceed(found, hit, now)

    return take


def _taken(live: dict[int, Exchange], numbers: Sequence[int], all_: bool) -> list[Exchange] | None:
    """Remove what is in flight on these streams, and return it. `all_`: nothing else is in flight. None: one of the
    streams has no request."""
    if all_:
        found = [*live.values()]
        live.clear()
        return found
    try:
        found = [live[number] for number in numbers]
    except KeyError:
        return None
    if len({*numbers}) != len(found) or not found:
        return None
    for number in numbers:
        del live[number]
    return found


def _again(wire: Wire, known: Known) -> Callable[[list[Exchange], Hit, float], bool]:
    """Makes the function that sends the next requests of a closed loop in which they are always due. It returns whether
    it could."""
    connection, context, write, out = wire.connection, known.context, wire.write, wire.out
    starts, live, send = context.slots.starts, connection.live, wire.transport.send
    pages = connection.requests

    def again(found: list[Exchange], hit: Hit, now: float) -> bool:
        number, count = connection.next, len(found)
        after = number + 2 * count
        full = len(live) + count > connection.peer.streams
        if full or pages is None or not context.always_due or connection.waiting or after > connection.last:
            return False
        used = [exchange.slot for exchange in found]
        hit.__self__.extend([now - starts[slot] for slot in used])  # type: ignore[attr-defined]  # the list of a tally
        for slot in used:
            starts[slot] = now
        live.update(zip(range(number, after, 2), found, strict=False))
        connection.next = after
        data = pages.frames(number, count)
        if out or wire.waits:
            write(data)
            return True
        try:
            written = send(data)
        except OSError:
            written = 0
        if written != len(data):
            write(data[written:])
        return True

    return again


def _proceed(wire: Wire, known: Known) -> Callable[[list[Exchange], Hit, float], None]:
    """Makes the function for all other loads, in which the thread has to be asked for the next request."""
    connection, slots, recorder = wire.connection, known.context.slots, known.context.named.recorder
    starts, dues, response = slots.starts, slots.dues, recorder.response.append

    def proceed(found: list[Exchange], hit: Hit, now: float) -> None:
        if recorder.implied:
            # Each is counted as if the next request were sent with it.
            recorder.sent -= len(found)
            recorder.written -= len(found) * recorder.size
        for exchange in found:
            hit(now - starts[exchange.slot])
            response(now - dues[exchange.slot])
        if len(found) == 1:
            found[0].owner.recorded(now)
        else:
            with wire.corked():
                for exchange in found:
                    exchange.owner.recorded(now)
        if connection.waiting or not connection.usable:
            connection.settle()

    return proceed
