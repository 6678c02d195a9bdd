"""pywsgi's HTTP handler with bounds on what a client may send, and quiet logs."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any, cast

import gevent
from gevent import pywsgi, ssl

from gluten.net.door.framing import trouble

log = logging.getLogger(__name__)

MAX_HEADER = 64 << 10
MAX_BODY = 8 << 20
"""Bytes of a body that are read at all, so that nobody fills the memory; applications set less."""
HEADER_DEADLINE = 20.0
"""Seconds for a whole header, from the first byte of its first line on."""
BODY_DEADLINE = 30.0
"""Seconds for a whole body: who drips must not hold on to a greenlet and its memory."""


BARE = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Connection": "close",
}
"""Headers of what is said before an application is asked, on a connection that then ends."""


class TooLarge(OSError):
    """A header or body beyond its bound."""


class TooSlow(TimeoutError):
    """A body that did not come in time."""


class BadFraming(ValueError):
    """A header that not all would read alike."""


class Metered:
    """A file that gives at most the bytes that were allowed, then counts as closed. Whoever is waited for has a `seat`
    meanwhile: it may be taken from them."""

    def __init__(self, file: Any, seat: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext) -> None:
        self._file, self._seat = file, seat
        self._seated = contextlib.ExitStack()
        self._sits = self._ended = False
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
        """Wait for a byte, or for the end, and take nothing. The seat is kept until `stand`."""
        self._seated.enter_context(self._seat())
        self._sits = True
        self._file.peek(1)

    def spend(self) -> None:
        """Nothing more is to be read."""
        self._spent = True

    def end(self) -> None:
        """Whoever sends this is not waited for any more."""
        self._ended = True

    def stand(self) -> None:
        """Nobody is waited for now."""
        self._sits = False
        self._seated.close()

    def close(self) -> None:
        self._file.close()

    def _in_time(self, read: Callable[[int], bytes], size: int) -> bytes:
        if self._until == math.inf:
            return read(size)
        try:
            # Whose end has come is not waited for: a seat of theirs would be taken from another.
            seat = contextlib.nullcontext() if self._sits or self._ended else self._seat()
            with seat, gevent.Timeout(max(0.0, self._until - time.monotonic()), TooSlow("it came too slowly")):
                data = read(size)
            self._ended |= len(data) < size and not (read == self._file.readline and data.endswith(b"\n"))
            return data
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


class Body:
    """A body as the application reads it. Where that fails nobody knows where the next request begins: `fail` hears."""

    def __init__(self, file: Any, fail: Callable[[], None]) -> None:
        self._file, self._fail = file, fail

    def read(self, *size: int) -> bytes:
        return self._try(lambda: bytes(self._file.read(*size)))

    def readline(self, *size: int) -> bytes:
        return self._try(lambda: bytes(self._file.readline(*size)))

    def readlines(self, *hint: int) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _try(self, read: Callable[[], bytes]) -> bytes:
        try:
            return read()
        except OSError:
            self._fail()
            raise


class Lines:
    """A header's lines as they are `read`, but for the empty one at its end."""

    def __init__(self, file: Metered) -> None:
        self._file = file
        self.read: list[bytes] = []

    def readline(self, size: int = -1) -> bytes:
        line = self._file.readline(size)
        if line.rstrip(b"\r\n"):
            self.read.append(line)
        return line


class Handler(pywsgi.WSGIHandler):
    """One connection's requests. What a client does wrong is logged in one line at most."""

    rfile: Any

    def __init__(self, sock: Any, address: Any, server: Any) -> None:
        super().__init__(sock, address, server)
        self.rfile = file = Metered(self.rfile, lambda: server.quiet.seat(address[0], (sock, file)))

    def handle(self) -> None:
        file = self.rfile
        try:
            super().handle()
        finally:
            file.stand()

    def read_requestline(self) -> str:
        """What is waited for is the line's first byte; the line itself has to come in time."""
        self.rfile.await_first()
        self.rfile.allow(MAX_HEADER, time.monotonic() + HEADER_DEADLINE)
        return super().read_requestline()

    def MessageClass(self, *args: Any) -> Any:
        """pywsgi's name for what reads a header."""
        lines = Lines(self.rfile)
        headers = super().MessageClass(cast(Any, lines), *args[1:])
        if why := trouble(lines.read, self.request_version or ""):
            raise BadFraming(why)
        return headers

    def read_request(self, raw_requestline: str) -> Any:
        # What bounds it is the line's own deadline: both together have so long.
        answer = super().read_request(raw_requestline)
        if (self.content_length or 0) > MAX_BODY:
            raise TooLarge("larger than allowed")
        self.rfile.stand()
        self.rfile.allow(MAX_BODY, time.monotonic() + BODY_DEADLINE)
        return answer

    def handle_one_request(self) -> Any:
        """pywsgi's own answer to a first line that is too long has no headers."""
        answer = super().handle_one_request()
        return _bare("414 URI Too Long") if isinstance(answer, tuple) and answer[0] == "414" else answer

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["wsgi.input"] = Body(self.wsgi_input, self.rfile.spend)
        environ["wsgi.url_scheme"] = "https" if isinstance(self.socket, ssl.SSLSocket) else "http"
        return environ

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if self.rfile.closed:
            self.close_connection = True

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        # A query may hold a token: whatever is said of the first line ends before it.
        why = " ".join(str(ex).partition("?")[0].split())
        log.info("a bad request from %s: %s", self.client_address, why[:200])
        return _bare("413 Content Too Large" if isinstance(ex, TooLarge) else "400 Bad Request")

    def _send_error_response_if_possible(self, error_code: int) -> None:
        if self.response_length:
            self.close_connection = True
            return
        status = f"{error_code} {HTTPStatus(error_code).phrase}"
        with contextlib.suppress(OSError):
            self.start_response(status, list(BARE.items()))
            self.write(f"{status[4:]}\n".encode())
        self.close_connection = True

    def _log_error(self, t: Any, v: Any, tb: Any) -> None:
        if issubclass(t, gevent.GreenletExit):
            return
        if issubclass(t, OSError):
            log.info("a response to %s broke off: %s", self.client_address, v)
        else:
            log.error("%s %s failed", self.command, self.path, exc_info=(t, v, tb))


def _bare(status: str) -> tuple[str, bytes]:
    """(status, whole response), as pywsgi's handler takes what is wrong with a request."""
    body = f"{status[4:]}\n".encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in BARE.items())
    return status, f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body
