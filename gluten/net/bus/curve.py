"""The security of the bus: CURVE (RFC 26/CurveZMQ), with peers checked by ZAP (RFC 27).

The key pairs are derived from the cluster's key. A slave's key holds what its end needs. The server's public key is
never published. A peer that does not know it cannot begin the handshake; a peer that knows it also needs the client's
pair. All that follows the handshake is encrypted.
"""

from __future__ import annotations

import logging
from typing import Any

import gevent
import zmq
import zmq.green
from gevent.greenlet import Greenlet
from zmq.utils import z85
from zmq.utils.monitor import parse_monitor_message

from gluten.errors import ConfigError
from gluten.net.bus.failure import OnBroken, failure, log_failure
from gluten.net.keys.keys import ClusterKey, End, Key
from gluten.net.keys.slavekey import SlaveKey

log = logging.getLogger(__name__)

MECHANISM = "CURVE"
OVERHEAD = 33
"""Bytes that CURVE adds to a frame: a command name (8), a short nonce (8), the box's authenticator (16), flags (1)."""
_DOMAIN = "gluten"
_HANDLER = "inproc://zeromq.zap.01"
_ENDED = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH


def secure_server(sock: Any, key: Key) -> None:
    """Set CURVE, before `bind`. It needs an `Authenticator`."""
    sock.setsockopt(zmq.CURVE_SERVER, 1)
    sock.setsockopt(zmq.CURVE_SECRETKEY, _pair(key, "server")[1])
    sock.setsockopt_string(zmq.ZAP_DOMAIN, _DOMAIN)
    sock.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # without an authenticator every peer is refused


def secure_client(sock: Any, key: Key) -> None:
    """Set CURVE, before `connect`."""
    public, secret = _pair(key, "client")
    sock.setsockopt(zmq.CURVE_SERVERKEY, _server_public(key))
    sock.setsockopt(zmq.CURVE_PUBLICKEY, public)
    sock.setsockopt(zmq.CURVE_SECRETKEY, secret)


def slave_key(key: ClusterKey | SlaveKey) -> SlaveKey:
    """What a slave needs of the key."""
    return SlaveKey(z85.decode(_server_public(key)), key.curve_secret("client"))


def _server_public(key: Key) -> bytes:
    """The public key of the master's end, in Z85. A slave's key holds it, because it has no secret of that end."""
    return z85.encode(key.server_public) if isinstance(key, SlaveKey) else _pair(key, "server")[0]


def _pair(key: Key, end: End) -> tuple[bytes, bytes]:
    """The public and the secret key of one end, in Z85 (RFC 32)."""
    secret = z85.encode(key.curve_secret(end))
    return zmq.curve_public(secret), secret


class Authenticator:
    """Answers ZeroMQ's requests about peers (ZAP). It allows only the client whose key pair is derived from `key`.

    There is one for each context. Raises `ConfigError`.
    """

    def __init__(self, context: zmq.green.Context[Any], key: Key, on_broken: OnBroken = log_failure) -> None:
        self.set_key(key)
        self._on_broken = on_broken
        self._socket = context.socket(zmq.REP)
        self._socket.setsockopt(zmq.LINGER, 0)
        try:
            self._socket.bind(_HANDLER)
        except zmq.ZMQError as error:
            self._socket.close()
            raise ConfigError(f"the bus's authenticator cannot be bound: {error}") from None
        self._greenlet: Greenlet[..., None] = gevent.spawn(self._serve)

    def set_key(self, key: Key) -> None:
        """From now on, allow only the client of this key."""
        self._allowed = z85.decode(_pair(key, "client")[0])

    def _serve(self) -> None:
        while True:
            try:
                # version, request id, domain, address, identity, mechanism, the client's public key
                version, request, *details = self._socket.recv_multipart()
                allowed = details[3:4] == [MECHANISM.encode()] and details[4:] == [self._allowed]
                code, text = (b"200", b"OK") if allowed else (b"400", b"not this cluster's key")
                self._socket.send_multipart([version, request, code, text, b"", b""])
            except zmq.ZMQError as error:
                if not self._socket.closed and error.errno != zmq.ETERM:
                    self._on_broken(failure(error))
                return

    def close(self) -> None:
        self._greenlet.kill()
        self._socket.close(linger=0)


def accepts_key(context: zmq.green.Context[Any], address: str, key: Key | None, seconds: float) -> bool | None:
    """Whether the master at `address` accepts `key` (None: no key). None if it does not answer within `seconds`,
    or this host cannot ask."""
    try:
        sock = context.socket(zmq.DEALER)
    except zmq.ZMQError:  # as without file descriptors
        return None
    try:
        sock.setsockopt(zmq.LINGER, 0)
        sock.setsockopt(zmq.IPV6, 1)
        if key is not None:
            secure_client(sock, key)
        monitor = sock.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | _ENDED)
        sock.connect(address)
        event = None
        with gevent.Timeout(seconds, False):  # type: ignore[arg-type]
            event = parse_monitor_message(monitor.recv_multipart())["event"]
        return None if event is None else bool(event == zmq.EVENT_HANDSHAKE_SUCCEEDED)
    except zmq.ZMQError:
        return None
    finally:
        sock.disable_monitor()
        sock.close(linger=0)
