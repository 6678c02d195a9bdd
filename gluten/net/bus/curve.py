"""The bus's lock: CURVE (RFC 26/CurveZMQ) with key pairs that follow from the cluster's key, checked by ZAP (RFC 27).

A peer that does not know the server's public key, which is nowhere told, cannot even begin the handshake; one that does
has to have the client's pair too. Everything after the handshake is encrypted.
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
from gluten.net.keys.keys import ClusterKey, End

log = logging.getLogger(__name__)

MECHANISM = "CURVE"
OVERHEAD = 33
"""Bytes that a message's frame grows by: its name (8), a short nonce (8), the box's authenticator (16), flags (1)."""
_DOMAIN = "gluten"
_HANDLER = "inproc://zeromq.zap.01"
_ENDED = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH


def lock_server(sock: Any, key: ClusterKey) -> None:
    """Before it binds. A `Gatekeeper` has to be there."""
    sock.setsockopt(zmq.CURVE_SERVER, 1)
    sock.setsockopt(zmq.CURVE_SECRETKEY, _pair(key, "server")[1])
    sock.setsockopt_string(zmq.ZAP_DOMAIN, _DOMAIN)
    sock.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # without a gatekeeper nobody comes in


def lock_client(sock: Any, key: ClusterKey) -> None:
    """Before it connects."""
    public, secret = _pair(key, "client")
    sock.setsockopt(zmq.CURVE_SERVERKEY, _pair(key, "server")[0])
    sock.setsockopt(zmq.CURVE_PUBLICKEY, public)
    sock.setsockopt(zmq.CURVE_SECRETKEY, secret)


def _pair(key: ClusterKey, end: End) -> tuple[bytes, bytes]:
    """The public and the secret key of one end, in Z85 (RFC 32)."""
    secret = z85.encode(key.curve_secret(end))
    return zmq.curve_public(secret), secret


class Gatekeeper:
    """Answers ZeroMQ's question who may come in: the client whose pair follows from `key`. One for each context."""

    def __init__(self, context: zmq.green.Context[Any], key: ClusterKey) -> None:
        self.renew(key)
        self._socket = context.socket(zmq.REP)
        self._socket.setsockopt(zmq.LINGER, 0)
        try:
            self._socket.bind(_HANDLER)
        except zmq.ZMQError as error:
            self._socket.close()
            raise ConfigError(f"the bus's gatekeeper cannot be bound: {error}") from None
        self._greenlet: Greenlet[..., None] = gevent.spawn(self._serve)

    def renew(self, key: ClusterKey) -> None:
        """From now on this key's client alone."""
        self._allowed = z85.decode(_pair(key, "client")[0])

    def _serve(self) -> None:
        while True:
            try:
                # version, request id, domain, address, identity, mechanism, the client's public key
                version, request, *asked = self._socket.recv_multipart()
                welcome = asked[3:4] == [MECHANISM.encode()] and asked[4:] == [self._allowed]
                code, text = (b"200", b"OK") if welcome else (b"400", b"not this cluster's key")
                self._socket.send_multipart([version, request, code, text, b"", b""])
            except zmq.ZMQError:
                if self._socket.closed:
                    return
                raise

    def close(self) -> None:
        self._greenlet.kill()
        self._socket.close(linger=0)


def fits(context: zmq.green.Context[Any], address: str, key: ClusterKey | None, seconds: float) -> bool | None:
    """Whether the master at `address` lets this key (None: no key) in; None where nothing is heard for `seconds`."""
    sock = context.socket(zmq.DEALER)
    try:
        sock.setsockopt(zmq.LINGER, 0)
        sock.setsockopt(zmq.IPV6, 1)
        if key is not None:
            lock_client(sock, key)
        monitor = sock.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | _ENDED)
        sock.connect(address)
        event = None
        with gevent.Timeout(seconds, False):  # type: ignore[arg-type]
            event = parse_monitor_message(monitor.recv_multipart())["event"]
        return None if event is None else bool(event == zmq.EVENT_HANDSHAKE_SUCCEEDED)
    finally:
        sock.disable_monitor()
        sock.close(linger=0)
