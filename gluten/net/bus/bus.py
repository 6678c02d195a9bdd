"""The bus over ZeroMQ: a ROUTER for the master, a DEALER for each slave. Hides pyzmq.

Both carry frames (bytes); `messages` defines their content. Sending never waits. It returns False if the peer is gone
or its queue is full, and the master and the slaves send again what matters. One greenlet receives. ZeroMQ itself
reconnects (after 0.2 to 2 s, with jitter). To the master a new connection is a new peer, and it asks for a `hello`.
An error that no end expects is passed to its `on_broken`: a node without its bus must end.
With a key both ends use CURVE (`curve`): no message of a peer without the key is parsed.
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

from gluten.errors import ConfigError, GlutenError
from gluten.hub_turn import turn as give_way
from gluten.net import unixpath
from gluten.net.bus.curve import OVERHEAD, Authenticator, secure_client, secure_server
from gluten.net.bus.failure import OnBroken, failure, log_failure
from gluten.net.bus.messages import MAX
from gluten.net.keys.keys import Keyring
from gluten.task.host_names import bracketed

log = logging.getLogger(__name__)

QUEUE = 1000
"""Messages that may wait for one peer. Beyond that, sending returns False."""
RECONNECT_MS = 200
RECONNECT_MAX_MS = 2_000
"""With 5 s between attempts, leases of 15 s ended although the master was back after 11 s."""
HANDSHAKE_MS = 5_000
PING_MS = 2_000
ROUTER_PING_MS = 5_000
"""Of a master, which has the pings and heartbeats of its slaves: each ping of its own wakes both nodes twice."""
SILENT_MS = 10_000
"""A connection is closed if ZeroMQ's own pings are not answered for so long. This ends half-open connections."""
DEALER_SILENT_MS = 3_000
CONNECT_MS = 1_500
"""After a cut cable, TCP retries more and more rarely. A new connection is there before the node counts as lost."""
_YIELD_EVERY = 100
_GREEN_RECHECK = 1.5


def make_context() -> zmq.green.Context[Any]:
    """The ZeroMQ context of a node, for all its sockets. Make it in the hub's process, after the zygote's fork."""
    return zmq.green.Context()


def end_context(context: zmq.green.Context[Any]) -> None:
    """Close all sockets and the context. Messages that were not sent are dropped."""
    context.destroy(linger=0)


class Router:
    """The master's end. It listens at each of `endpoints` (`ipc://PATH`, `tcp://HOST:PORT`; port `*`: any free port).

    If the keyring has a key, peers need it. `on_delivered` is called for each message, with its peer and the number of
    the connection's file descriptor. Raises `ConfigError`.
    """

    def __init__(
        self,
        context: zmq.green.Context[Any],
        endpoints: Sequence[str],
        keyring: Keyring | None = None,
        on_delivered: Callable[[bytes, int], None] | None = None,
    ) -> None:
        self._context, self._keyring, self._on_delivered = context, keyring or Keyring(None), on_delivered
        self.on_broken: OnBroken = log_failure
        self._on_frame: Callable[[bytes, bytes], None] | None = None
        self._greenlet: Greenlet[..., None] | None = None
        self._generation = 0
        self._authenticator = Authenticator(context, self._keyring.key, self._broken) if self._keyring.key else None
        try:
            self.endpoints = list(endpoints)
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._socket = _socket(self._context, zmq.ROUTER, MAX, self._keyring)
        self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self._socket.setsockopt(zmq.HEARTBEAT_IVL, ROUTER_PING_MS)
        if self._keyring.key is not None:
            secure_server(self._socket, self._keyring.key)
        self._generation += 1
        self.endpoints = [self._bind(endpoint) for endpoint in self.endpoints]

    def _bind(self, endpoint: str) -> str:
        path = endpoint.removeprefix("ipc://") if endpoint.startswith("ipc://") else ""
        try:
            if not path:
                self._socket.bind(endpoint)
                return str(self._socket.getsockopt_string(zmq.LAST_ENDPOINT))
            # ZeroMQ removes a closed socket's file at some later time, so each new socket has a file of its own.
            own = unixpath.check(f"{path}-{self._generation}")
            _unlink(own)  # left by a node that was killed
            self._socket.bind(f"ipc://{own}")
            _unlink(path)
            os.symlink(own, path)
        except zmq.ZMQError as error:
            raise ConfigError(f"the bus cannot listen at {endpoint}: {error}") from None
        return endpoint

    def serve(self, on_frame: Callable[[bytes, bytes], None]) -> None:
        """Call `on_frame(peer, frame)` for each frame, in one greenlet, until `close`."""
        self._on_frame = on_frame
        self._greenlet = gevent.spawn(_receive, self._socket, 2, on_frame, self._broken, self._on_delivered)

    def rekey(self) -> None:
        """Use the new key of the keyring. All connections end; peers must come back with the new key."""
        if self._authenticator is not None and self._keyring.key is not None:
            self._authenticator.set_key(self._keyring.key)
        _close(self._socket, self._greenlet)
        if _opened(self._open, self._broken) and self._on_frame is not None:
            self.serve(self._on_frame)

    def send(self, peer: bytes, frame: bytes) -> bool:
        """False if the peer is gone or does not read."""
        return _send(self._socket, [peer, frame], self._broken)

    def close(self) -> None:
        _close(self._socket, self._greenlet)
        if self._authenticator is not None:
            self._authenticator.close()

    def _broken(self, error: GlutenError) -> None:
        self.on_broken(error)


class Dealer:
    """A slave's end. `address` is `tcp://HOST:PORT` (the master's front door) or `ipc://PATH`, or several of them.

    The master need not be there yet. Of several masters one is active; the others complete no handshake, so nothing is
    sent to them. It uses the keyring's key, if there is one. Raises `ConfigError`.
    """

    def __init__(
        self, context: zmq.green.Context[Any], address: str | Sequence[str], keyring: Keyring | None = None
    ) -> None:
        self._addresses = [address] if isinstance(address, str) else list(address)
        self._context, self._keyring = context, keyring or Keyring(None)
        self._on_frame: Callable[[bytes], None] | None = None
        self.on_broken: OnBroken = log_failure
        self._greenlet: Greenlet[..., None] | None = None
        self._open()

    def _open(self) -> None:
        self._socket = _socket(self._context, zmq.DEALER, MAX, self._keyring)
        self._socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, DEALER_SILENT_MS)
        self._socket.setsockopt(zmq.CONNECT_TIMEOUT, CONNECT_MS)
        self._socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MS)
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MS)
        # Without a connection, sending fails at once. An old heartbeat is useless, and the slave keeps its deltas.
        self._socket.setsockopt(zmq.IMMEDIATE, 1)
        if self._keyring.key is not None:
            secure_client(self._socket, self._keyring.key)
        for address in self._addresses:
            self._connect(address)

    def _connect(self, address: str) -> None:
        try:
            self._socket.connect(address)
        except zmq.ZMQError as error:
            self._socket.close(linger=0)
            raise ConfigError(f"the master's address {address} cannot be used: {error}") from None

    def serve(self, on_frame: Callable[[bytes], None]) -> None:
        """Call `on_frame(frame)` for each frame, in one greenlet, until `close`."""
        self._on_frame = on_frame
        self._greenlet = gevent.spawn(_receive, self._socket, 1, on_frame, self._broken)

    def rekey(self) -> None:
        """Connect again, with the keyring's new key. Do not call it from `on_frame`. After `close` it does nothing."""
        if self._socket.closed:
            return
        _close(self._socket, self._greenlet)
        if _opened(self._open, self._broken) and self._on_frame is not None:
            self.serve(self._on_frame)

    def send(self, frame: bytes) -> bool:
        """False if the master is not connected or does not read."""
        return _send(self._socket, [frame], self._broken)

    def close(self) -> None:
        _close(self._socket, self._greenlet)

    def _broken(self, error: GlutenError) -> None:
        self.on_broken(error)


class DealerFactory:
    """Makes dealers to the master. It has its addresses and the keyring for everyone who needs a connection."""

    def __init__(
        self, context: zmq.green.Context[Any], address: str | Sequence[str], keyring: Keyring | None = None
    ) -> None:
        self._arguments = (context, address, keyring)
        self.on_broken: OnBroken = log_failure
        self._dealers: WeakSet[Dealer] = WeakSet()

    def dealer(self) -> Dealer:
        """A new connection. Raises `ConfigError`."""
        made = Dealer(*self._arguments)
        made.on_broken = self._broken
        self._dealers.add(made)
        return made

    def rekey(self) -> None:
        """Connect all dealers again, with the new key of the keyring."""
        for dealer in list(self._dealers):
            dealer.rekey()

    def _broken(self, error: GlutenError) -> None:
        self.on_broken(error)


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def tcp_address(host: str, port: int) -> str:
    """The address of HOST and PORT, as `Dealer` takes it."""
    return f"tcp://{bracketed(host)}:{port}"


def _socket(context: zmq.green.Context[Any], kind: int, most: int, keyring: Keyring) -> Any:
    sock = context.socket(kind)
    # How long green zmq waits for gevent's wake-up before it looks itself (default 11.6 s). Set for this object only.
    # It is longer than the time between two heartbeats, so that a healthy connection never needs it.
    sock._gevent_bug_timeout = _GREEN_RECHECK
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


def _opened(open_: Callable[[], None], on_broken: OnBroken) -> bool:
    try:
        open_()
    except (ConfigError, zmq.ZMQError) as error:
        on_broken(error if isinstance(error, ConfigError) else failure(error))
        return False
    return True


def _send(sock: Any, parts: list[bytes], on_broken: OnBroken) -> bool:
    try:
        sock.send_multipart(parts, zmq.NOBLOCK)
    except zmq.ZMQError as error:
        # EAGAIN: the queue is full, or (IMMEDIATE) nobody is connected; EHOSTUNREACH: the peer is gone.
        if error.errno not in (zmq.EAGAIN, zmq.EHOSTUNREACH, zmq.ENOTSOCK, zmq.ETERM):
            on_broken(failure(error))
        return False
    return True


def _receive(
    sock: Any,
    parts: int,
    on_frame: Callable[..., None],
    on_broken: OnBroken,
    on_delivered: Callable[[bytes, int], None] | None = None,
) -> None:
    try:
        _receive_all(sock, parts, on_frame, on_delivered)
    except zmq.ZMQError as error:
        if not sock.closed and error.errno not in (zmq.ENOTSOCK, zmq.ETERM):
            on_broken(failure(error))


def _receive_all(
    sock: Any, parts: int, on_frame: Callable[..., None], on_delivered: Callable[[bytes, int], None] | None
) -> None:
    turn = 0
    while True:
        frames = sock.recv_multipart(copy=on_delivered is None)
        message = frames
        if on_delivered is not None:
            message = [frame.bytes for frame in frames]
            on_delivered(message[0], frames[-1].get(zmq.SRCFD))
        if len(message) == parts:
            _handle(on_frame, message)
        turn = (turn + 1) % _YIELD_EVERY
        if not turn:
            give_way()  # green zmq does not switch while messages are there; sockets must be looked at, too


def _handle(on_frame: Callable[..., None], message: list[bytes]) -> None:
    try:
        on_frame(*message)
    except Exception:
        log.exception("a message on the bus could not be handled")


def _close(sock: Any, greenlet: Greenlet[..., None] | None) -> None:
    if greenlet is not None and greenlet is not gevent.getcurrent():
        greenlet.kill()
    sock.close(linger=0)
