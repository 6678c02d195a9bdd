"""A connection that waits: for one request at a time, without a hub. Its responses are framed as the load's are."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from gluten.engine.fault import Fault, broken, is_of_tls, of_open, of_write, unanswered
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.full_response import read_response
from gluten.engine.worker.http1.response import Responses
from gluten.task.address import server_name
from gluten.task.http2_rules import ALPN
from gluten.task.task import Task

_READ = 1 << 16
_SOON = 1e-3
"""The shortest timeout of a socket, in seconds. With 0 it would not block, and raise BlockingIOError at once."""


class Connection:
    """To one host, whose URL `task` has. It is opened again where the target has closed it."""

    def __init__(self, task: Task, addresses: list[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._task, self._addresses, self._clock = task, addresses, clock
        self._sock: Any = None

    def open(self) -> None:
        """Open it, unless it is open. Raises `Fault` (connect, tls, timeout)."""
        if self._sock is not None and not _is_ended(self._sock):
            return
        self.close()
        try:
            self._sock = self._dialled()
        except OSError as error:
            raise of_open(error) from None

    def ask(self, request: bytes, responses: Responses, seconds: float) -> tuple[Framing, bytes]:
        """Send the request, and read the final response within so many seconds. Returns its framing and all bytes that
        came. Raises `Fault`, and is closed then."""
        deadline, pieces = self._clock() + seconds, list[bytes]()

        def more() -> bytes:
            pieces.append(self._received(deadline, seconds, first=not pieces))
            return pieces[-1]

        try:
            self._send(request, deadline)
            framing, _ = read_response(responses, more(), more)
        except Fault:
            self.close()
            raise
        if responses.closing or not framing.keepalive:
            self.close()
        return framing, b"".join(pieces)

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _dialled(self) -> Any:
        sock = socket.create_connection((self._addresses[0], self._task.port), self._task.timeout)
        if self._task.target.scheme != "https":
            return sock
        try:
            return _tls(self._task, sock)
        except BaseException:
            sock.close()
            raise

    def _send(self, request: bytes, deadline: float) -> None:
        try:
            self._sock.settimeout(self._left(deadline))
            self._sock.sendall(request)
        except TimeoutError:
            raise Fault("timeout", "the request could not be written within the deadline") from None
        except OSError as error:
            raise of_write(error) from None

    def _received(self, deadline: float, seconds: float, first: bool) -> bytes:
        what: object = None
        try:
            self._sock.settimeout(self._left(deadline))
            data: bytes = self._sock.recv(_READ)
        except TimeoutError:
            raise Fault("timeout", f"no whole response within {seconds:g} s") from None
        except OSError as error:
            data, what = b"", error
        if not data and (first or what is not None):
            raise unanswered(what, first=True) if first else broken(what, "in the middle of a response")
        return data

    def _left(self, deadline: float) -> float:
        return max(_SOON, deadline - self._clock())


def _tls(task: Task, sock: socket.socket) -> Any:
    import ssl  # here, because a plain target needs no TLS

    from gluten.engine.certificates import furnish

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    furnish(context, task)
    if task.http2:
        context.set_alpn_protocols([ALPN])
    return context.wrap_socket(sock, server_hostname=server_name(task.target.hostname or ""))


def _is_ended(sock: Any) -> bool:
    """Whether an idle connection is of no more use: the target has closed it, or has sent something unasked."""
    sock.settimeout(0)
    try:
        sock.recv(1)
    except OSError as error:
        return not is_nothing(error)
    return True


def is_nothing(error: OSError) -> bool:
    """Whether the error says that there is nothing to read yet. OpenSSL has its own error for this."""
    return isinstance(error, BlockingIOError) or (is_of_tls(error) and type(error).__name__ == "SSLWantReadError")
