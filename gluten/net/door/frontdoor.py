"""One port for three protocols: HTTP, gRPC and the bus, told apart by a connection's first bytes.

`PRI ` opens HTTP/2, which here is gRPC alone; 0xFF opens ZMTP, the bus; 0x16 is TLS; all else is
HTTP/1. The bytes are only looked at (MSG_PEEK): whoever serves the connection reads all of it. HTTP
is served in this process by pywsgi; gRPC and the bus listen on unix sockets that connections are
spliced to, under a name that tells the peer's address (`peername`).

With a certificate, TLS is ended here, and ALPN tells HTTP from gRPC. Then both are served without TLS to
this host's own commands alone (gRPC), or not at all (HTTP, which is told where to go). The bus is
encrypted by itself (CURVE) and goes past TLS.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent import pywsgi, socket, ssl
from gevent.pool import Pool

from gluten.net import unixpath
from gluten.net.bus.flow_control import FlowControls
from gluten.net.bus.messages import MAX
from gluten.net.bus.zmtp import Watch
from gluten.net.door.connection_limits import ConnectionLimits, TooManyConnections, Waiting
from gluten.net.door.http1 import Handler, Metered
from gluten.net.door.listening import listen
from gluten.net.door.peername import name_of, plain
from gluten.net.door.splice import End, connect, splice
from gluten.net.door.tls import Ending, insisting

log = logging.getLogger(__name__)

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

CONNECTIONS = 20_000
PENDING, PENDING_EACH = 4_000, 1_000
"""Connections that have not yet said what they are, in all and from one address; beyond, the oldest gives way."""
HTTP, HTTP_EACH = 4_000, 500
"""Connections of HTTP, which need no key to be there; the rest of the room is the bus's and gRPC's."""
QUIET, QUIET_EACH = 2_000, 250
"""Of these, the ones from which a request, or the rest of one, is waited for; beyond, the oldest gives way. So who only
holds connections leaves the others room, from however many addresses."""
GRPC, GRPC_EACH = 2_000, 200
"""The same for gRPC, of which each takes three descriptors: the peer's, and both ends of the way to grpc."""
HANDSHAKE = 5.0
PATIENCE = 3.0
IDLE = 60.0
HTTP2 = b"PRI "
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Routes:
    """Paths of the unix sockets behind the door; None where that protocol is not served. A `locked` bus has a key;
    its ROUTER tells the `windows` what it was given."""

    grpc: str | None = None
    bus: str | None = None
    locked: bool = False
    windows: FlowControls = field(default_factory=FlowControls)

    def __post_init__(self) -> None:
        for path in (self.grpc, self.bus):
            if path is not None:
                unixpath.check(path)


def protocol(first: bytes) -> str:
    """`grpc`, `bus`, `tls` or `http`; empty where more bytes are needed (`P` may be POST, PUT or PRI)."""
    if not first or (len(first) < len(HTTP2) and HTTP2.startswith(first)):
        return ""
    if first.startswith(HTTP2):
        return "grpc"
    return {0xFF: "bus", 0x16: "tls"}.get(first[0], "http")


class FrontDoor:
    """A listening port. `option` is what a person changes when the port cannot be had.

    Beyond `connections` at once, new ones are closed. Made, started and stopped in the hub's thread.
    """

    def __init__(
        self,
        listen: tuple[str, int],
        app: App,
        routes: Routes,
        option: str = "--web-port",
        connections: int = CONNECTIONS,
        handshake: float = HANDSHAKE,
        idle: float = IDLE,
        tls: ssl.SSLContext | None = None,
        each: int = HTTP_EACH,
        calling: int = GRPC_EACH,
    ) -> None:
        self._listen = listen
        self._app = app
        self._routes = routes
        self._option = option
        self._limits = (connections, handshake, idle, tls, each, calling)
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; the one asked for (0: any) before `start`."""
        return int(self._server.address[1]) if self._server else self._listen[1]

    @property
    def open(self) -> int:
        """Connections now."""
        return len(self._server.connections) if self._server else 0

    @property
    def quiet(self) -> int:
        """Those of HTTP from which a request, or the rest of one, is waited for."""
        return len(self._server.quiet) if self._server else 0

    def start(self) -> None:
        """Listen and serve. Raises `ConfigError`."""
        sock = listen(self._listen, self._option)
        self._server = _Server(sock, self._app, self._routes, *self._limits)
        self._server.start()

    def stop(self, grace: float = 1.0) -> None:
        """Stop listening, let connections end within `grace` seconds, end the rest."""
        if self._server is not None:
            self._server.stop(grace)
            self._server = None


class _Server(pywsgi.WSGIServer):
    """pywsgi with a look at each connection before it is served."""

    handler_class = Handler

    def __init__(
        self,
        sock: socket.socket,
        app: App,
        routes: Routes,
        most: int,
        handshake: float,
        idle: float,
        tls: ssl.SSLContext | None,
        each: int,
        calling: int,
    ) -> None:
        # SERVER_NAME set here keeps pywsgi from asking a name server that may not be there.
        name = {"SERVER_NAME": str(sock.getsockname()[0])}
        self.connections = Pool()
        served = insisting(app) if tls else app
        super().__init__(sock, served, spawn=self.connections, log=None, error_log=log, environ=name)
        self._most = most
        self._handshake = handshake
        self._idle = idle
        self._tls = tls
        self._pending = Waiting(PENDING, PENDING_EACH, _end)
        self.quiet = Waiting(QUIET, QUIET_EACH, _give_way)
        self._http = ConnectionLimits("connections of HTTP", HTTP, each)
        self._grpc = ConnectionLimits("connections of gRPC", GRPC, calling)
        self._silent: dict[str, float] = {}
        self._ways: dict[str, Callable[[socket.socket, Any], None]] = {
            "http": self._serve_http,
            "grpc": lambda sock, address: self._carry_grpc(sock, routes.grpc, address),
            "bus": lambda sock, address: self._carry_bus(sock, routes, address),
        }

    def handle(self, sock: socket.socket, address: Any) -> None:
        """One connection, in its own greenlet; the server closes the socket afterwards."""
        if len(self.connections) > self._most:
            self._warn("%d connections are open, which is the limit: more are turned away", self._most)
            return
        address = (plain(str(address[0])), *address[1:])
        try:
            _prepare(sock)
            self._serve(sock, address)
        except TooManyConnections as error:
            self._warn("connections are turned away: %s", str(error))
        except OSError as error:
            log.debug("a connection from %s failed: %s", address, error)
        except Exception:
            log.exception("a connection from %s failed", address)

    def _serve(self, sock: socket.socket, address: Any) -> None:
        with self._pending.seat(address[0], sock), self._deadline():
            kind = self._look(sock)
            secured = self._secured(sock) if kind == "tls" and self._tls is not None else None
        if secured is None:
            if way := self._ways.get(kind):
                way(sock, address)
            return
        try:
            self._ways["grpc" if secured.selected_alpn_protocol() == "h2" else "http"](secured, address)
        finally:
            secured.close()

    def _deadline(self) -> gevent.Timeout:
        return gevent.Timeout(self._handshake, TimeoutError("said nothing that tells its protocol"))

    def _secured(self, sock: socket.socket) -> ssl.SSLSocket:
        assert self._tls is not None
        return self._tls.wrap_socket(sock, server_side=True)

    def _warn(self, text: str, *values: Any) -> None:
        """Log it, but each text at most every ten seconds: a flood must not flood the log."""
        now = time.monotonic()
        if now >= self._silent.get(text, 0.0):
            self._silent[text] = now + 10.0
            log.warning(text, *values)

    def _look(self, sock: socket.socket) -> str:
        """The protocol, empty when the peer left."""
        while first := sock.recv(len(HTTP2), socket.MSG_PEEK):
            kind = protocol(first)
            if kind:
                return kind
            # Readiness is level-triggered: what was peeked at would wake us again at once.
            gevent.sleep(_PAUSE)
        return ""

    def _serve_http(self, sock: socket.socket, address: Any) -> None:
        sock.settimeout(self._idle)  # pywsgi has no timeouts of its own
        with self._http.seat(address[0]):
            super().handle(sock, address)

    def _carry_grpc(self, sock: socket.socket, path: str | None, address: Any) -> None:
        if isinstance(sock, ssl.SSLSocket) or self._tls is None or is_loopback(address[0]):
            end = Ending(sock) if isinstance(sock, ssl.SSLSocket) else sock
            with self._grpc.seat(address[0]):
                self._carry(end, path, name_of(address))
        else:
            self._warn("a gRPC connection from %s was closed: it came without TLS", address[0])

    def _carry_bus(self, sock: socket.socket, routes: Routes, address: Any) -> None:
        watch, name = Watch(MAX, routes.locked), name_of(address)
        with routes.windows.opened(name if routes.locked else None) as window:
            self._carry(sock, routes.bus, name, lambda data: watch(data) and window.pass_on(len(data)))
        if trouble := watch.trouble or window.trouble:
            self._warn("a bus connection was closed that sent %s", trouble)

    def _carry(
        self, sock: End, path: str | None, name: bytes | None, watch: Callable[[bytes], bool] | None = None
    ) -> None:
        """Called `name` where it goes."""
        if path is None:
            return
        try:
            back = connect(path, PATIENCE, name)
        except OSError as error:
            self._warn("a connection was closed, nobody listens at %s: %s", path, error)
            return
        try:
            splice(sock, back, watch)
        finally:
            back.close()


def _give_way(guest: tuple[socket.socket, Metered]) -> None:
    sock, file = guest
    file.end()
    _end(sock)


def _end(sock: socket.socket) -> None:
    """Its greenlet sees the end of what was sent."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's: it forgets the TLS state on the way


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _prepare(sock: socket.socket) -> None:
    """Small messages at once; a peer that vanished is noticed within about a minute."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):  # macOS has other names for some
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60_000)
