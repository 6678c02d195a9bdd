"""Opens connections to the target: TCP and TLS. A session then reads and writes the socket raw."""

from __future__ import annotations

import _socket
import errno
import os
import socket
from itertools import cycle
from typing import Any

import gevent
import gevent.socket

from gluten.engine.fault import Fault, of_open
from gluten.task.address import server_name
from gluten.task.http2_rules import ALPN, NOT_SPOKEN
from gluten.task.policy import OPEN, REFUSED, Policy
from gluten.task.task import Task

_SILENT = "no TLS connection within the deadline: the target is slow, or does not speak https on this port"


class Dialer:
    """Opens connections to the task's target, spread over its resolved addresses in turn."""

    def __init__(self, task: Task, addresses: list[str], policy: Policy = OPEN) -> None:
        """Raises `Fault` (tls, refused): no socket is made for an address that the policy does not allow."""
        self._timeout, self.scheme, self._http2 = task.timeout, task.target.scheme, task.http2
        self._tls = _tls_context(task) if task.target.scheme == "https" else None
        self._server_name = server_name(task.target.hostname or "")
        self._places = cycle([_place(task, address, policy) for address in addresses])

    def open(self, seconds: float | None = None) -> Any:
        """A connected, non-blocking gevent socket (TLS done). `seconds`: how long that may take; None: as long as the
        task says. Raises `Fault` (connect, tls, timeout)."""
        try:
            with gevent.Timeout(self._timeout if seconds is None else seconds, TimeoutError("connect")):
                return self._connected(*next(self._places))
        except OSError as error:
            if self._tls and isinstance(error, TimeoutError):
                raise Fault("timeout", _SILENT) from None
            raise of_open(error) from None

    def _connected(self, family: int, address: Any) -> Any:
        sock = gevent.socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.connect(address)
            if self._http2:
                # Several small writes may follow each other: none of them waits for the answer to the one before.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock if self._tls is None else self._secured(sock)
        except BaseException:
            sock.close()
            raise

    def _secured(self, sock: Any) -> Any:
        """The same after the handshake of TLS. Raises OSError and `Fault`."""
        assert self._tls is not None
        secured = self._tls.wrap_socket(sock, server_hostname=self._server_name)
        if self._http2 and secured.selected_alpn_protocol() != ALPN:
            secured.close()
            raise Fault("protocol", NOT_SPOKEN)
        return secured

    def start(self) -> _socket.socket:
        """A plain, non-blocking socket that connects or is connected: for connections that carry one request each,
        where waiting for the connect would cost more than the request. Raises `Fault` (connect)."""
        family, address = next(self._places)
        try:
            sock = _socket.socket(family, _STREAM)
            if not _NONBLOCK:
                sock.setblocking(False)
        except OSError as error:
            raise of_open(error) from None
        error_number = sock.connect_ex(address)
        if error_number not in (0, errno.EINPROGRESS):
            sock.close()
            raise of_open(OSError(error_number, os.strerror(error_number)))
        return sock


# Linux makes a socket non-blocking in the call that makes it. `_socket`'s sockets have no layer of Python.
_NONBLOCK: int = getattr(socket, "SOCK_NONBLOCK", 0)
_STREAM = socket.SOCK_STREAM | _NONBLOCK


def _place(task: Task, address: str, policy: Policy) -> tuple[int, Any]:
    """Family and socket address: what needs no resolver, whose threads cost more than the connection.

    Raises `Fault` (refused).
    """
    # As bytes: for a text Python would load its tables of international names, which takes 2 ms.
    found = socket.getaddrinfo(address.encode(), task.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
    if why := policy.connecting(task, str(found[4][0])):
        raise Fault(REFUSED, why)
    return found[0], found[4]


def _tls_context(task: Task) -> Any:
    from gluten.engine.worker.transport.tls import tls_context  # imports ssl

    return tls_context(task)
