"""pywsgi's HTTP handler with bounds on what a client may send, and quiet logs."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent import pywsgi, ssl

log = logging.getLogger(__name__)

MAX_HEADER = 64 << 10
MAX_BODY = 8 << 20
"""Bytes of a body that are read at all, so that nobody fills the memory; applications set less."""
HEADER_DEADLINE = 20.0
"""Seconds for a whole header, from the first byte of its first line on."""
BODY_DEADLINE = 30.0
"""Seconds for a whole body: who drips must not hold on to a greenlet and its memory."""


class TooLarge(OSError):
    """A header or body beyond its bound."""


class TooSlow(TimeoutError):
    """A body that did not come in time."""


class Metered:
    """A file that gives at most the bytes that were allowed, then counts as closed."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = 0
        self._until = math.inf
        self._spent = False

    def allow(self, size: int, until: float = math.inf) -> None:
        """So many bytes, until that instant (monotonic)."""
        self._left = size
        self._until = until

    @property
    def closed(self) -> bool:
        return self._spent or self._file.closed

    def read(self, size: int | None = -1) -> bytes:
        return self._count(self._in_time(self._file.read, self._bound(size)))

    def readline(self, size: int | None = -1) -> bytes:
        return self._count(self._in_time(self._file.readline, self._bound(size)))

    def await_first(self) -> None:
        """Wait for a byte, or for the end, and take nothing."""
        self._file.peek(1)

    def close(self) -> None:
        self._file.close()

    def _in_time(self, read: Callable[[int], bytes], size: int) -> bytes:
        if self._until == math.inf:
            return read(size)
        try:
            with gevent.Timeout(max(0.0, self._until - time.monotonic()), TooSlow("it came too slowly")):
                return read(size)
        except OSError:  # what follows would be taken for the next request
            self._spent = True
            raise

    def _bound(self, size: int | None) -> int:
        """One byte more than is left shows that the bound is passed."""
        most = self._left + 1
        return most if size is None or size < 0 else min(size, most)

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            self._spent = True
            raise TooLarge("larger than allowed")
        return data


class Handler(pywsgi.WSGIHandler):
    """One connection's requests. What a client does wrong is logged in one line at most."""

    rfile: Any

    def __init__(self, sock: Any, address: Any, server: Any) -> None:
        super().__init__(sock, address, server)
        self.rfile = Metered(self.rfile)

    def read_requestline(self) -> str:
        """What is waited for is the line's first byte; the line itself has to come in time."""
        self.rfile.await_first()
        self.rfile.allow(MAX_HEADER, time.monotonic() + HEADER_DEADLINE)
        return super().read_requestline()

    def read_request(self, raw_requestline: str) -> Any:
        # What bounds it is the line's own deadline: both together have so long.
        answer = super().read_request(raw_requestline)
        if (self.content_length or 0) > MAX_BODY:
            raise TooLarge("larger than allowed")
        self.rfile.allow(MAX_BODY, time.monotonic() + BODY_DEADLINE)
        return answer

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["wsgi.url_scheme"] = "https" if isinstance(self.socket, ssl.SSLSocket) else "http"
        return environ

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if self.rfile.closed:
            self.close_connection = True

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        log.info("a bad request from %s: %s", self.client_address, " ".join(str(ex).split())[:200])
        status = "413 Content Too Large" if isinstance(ex, TooLarge) else "400 Bad Request"
        body = f"{status[4:]}\n".encode()
        head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        return status, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _log_error(self, t: Any, v: Any, tb: Any) -> None:
        if issubclass(t, gevent.GreenletExit):
            return
        if issubclass(t, OSError):
            log.info("a response to %s broke off: %s", self.client_address, v)
        else:
            log.error("%s %s failed", self.command, self.path, exc_info=(t, v, tb))
