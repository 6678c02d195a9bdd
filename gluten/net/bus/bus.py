"""The bus over ZeroMQ: a ROUTER for the master, a DEALER for each slave. Hides pyzmq.

Both carry frames (bytes) whose meaning `messages` knows. Sending never waits: it says False where the peer is
gone or its queue is full, and the roles send again what matters. One greenlet receives. Reconnecting is
ZeroMQ's own (0.2 to 2 s, with jitter); a new connection is a new peer to the master, which asks who it is. With a key
both are locked (`curve`): a peer without it never gets a message parsed.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

import gevent
import zmq
import zmq.green
from gevent.greenlet import Greenlet

from gluten.errors import ConfigError
from gluten.net import unixpath
from gluten.net.bus.curve import OVERHEAD, Gatekeeper, lock_client, lock_server
from gluten.net.bus.messages import MAX
from gluten.net.keys.keys import Keyring

log = logging.getLogger(__name__)

QUEUE = 1000
"""Messages that wait for one peer before sending says False."""
RECONNECT_MS = 200
RECONNECT_MAX_MS = 2_000
"""With attempts 5 s apart, leases of 15 s ended while the master that had been away for 11 s was back already."""
HANDSHAKE_MS = 5_000
PING_MS = 1_000
SILENT_MS = 10_000
"""A connection on which even ZeroMQ's own pings are not answered is closed; a half-open link ends thus."""
DEALER_SILENT_MS = 3_000
CONNECT_MS = 1_500
"""After a cut TCP itself tries again ever more seldom: a fresh connection is there before the node counts as lost."""
_TURN = 100
_GREEN_DOUBT = 1.0


def make_context() -> zmq.green.Context[Any]:
    """The context that a node owns and hands to its buses; in the hub's process, after the zygote's fork."""
    return zmq.green.Context()


def end_context(context: zmq.green.Context[Any]) -> None:
    """Close what is still open and end; what was not sent is dropped."""
    context.destroy(linger=0)


class Router:
    """The master's end: listens at each of `endpoints` (`ipc://PATH`, `tcp://HOST:PORT`; port `*` is any free one).

    Locked by the keyring's key, if it has one. `delivered` is told of each message: its peer, and the number of the
    connection's file. Raises `ConfigError`.
    """

    def __init__(
        self,
        context: zmq.green.Context[Any],
        endpoints: Sequence[str],
        keyring: Keyring | None = None,
        delivered: Callable[[bytes, int], None] | None = None,
    ) -> None:
        self._context, self._keyring, self._delivered = context, keyring or Keyring(None), delivered
        self._on_frame: Callable[[bytes, bytes], None] | None = None
        self._greenlet: Greenlet[..., None] | None = None
        self._lives = 0
        self._gate = Gatekeeper(context, self._keyring.key) if self._keyring.key else None
        try:
            self.endpoints = list(endpoints)
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._socket = _socket(self._context, zmq.ROUTER, MAX, self._keyring)
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        if self._keyring.key is not None:
            lock_server(self._socket, self._keyring.key)
        self._lives += 1
        self.endpoints = [self._bind(endpoint) for endpoint in self.endpoints]

    def _bind(self, endpoint: str) -> str:
        path = endpoint.removeprefix("ipc://") if endpoint.startswith("ipc://") else ""
        try:
            if not path:
                self._socket.bind(endpoint)
                return str(self._socket.getsockopt_string(zmq.LAST_ENDPOINT))
            # ZeroMQ takes a closed socket's file away at some later time: each life has a file of its own.
            own = unixpath.check(f"{path}-{self._lives}")
            _unlink(own)  # left by a node that was killed
            self._socket.bind(f"ipc://{own}")
            _unlink(path)
            os.symlink(own, path)
        except zmq.ZMQError as error:
            raise ConfigError(f"the bus cannot listen at {endpoint}: {error}") from None
        return endpoint

    def serve(self, on_frame: Callable[[bytes, bytes], None]) -> None:
        """Call `on_frame(peer, frame)` for all that comes, in one greenlet, until `close`."""
        self._on_frame = on_frame
        self._greenlet = gevent.spawn(_receive, self._socket, 2, on_frame, self._delivered)

    def rekey(self) -> None:
        """The keyring has another key: every connection ends, and comes back only with that one."""
        if self._gate is not None and self._keyring.key is not None:
            self._gate.renew(self._keyring.key)
        _close(self._socket, self._greenlet)
        self._open()
        if self._on_frame is not None:
            self.serve(self._on_frame)

    def send(self, peer: bytes, frame: bytes) -> bool:
        """False where the peer is gone or does not read."""
        return _send(self._socket, [peer, frame])

    def close(self) -> None:
        _close(self._socket, self._greenlet)
        if self._gate is not None:
            self._gate.close()


class Dealer:
    """A slave's end. `address` is `tcp://HOST:PORT` (the master's front door) or `ipc://PATH`; nobody need be there.

    It has the keyring's key, if that has one. Raises `ConfigError`.
    """

    def __init__(self, context: zmq.green.Context[Any], address: str, keyring: Keyring | None = None) -> None:
        self._context, self._address, self._keyring = context, address, keyring or Keyring(None)
        self._on_frame: Callable[[bytes], None] | None = None
        self._greenlet: Greenlet[..., None] | None = None
        self._open()

    def _open(self) -> None:
        self._socket = _socket(self._context, zmq.DEALER, MAX, self._keyring)
        self._socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, DEALER_SILENT_MS)
        self._socket.setsockopt(zmq.CONNECT_TIMEOUT, CONNECT_MS)
        self._socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MS)
        # What cannot go out now is not kept: an old heartbeat tells nothing, a delta is kept by the slave.
        self._socket.setsockopt(zmq.IMMEDIATE, 1)
        if self._keyring.key is not None:
            lock_client(self._socket, self._keyring.key)
        try:
            self._socket.connect(self._address)
        except zmq.ZMQError as error:
            self._socket.close(linger=0)
            raise ConfigError(f"the master's address {self._address} cannot be used: {error}") from None

    def serve(self, on_frame: Callable[[bytes], None]) -> None:
        """Call `on_frame(frame)` for all that comes, in one greenlet, until `close`."""
        self._on_frame = on_frame
        self._greenlet = gevent.spawn(_receive, self._socket, 1, on_frame)

    def rekey(self) -> None:
        """The keyring has another key: connect anew, with that one. Not from `on_frame`; nothing after `close`."""
        if self._socket.closed:
            return
        _close(self._socket, self._greenlet)
        self._open()
        if self._on_frame is not None:
            self.serve(self._on_frame)

    def send(self, frame: bytes) -> bool:
        """False where the master is not connected or does not read."""
        return _send(self._socket, [frame])

    def close(self) -> None:
        _close(self._socket, self._greenlet)


class Line:
    """The way to one master: where it is and with which key, for all who need a connection of their own."""

    def __init__(self, context: zmq.green.Context[Any], address: str, keyring: Keyring | None = None) -> None:
        self._to = (context, address, keyring)
        self._dealers: WeakSet[Dealer] = WeakSet()

    def dealer(self) -> Dealer:
        """A new connection. Raises `ConfigError`."""
        made = Dealer(*self._to)
        self._dealers.add(made)
        return made

    def rekey(self) -> None:
        """The keyring has another key: all connect anew."""
        for dealer in list(self._dealers):
            dealer.rekey()


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def tcp_address(host: str, port: int) -> str:
    """What a `Dealer` takes for the master's HOST and PORT."""
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def _socket(context: zmq.green.Context[Any], kind: int, most: int, keyring: Keyring) -> Any:
    sock = context.socket(kind)
    # On the object, not the class: how long green zmq trusts gevent's wake-ups (default 11.6 s).
    sock._gevent_bug_timeout = _GREEN_DOUBT
    options = {
        zmq.LINGER: 0,
        zmq.MAXMSGSIZE: most + (0 if keyring.open else OVERHEAD),
        zmq.HANDSHAKE_IVL: HANDSHAKE_MS,
        zmq.HEARTBEAT_IVL: PING_MS,
        zmq.HEARTBEAT_TIMEOUT: SILENT_MS,
        zmq.SNDHWM: QUEUE,
        zmq.RCVHWM: QUEUE,
        zmq.IPV6: 1,
    }
    for option, value in options.items():
        sock.setsockopt(option, value)
    return sock


def _send(sock: Any, parts: list[bytes]) -> bool:
    try:
        sock.send_multipart(parts, zmq.NOBLOCK)
    except zmq.ZMQError as error:
        # EAGAIN: the queue is full, or (IMMEDIATE) nobody is connected; EHOSTUNREACH: the peer is gone.
        if error.errno in (zmq.EAGAIN, zmq.EHOSTUNREACH, zmq.ENOTSOCK):
            return False
        raise
    return True


def _receive(
    sock: Any, parts: int, on_frame: Callable[..., None], delivered: Callable[[bytes, int], None] | None = None
) -> None:
    turn = 0
    while True:
        try:
            frames = sock.recv_multipart(copy=delivered is None)
        except zmq.ZMQError as error:
            if sock.closed or error.errno in (zmq.ENOTSOCK, zmq.ETERM):
                return
            raise
        message = frames
        if delivered is not None:
            message = [frame.bytes for frame in frames]
            delivered(message[0], frames[-1].get(zmq.SRCFD))
        if len(message) == parts:
            _handle(on_frame, message)
        turn = (turn + 1) % _TURN
        if not turn:
            gevent.sleep(0)  # green zmq does not switch while messages are there; the others must live too


def _handle(on_frame: Callable[..., None], message: list[bytes]) -> None:
    try:
        on_frame(*message)
    except Exception:
        log.exception("a message on the bus could not be handled")


def _close(sock: Any, greenlet: Greenlet[..., None] | None) -> None:
    if greenlet is not None and greenlet is not gevent.getcurrent():
        greenlet.kill()
    sock.close(linger=0)
