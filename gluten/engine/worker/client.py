"""One virtual client: a greenlet that owns one connection and does everything that is not plain.

It waits with its read watcher armed once; the lane takes what it knows and wakes the greenlet for the rest by
`hand`. A request that fails is recorded and never tried again.
"""

from __future__ import annotations

import math
import ssl
from time import monotonic
from typing import TYPE_CHECKING, Any

import gevent

from gluten.engine.fault import Fault, broken, of_read, unanswered, unwritten
from gluten.engine.worker import read_callbacks
from gluten.engine.worker.http1.full_response import BLANK, read_response
from gluten.engine.worker.http1.response import Framing
from gluten.engine.worker.thread import Paced
from gluten.engine.worker.transport.stream import Count, Recv, Send, streams

if TYPE_CHECKING:
    from gluten.engine.worker.attack import Attack
    from gluten.engine.worker.thread import LoadThread

EXPIRED = object()
"""Handed to a client whose request is past its deadline."""
ENDED = object()
"""Handed to a client with nothing in flight when nothing more is to be sent."""

_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds between failed connects in a closed loop: a target that refuses must not be spun on."""
_LARGE_AFTER = 2
"""Responses that do not fit a small read until the lane of large ones is taken."""
_READ, _WRITE = 1, 2


def _unconnected(*_: Any) -> Any:
    """In place of a socket's functions before there is one."""
    raise BlockingIOError


class Unsent:
    """Handed over when the lane could not send: how many bytes went out, the OSError, or the `Fault`."""

    __slots__ = ("what",)

    def __init__(self, what: Any) -> None:
        self.what = what


class Client:
    """`index` is its place in the attack's `starts` (when its request was written, infinity: none in flight)
    and `dues` (when that request was due; of an idle connection, since when it is idle), both in monotonic seconds.
    `fresh`: nothing was sent on its connection; `opened`: the start of the first request on it, and the seconds that
    connecting for it took."""

    __slots__ = (
        "_discard",
        "_framing",
        "_got",
        "_large",
        "_loop_of",
        "_quick",
        "_single",
        "_sock",
        "_switch",
        "_tls",
        "_waiting",
        "_watcher",
        "attack",
        "chunk",
        "connected",
        "dues",
        "fill",
        "fresh",
        "greenlet",
        "index",
        "missing",
        "opened",
        "parked",
        "recorder",
        "recv",
        "request",
        "send",
        "shoot",
        "starts",
        "thread",
    )  # fmt: skip

    def __init__(self, attack: Attack, thread: LoadThread, index: int, first: float | None = None) -> None:
        """It begins with the request that was due at `first`, if that is given."""
        self.attack, self.thread, self.index = attack, thread, index
        self.recorder, self.request = attack.recorder, attack.request
        self.starts, self.dues = attack.starts, attack.dues
        self.recv: Recv = _unconnected
        self.send: Send = _unconnected
        self.fill: Count = _unconnected
        self._discard: Count = _unconnected
        self.missing = self._got = self._large = 0
        self._tls = attack.task.target.scheme == "https"
        self._quick = not attack.kept and not self._tls
        # A TLS record is read whole: what stayed in OpenSSL's buffer would wake nobody.
        self.chunk = read_callbacks.LARGE if self._tls else read_callbacks.SMALL
        self.parked = self.connected = self._waiting = False
        self.fresh = True
        self.opened = (math.inf, 0.0)
        self.greenlet = gevent.Greenlet(self._run, first)
        self._switch = self.greenlet.switch
        self._loop_of = attack.hub.loop
        self._sock: Any = None
        self._watcher: Any = None
        self._framing: Framing | None = None
        self._single = read_callbacks.single(self)
        self.shoot: read_callbacks.Shot = self._aim

    # In the hub: the lane, the pacer, the sweep and the end call these.

    def hand(self, what: Any) -> None:
        """Wake the greenlet with bytes, an OSError, a due instant or a sentinel, if it waits."""
        if self._waiting:
            self._waiting = False
            self._switch(what)

    def unsent(self, what: Any) -> None:
        """The lane's send took only some bytes (their number), or failed (an OSError). It counted all of them."""
        self.recorder.written -= len(self.request) - (what if isinstance(what, int) else 0)
        self.hand(Unsent(what))

    def unknown(self, data: bytes, now: float) -> bool:
        """A read that is no known response. True when it was a whole one all the same; it is recorded."""
        framing = self.attack.responses.whole(data)
        if framing is not None:
            self.complete(framing, len(data), now)
            if len(data) > read_callbacks.SMALL:
                self.attack.responses.note(data, framing)
            elif self.attack.responses.repeated and len(data) <= read_callbacks.SMALL // 2:
                self.recorder.know(data, framing.status)
            return True
        if not self._begin_body(data):
            self.hand(data)
        return False

    def other(self, data: bytes, now: float) -> None:
        """What came to a connection that asks before it sends, when it is no known response or was not asked for."""
        if self.parked:
            # The greenlet drops this connection.
            self.hand(data)
        elif self.unknown(data, now):
            self.proceed(now)

    def _begin_body(self, data: bytes) -> bool:
        """True if `data` begins a response of known length: the lane then counts the rest down."""
        responses = self.attack.responses
        end = data.find(b"\r\n\r\n")
        framing = responses.look(data[:end]) if end > 0 else None
        # The lane without keep-alive does not count: the greenlet does.
        if framing is None or not framing.keepalive or framing.length <= 0 or not self.attack.kept:
            return False
        self.missing = responses.begin(data, end, framing)
        self._framing, self._got = framing, len(data)
        return self.missing > 0

    def begin(self, data: bytes) -> None:
        """The first bytes of what should be a large response; the head that came last is not looked into."""
        large = self.attack.responses.large
        if large is not None and len(data) < large.total and data.startswith(large.head) and not self.parked:
            self.missing, self._got, self._framing = large.total - len(data), len(data), large.framing
        else:
            self.other(data, monotonic())

    def body(self) -> bool:
        """Read on in a body of known length; its bytes are counted, not kept. True at its end."""
        try:
            count = self._discard(min(self.missing, len(self.attack.scratch)))
        except OSError as error:
            self.hand(error)
            return False
        if not count:
            self.hand(b"")
            return False
        self.missing -= count
        self._got += count
        if self.missing:
            return False
        self.complete(self._framing, self._got, monotonic())  # type: ignore[arg-type]
        return True

    def proceed(self, now: float) -> None:
        """After a response: send the next request if one is due, else become idle or end."""
        due = self.thread.take(self, now)
        if due is not None:
            # Late with others idle is the generator's fault; with none, the target has them all.
            return self.fire(due, now, now - due if self.thread.idle else 0.0)
        self.starts[self.index], self.dues[self.index] = math.inf, now
        if self.thread.over:
            self.hand(ENDED)
        return None

    def again(self, now: float) -> None:
        """Send the next request of a closed loop in which it is always due."""
        self.starts[self.index] = now
        self.recorder.sent += 1
        self.recorder.written += len(self.request)
        try:
            written = self.send(self.request)
        except OSError as error:
            return self.unsent(error)
        return None if written == len(self.request) else self.unsent(written)

    def _aim(self, due: float, now: float) -> None:
        """The slot of a client that is not connected, or carries one request a connection."""
        self.fire(due, now, now - due)

    def fire(self, due: float, now: float, late: float) -> None:
        """Send the request that was due at `due`; an unconnected client connects first."""
        if not self.connected and not self._quick:
            return self.hand(due)
        self._mark(due, now, late)
        if not self.connected:
            try:
                self._dial(now)
            except Fault as fault:
                return self.hand(Unsent(fault))
        request = self.request
        self.recorder.written += len(request)
        try:
            written = self.send(request)
        except OSError as error:
            return self.unsent(error)
        return None if written == len(request) else self.unsent(written)

    def renew(self, due: float) -> None:
        """Send the request that was due at `due` on a new connection: this one was idle too long."""
        self._close()
        self.hand(due)

    def _dial(self, began: float) -> None:
        """Start a connection that carries one request, without waiting for it. Raises `Fault` (connect)."""
        self._sock = sock = self.attack.dialer.start()
        self.recv, self.send = sock.recv, sock.send
        if self._watcher is None:
            self._watcher = self._loop_of.io(sock.fileno(), _READ)
        else:
            self._watcher.fd = sock.fileno()
        self._watcher.start(self._single)
        self.connected, self.missing = True, 0
        self.recorder.connected()
        written = self.starts[self.index] = monotonic()
        self.fresh, self.opened = False, (written, written - began)

    def hang_up(self) -> None:
        """End the connection that has carried its request."""
        self.connected = False
        self.recorder.disconnected()
        self.recorder.opened += 1
        self._watcher.stop()
        self._sock.close()
        self._sock = None

    def _mark(self, due: float, now: float, late: float) -> None:
        if self.fresh:
            self.fresh, self.opened = False, (now, 0.0)
        self.starts[self.index] = now
        self.dues[self.index] = due
        self.recorder.sent += 1
        self.recorder.lateness.append(late)

    def complete(self, framing: Framing, size: int, now: float) -> None:
        """Record a whole response of `size` bytes that the exact memory did not know."""
        self.recorder.completed(framing.status, size, now - self.starts[self.index])
        self.recorder.response.append(now - self.dues[self.index])
        if size > read_callbacks.SMALL and self._large < _LARGE_AFTER:
            self._large += 1
            if self._large == _LARGE_AFTER:
                self.chunk = read_callbacks.LARGE if self._tls else read_callbacks.HEAD
                self.choose_lane()

    def choose_lane(self) -> None:
        """Arm the watcher with the lane that fits the attack's state and the target's responses, unless the
        greenlet reads for itself."""
        if self._watcher is not None and self._watcher.callback != self._listen:
            self._take_lane()

    def _take_lane(self) -> None:
        # Without keep-alive no response leads to a next request here, whatever the target says.
        if self.attack.kept:
            self._watcher.callback = self._fast_lane()

    def _fast_lane(self) -> read_callbacks.Lane:
        if self._large == _LARGE_AFTER:
            large = self.attack.responses.large
            return (
                read_callbacks.medium
                if large is not None and large.total <= read_callbacks.MEDIUM
                else read_callbacks.large
            )(self)
        if self.attack.always_due:
            return read_callbacks.always_due(self)
        if isinstance(self.thread, Paced) and not self.thread.over:
            return read_callbacks.paced(self, self.thread)
        return read_callbacks.when_due(self)

    # In the greenlet.

    def _run(self, first: float | None) -> None:
        try:
            if self.attack.kept and first is None:
                self._warm()
            self.attack.started.wait()
            self.thread.unpark(self)
            self._loop(first)
        finally:
            # When this is an abort, what is in flight stays so: it is counted.
            self.thread.unpark(self)
            self._close()
            self.attack.left(self)

    def _warm(self) -> None:
        """Connect before the start, so that the first second is like the others. Failing is no error yet."""
        try:
            self._open()
            self.dues[self.index] = monotonic()
        except Fault:
            return self._close()
        # Nobody takes what comes before the start: the watcher would spin on a connection that is closed again.
        callback = self._watcher.callback
        self._watcher.stop()
        self.attack.started.wait()
        self._watcher.start(callback)
        return None

    def _loop(self, due: float | None) -> None:
        """Take what is due, see it through; again, until nothing will be due. Nothing is in flight at its top."""
        failures = 0
        while True:
            due = self.thread.take(self, monotonic()) if due is None else due
            if due is None and self.thread.over:
                return
            try:
                if due is not None:
                    self._begin(due)
                if not self._serve():
                    return
                failures = 0
            except Fault as fault:
                failures = 0 if self.connected else failures + 1
                self._fail(fault)
            due = None
            if failures and not self.attack.open_loop:
                gevent.sleep(_PAUSES[min(failures, len(_PAUSES)) - 1])

    def _fail(self, fault: Fault) -> None:
        self.starts[self.index] = math.inf
        self._close(fault.kind != "connect")
        self.recorder.failed(fault)

    def _begin(self, due: float) -> None:
        """One request, by hand: connect if need be, write all of it. Raises `Fault`."""
        began = monotonic()
        self._mark(due, began, began - due if self.thread.idle else 0.0)
        if not self.connected and self._quick:
            self._dial(began)
        elif not self.connected:
            self._open()
            # Service time counts from the write, the deadline from here: the sweep knows the difference.
            written = self.starts[self.index] = monotonic()
            self.fresh, self.opened = False, (written, written - began)
        self._write(0)

    def _serve(self) -> bool:
        """Wait for what the lane does not take. True: ask the thread again; False: the end. Raises `Fault`."""
        while True:
            what = self._wait()
            if what is ENDED:
                return False
            if isinstance(what, float):
                self._begin(what)
            elif isinstance(what, Unsent):
                self._write_rest(what.what)
            elif isinstance(what, BlockingIOError):
                continue
            elif math.isinf(self.starts[self.index]):
                # An idle connection was closed by the target, or said something unasked. Blank lines say nothing.
                if not what or not isinstance(what, bytes) or what.strip(BLANK):
                    self._close()
            else:
                self._respond(what)
                return True

    def _respond(self, what: Any) -> None:
        """See the response through of which `what` is the first that came. Raises `Fault`."""
        if what is EXPIRED:
            raise Fault("timeout", f"no whole response within {self.attack.task.timeout:g} s")
        if self.missing:
            self.missing = 0
            raise broken(what, "in the middle of a body")
        if not isinstance(what, bytes) or not what:
            raise self._doubt(unanswered(what, self._first))
        self._watcher.callback = self._listen
        responses, rest = self.attack.responses, self.attack.responses.rest
        framing, size = read_response(responses, what, self._next)
        self.complete(framing, size, monotonic())
        self.starts[self.index], self.dues[self.index] = math.inf, monotonic()
        if responses.rest != rest:
            self.attack.mind_rest()
        if framing.keepalive and self.attack.kept:
            self._take_lane()
        else:
            self._close()

    def _listen(self) -> None:
        """In place of the lane while the greenlet reads: no byte of a body may look like a response."""
        try:
            data = self.recv(read_callbacks.LARGE)
        except OSError as error:
            return self.hand(error)
        return self.hand(data)

    def _next(self) -> bytes:
        """More bytes of the response, b"" at the orderly end. Raises `Fault` (timeout, reset, read)."""
        while True:
            what = self._wait()
            if what is EXPIRED:
                raise Fault("timeout", f"no whole response within {self.attack.task.timeout:g} s")
            if isinstance(what, bytes):
                return what
            if not isinstance(what, BlockingIOError):
                raise of_read(what)

    def _doubt(self, fault: Fault) -> Fault:
        """A port that speaks TLS gives a plain request no answer."""
        if self._tls or self.attack.responses.answered:
            return fault
        return Fault(fault.kind, f"{fault}; nothing was answered yet: it may speak https:// on this port")

    @property
    def _first(self) -> bool:
        """True while the request in flight is its connection's first: told by its start, at no cost to the lane."""
        return self.opened[0] == self.starts[self.index]

    def _open(self) -> None:
        self._sock = self.attack.dialer.open()
        self.fresh, self.missing = True, 0
        self.recv, self.send, self.fill, self._discard = streams(self._sock, self.attack.scratch)
        self._watcher = self._loop_of.io(self._sock.fileno(), _READ)
        self._watcher.start(self._listen)
        self._take_lane()
        self.connected = True
        self.recorder.connected()
        self.recorder.opened += not self._quick
        self.shoot = read_callbacks.shot(self)

    def _close(self, opened: bool = True) -> None:
        """`opened` False: what was dialled without a wait never came to be a connection."""
        if self.connected:
            self.recorder.disconnected()
            self.recorder.opened += self._quick and opened
        self.connected = False
        self.shoot = self._aim
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _wait(self) -> Any:
        self._waiting = True
        return self.attack.hub.switch()

    def _write_rest(self, what: Any) -> None:
        if isinstance(what, Fault):
            raise what
        if isinstance(what, OSError) and not isinstance(what, BlockingIOError):
            raise self._unwritten(what)
        self._write(what if isinstance(what, int) else 0)

    def _write(self, written: int) -> None:
        """Write the request from byte `written` on. Raises `Fault` (write, reset, closed, timeout)."""
        view = memoryview(self.request)
        while written < len(view):
            try:
                count = self.send(view[written:])
                written += count
                self.recorder.written += count
            except BlockingIOError:
                self._await_writable()
            except OSError as error:
                raise self._unwritten(error) from None

    def _unwritten(self, error: OSError) -> Fault:
        """The fault of a failed write. A TLS target may have said why: its alert waits to be read."""
        if self._tls:
            try:
                self.recv(1)
            except OSError as said:
                error = said if isinstance(said, ssl.SSLError) else error
        return unwritten(error, self._first)

    def _await_writable(self) -> None:
        # Reading rests meanwhile: nobody would take what comes, and the watcher would spin.
        callback = self._watcher.callback
        self._watcher.stop()
        watcher = self._loop_of.io(self._sock.fileno(), _WRITE)
        watcher.start(self.hand, None)
        try:
            if self._wait() is EXPIRED:
                raise Fault("timeout", "the request could not be written within the deadline")
        finally:
            watcher.stop()
            watcher.close()
            self._watcher.start(callback)
