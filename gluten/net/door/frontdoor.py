"""One port for three protocols: HTTP, gRPC and the bus. The first bytes of a connection show which one it is.

`PRI ` starts HTTP/2, which is only used by gRPC here. 0xFF starts ZMTP, the bus. 0x16 starts TLS. All else is HTTP/1.
The door only peeks at these bytes (MSG_PEEK); the server behind it reads the whole stream. pywsgi serves HTTP in this
process. gRPC and the bus listen on unix sockets. The door splices connections to them, under a name that holds the
peer's address (`peername`).

With a certificate, TLS ends here, and ALPN tells HTTP from gRPC. Then gRPC without TLS is served only to this host's
own commands, and HTTP without TLS is redirected or refused. The bus uses its own encryption (CURVE) instead of TLS.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent import pywsgi, socket, ssl
from gevent.pool import Pool

from gluten.net import unixpath
from gluten.net.bus.flow_control import FlowControls
from gluten.net.bus.messages import MAX
from gluten.net.bus.zmtp import ZmtpChecker
from gluten.net.door.complaints import Complaints
from gluten.net.door.connection_limits import ConnectionLimits, DoorLimits, EvictingLimits, TooManyConnections
from gluten.net.door.http1 import Handler, shut_down
from gluten.net.door.listening import listen
from gluten.net.door.peername import name_of, plain
from gluten.net.door.proven import ProvenPeers
from gluten.net.door.splice import Stream, connect, splice
from gluten.net.door.tls import KnownHost, TlsStream, no_host, require_tls

log = logging.getLogger(__name__)

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

HTTP2 = b"PRI "
_CONNECT_TIMEOUT = 3.0
_PEEK_PAUSE = 0.02
_ACCEPT_PAUSE = 0.2
"""Seconds without new connections after there was no descriptor for one."""
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


@dataclass(frozen=True, slots=True)
class Routes:
    """Paths of the unix sockets behind the door, None for a protocol that is not served.

    `has_key`: peers of the bus need the cluster's key. `flow_controls` is told by the bus's ROUTER what it received.
    `proven` is told by gRPC's service which clients have shown the key.
    """

    grpc: str | None = None
    bus: str | None = None
    has_key: bool = False
    flow_controls: FlowControls = field(default_factory=FlowControls)
    proven: ProvenPeers = field(default_factory=ProvenPeers)

    def __post_init__(self) -> None:
        for path in (self.grpc, self.bus):
            if path is not None:
                unixpath.check(path)


def protocol(first: bytes) -> str:
    """`grpc`, `bus`, `tls` or `http`. Empty if more bytes are needed (`P` may be POST, PUT or PRI)."""
    if not first or (len(first) < len(HTTP2) and HTTP2.startswith(first)):
        return ""
    if first.startswith(HTTP2):
        return "grpc"
    return {0xFF: "bus", 0x16: "tls"}.get(first[0], "http")


class FrontDoor:
    """A listening port. `option` is the option that sets it, for error messages. `limits` closes new connections.

    With `tls`, only a request for a host that `is_known_host` is redirected to it.

    Make, start and stop it in the hub's thread.
    """

    def __init__(
        self,
        address: tuple[str, int],
        app: App,
        routes: Routes,
        option: str = "--web-port",
        limits: DoorLimits | None = None,
        tls: ssl.SSLContext | None = None,
        is_known_host: KnownHost = no_host,
    ) -> None:
        self._address, self._option = address, option
        self._is_known_host = is_known_host
        self._app, self._routes = app, routes
        self._limits, self._tls = limits or DoorLimits(), tls
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on. Before `start`: the port that was asked for (0: any)."""
        return int(self._server.address[1]) if self._server else self._address[1]

    @property
    def open_connections(self) -> int:
        return len(self._server.connections) if self._server else 0

    @property
    def idle_http(self) -> int:
        """HTTP connections that wait for their client, and streams."""
        return len(self._server.idle_http) if self._server else 0

    def start(self) -> None:
        """Listen and serve. Raises `ConfigError`."""
        sock = listen(self._address, self._option)
        app = require_tls(self._app, self._is_known_host) if self._tls else self._app
        self._server = _Server(sock, app, self._routes, self._limits, self._tls)
        self._server.start()

    def stop(self, grace: float = 1.0) -> None:
        """Stop listening. Let connections end within `grace` seconds, then close the rest."""
        if self._server is not None:
            self._server.stop(grace)
            self._server = None


class _Server(pywsgi.WSGIServer):
    """pywsgi that looks at the first bytes of each connection before it serves it."""

    handler_class = Handler
    max_accept = 16
    """New connections of one round. Those that give way to them are closed after it."""

    def __init__(
        self, sock: socket.socket, app: App, routes: Routes, limits: DoorLimits, tls: ssl.SSLContext | None
    ) -> None:
        # With SERVER_NAME set here, pywsgi does not ask a name server, which may not be there.
        environ = {"SERVER_NAME": str(sock.getsockname()[0])}
        self.connections = Pool()
        super().__init__(sock, app, spawn=self.connections, log=None, error_log=log, environ=environ)
        self._limits, self._tls = limits, tls
        self._pending = EvictingLimits(limits.pending, limits.pending_each, shut_down)
        self.idle_http: EvictingLimits[Callable[[], object]] = EvictingLimits(
            limits.idle_http, limits.idle_http_each, lambda end: end()
        )
        self._http = ConnectionLimits("connections of HTTP", limits.http, limits.http_each)
        self._grpc = ConnectionLimits("connections of gRPC", limits.grpc, limits.grpc_each)
        self._bus = ConnectionLimits("connections of the bus", limits.bus, limits.bus_each)
        self._unproven_grpc = EvictingLimits(limits.grpc // 2, limits.grpc_each // 2, shut_down)
        self._unproven_bus = EvictingLimits(limits.bus // 2, limits.bus_each // 2, shut_down)
        self.complaints = Complaints(log)
        self._servers: dict[str, Callable[[socket.socket, Any], None]] = {
            "http": self._serve_http,
            "grpc": lambda sock, address: self._serve_grpc(sock, routes, address),
            "bus": lambda sock, address: self._serve_bus(sock, routes, address),
        }

    def do_read(self) -> Any:
        """Accept a connection. If there is no descriptor for it, pause; pywsgi would write a traceback."""
        try:
            return super().do_read()
        except OSError as error:
            if error.errno not in _NO_DESCRIPTOR:
                raise
            reason = "no connection is accepted for a while: %s: allow this node more open files (ulimit -n)"
            self.complaints.warn(reason, error.strerror)
            self.stop_accepting()
            gevent.spawn_later(_ACCEPT_PAUSE, self._accept_again)
            return None

    def _accept_again(self) -> None:
        if self.started:
            self.start_accepting()

    def handle(self, sock: socket.socket, address: Any) -> None:
        """Serve one connection, in its own greenlet. pywsgi closes the socket afterwards."""
        if len(self.connections) > self._limits.connections:
            most = self._limits.connections
            self.complaints.warn("%d connections are open, which is the limit: new ones are closed", most)
            return
        address = (plain(str(address[0])), *address[1:])
        try:
            _set_options(sock)
            self._serve(sock, address)
        except TooManyConnections as error:
            self.complaints.warn("connections are refused: %s", str(error))
        except OSError as error:
            log.debug("a connection from %s failed: %s", address, error)
        except Exception:
            log.exception("a connection from %s failed", address)

    def _serve(self, sock: socket.socket, address: Any) -> None:
        with self._pending.admit(address[0], sock), self._deadline():
            kind = self._peek_protocol(sock)
            secured = self._wrap(sock) if kind == "tls" and self._tls is not None else None
        if secured is None:
            if serve := self._servers.get(kind):
                serve(sock, address)
            return
        try:
            self._servers["grpc" if secured.selected_alpn_protocol() == "h2" else "http"](secured, address)
        finally:
            secured.close()

    def _deadline(self) -> gevent.Timeout:
        return gevent.Timeout(self._limits.handshake_timeout, TimeoutError("it did not show its protocol in time"))

    def _wrap(self, sock: socket.socket) -> ssl.SSLSocket:
        assert self._tls is not None
        return self._tls.wrap_socket(sock, server_side=True)

    def _peek_protocol(self, sock: socket.socket) -> str:
        """The protocol, or an empty text if the peer has left."""
        while first := sock.recv(len(HTTP2), socket.MSG_PEEK):
            kind = protocol(first)
            if kind:
                return kind
            # Readiness is level-triggered: the bytes that were only peeked at would wake this greenlet at once.
            gevent.sleep(_PEEK_PAUSE)
        return ""

    def _serve_http(self, sock: socket.socket, address: Any) -> None:
        sock.settimeout(self._limits.idle_timeout)  # pywsgi has no timeouts of its own
        with self._http.admit(address[0]):
            super().handle(sock, address)

    def _serve_grpc(self, sock: socket.socket, routes: Routes, address: Any) -> None:
        if isinstance(sock, ssl.SSLSocket) or self._tls is None or is_loopback(address[0]):
            stream = TlsStream(sock) if isinstance(sock, ssl.SSLSocket) else sock
            host, name = address[0], name_of(address)
            with (
                self._grpc.admit(host),
                self._unproven_grpc.admit(host, sock) as keep,
                routes.proven.awaited(name, keep),
            ):
                self._splice_to(routes.grpc, stream, name)
        else:
            self.complaints.warn("a gRPC connection from %s was closed: it came without TLS", address[0])

    def _serve_bus(self, sock: socket.socket, routes: Routes, address: Any) -> None:
        checker, host, name = ZmtpChecker(MAX, routes.has_key), address[0], name_of(address)
        known = name if routes.has_key else None
        with (
            self._bus.admit(host),
            self._unproven_bus.admit(host, sock) as keep,
            routes.flow_controls.opened(known, keep) as flow,
        ):
            self._splice_to(routes.bus, sock, name, lambda data: checker(data) and flow.pass_on(len(data)))
        if error := checker.error or flow.error:
            self.complaints.warn("a bus connection was closed, because it sent %s", error)

    def _splice_to(
        self, path: str | None, stream: Stream, name: bytes | None, inspect: Callable[[bytes], bool] | None = None
    ) -> None:
        """Splice the connection to the unix socket at `path`, under `name`."""
        if path is None:
            return
        try:
            server = connect(path, _CONNECT_TIMEOUT, name)
        except OSError as error:
            self.complaints.warn("a connection was closed, because nothing listens at %s: %s", path, error)
            return
        try:
            splice(stream, server, inspect)
        finally:
            server.close()


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _set_options(sock: socket.socket) -> None:
    """Send small messages at once, and notice within about a minute that a peer has disappeared."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):  # macOS has other names for some
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60_000)
