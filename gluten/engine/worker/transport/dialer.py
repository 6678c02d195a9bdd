"""Opens connections by geventhttpclient's pools: TCP and TLS. A pool's socket is then used raw."""

from __future__ import annotations

import _socket
import errno
import os
import socket
import ssl
from itertools import cycle
from typing import TYPE_CHECKING, Any

import gevent
import gevent.ssl

from gluten.engine.certificates import furnish, relax
from gluten.engine.fault import Fault, of_open
from gluten.engine.worker.transport.submodules import submodules
from gluten.errors import TaskError
from gluten.task.address import server_name
from gluten.task.policy import OPEN, REFUSED, Policy
from gluten.task.task import Task

if TYPE_CHECKING:
    from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
else:
    # The package itself imports its sessions, cookies and urllib.request: 14 ms of each start.
    (_pools,) = submodules("geventhttpclient", "connectionpool")
    ConnectionPool, SSLConnectionPool = _pools.ConnectionPool, _pools.SSLConnectionPool

_SILENT = "no TLS connection within the deadline: the target is slow, or does not speak https on this port"


class Dialer:
    """Opens connections to the task's target, spread over its resolved addresses in turn."""

    def __init__(self, task: Task, addresses: list[str], policy: Policy = OPEN) -> None:
        """Raises `Fault` (tls, refused): no socket is made for an address that the policy does not allow."""
        self._timeout = task.timeout
        context = tls_context(task) if task.target.scheme == "https" else None
        self._tls = context is not None
        places = [_place(task, address, policy) for address in addresses]
        self._pools = cycle([_pool(task, place, context) for place in places])
        self._plain = cycle([(place[0], place[4]) for place in places])

    def open(self) -> Any:
        """A connected, non-blocking gevent socket (TLS done). Raises `Fault` (dns, connect, tls, timeout)."""
        try:
            with gevent.Timeout(self._timeout, TimeoutError("connect")):
                sock = next(self._pools).get_socket()
        except (OSError, RuntimeError) as error:
            if self._tls and isinstance(error, TimeoutError):
                raise Fault("timeout", _SILENT) from None
            raise of_open(error) from None
        return sock

    def start(self) -> _socket.socket:
        """A plain, non-blocking socket that connects or is connected: for connections that carry one request each,
        where a pool would cost more than the request. Raises `Fault` (connect)."""
        family, address = next(self._plain)
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


Place = tuple[Any, Any, int, str, Any]
"""What `getaddrinfo` says of an address."""


def _place(task: Task, address: str, policy: Policy) -> Place:
    """An address that needs no resolver, as the kernel is given it. Raises `Fault` (refused)."""
    found = socket.getaddrinfo(address, task.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
    if why := policy.connecting(task, str(found[4][0])):
        raise Fault(REFUSED, why)
    return found


class _Unbounded:
    """Stands in for a pool's semaphore and queue: connections are counted by the plan, not by the pool."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        return None


def _pool(task: Task, place: Place, context: gevent.ssl.SSLContext | None) -> ConnectionPool:
    host, address = task.target.hostname or "", str(place[4][0])
    options: dict[str, Any] = {"size": 1, "connection_timeout": task.timeout, "network_timeout": task.timeout}
    if context is None:
        pool = ConnectionPool(address, task.port, host, task.port, **options)
    else:
        pool = SSLConnectionPool(
            address, task.port, host, task.port, insecure=task.insecure,
            ssl_context_factory=lambda cafile=None: context,
            ssl_options={"server_hostname": server_name(host)}, **options,
        )  # fmt: skip
        # The pool turns verification back on when it is handed a context: ours is complete.
        relax(context, task)
    pool._semaphore = _Unbounded()  # type: ignore[assignment]  # all of a semaphore that a pool uses
    # An address needs no resolver, whose threads cost more than the connection.
    pool._resolve = lambda: [place]  # type: ignore[method-assign]
    return pool


def tls_context(task: Task) -> gevent.ssl.SSLContext:
    """A gevent TLS context for the task. Raises `Fault` (tls) when the certificates cannot be used."""
    # Not gevent.ssl.create_default_context: that is the standard library's, whose sockets block the whole hub.
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        furnish(context, task)
    except TaskError as error:
        raise Fault("tls", str(error)) from None
    return context
