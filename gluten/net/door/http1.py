"""pywsgi's HTTP handler with limits on what a client may send, and with short logs."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar, cast

import gevent
from gevent import pywsgi, socket, ssl

from gluten.net.door.framing import framing_error

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_HEADER = 64 << 10
MAX_BODY = 8 << 20
"""Bytes of a body that are read at all, unless the application allows more. It protects the memory."""
HEADER_DEADLINE = 20.0
"""Seconds for a whole header, from the first byte of its first line."""
BODY_DEADLINE = 30.0
"""Seconds for a whole body. A slow client must not keep a greenlet and its memory."""


ERROR_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Connection": "close",
}
"""Headers of an error that is sent without the application. The connection ends after it."""


class TooLarge(OSError):
    """A header or body beyond its limit."""


class TooSlow(TimeoutError):
    """A header or body that did not arrive in time."""


class BadBody(OSError):
    """A body whose chunks are broken."""

    malformed = True


class BadFraming(ValueError):
    """A header that two readers could understand differently."""


class BoundedReader:
    """A file that gives at most the allowed number of bytes, until a deadline. After an error it counts as closed.

    While it waits for the client, it holds `waiting()`: a context that counts the connection as idle. The server may
    end such a connection to make room for others.
    """

    def __init__(
        self, file: Any, waiting: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext
    ) -> None:
        self._file, self._waiting = file, waiting
        self._held = contextlib.ExitStack()
        self._holds_waiting = self._client_ended = self._closed = False
        self.evicted = False
        """The server has ended the connection to make room for others."""
        self._left = 0
        self._deadline = math.inf

    def allow(self, size: int, deadline: float = math.inf) -> None:
        """Allow `size` bytes until `deadline` (monotonic)."""
        self._left = size
        self._deadline = deadline

    @property
    def closed(self) -> bool:
        return self._closed or self._file.closed

    def read(self, size: int | None = -1) -> bytes:
        return self._count(self._read_in_time(self._file.read, self._bound(size)))

    def readline(self, size: int | None = -1) -> bytes:
        return self._count(self._read_in_time(self._file.readline, self._bound(size)))

    def await_first_byte(self) -> None:
        """Wait for a byte, or for the end, and consume nothing. The connection counts as idle until `stop_waiting`."""
        self._held.enter_context(self._waiting())
        self._holds_waiting = True
        self._file.peek(1)

    def stop_waiting(self) -> None:
        """The connection does not count as idle any more."""
        self._holds_waiting = False
        self._held.close()

    def refuse_more(self) -> None:
        """Nothing more may be read from it."""
        self._closed = True

    def evict(self) -> None:
        """The connection is ended, so a read does not wait."""
        self.evicted = self._client_ended = True

    def close(self) -> None:
        self._file.close()

    def _read_in_time(self, read: Callable[[int], bytes], size: int) -> bytes:
        if self._deadline == math.inf:
            return read(size)
        try:
            # A client that has ended is not waited for. To count it as idle could end another connection.
            waiting = contextlib.nullcontext() if self._holds_waiting or self._client_ended else self._waiting()
            left = max(0.0, self._deadline - time.monotonic())
            with waiting, gevent.Timeout(left, TooSlow("the request came too slowly")):
                data = read(size)
            whole_line = read == self._file.readline and data.endswith(b"\n")
            self._client_ended |= len(data) < size and not whole_line
            return data
        except OSError:  # the rest would be read as the next request
            self._closed = True
            raise

    def _bound(self, size: int | None) -> int:
        """How many bytes to ask for. One byte more than what is left shows that the limit is passed."""
        most = self._left + 1
        return most if size is None or size < 0 else min(size, most)

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            self._closed = True
            raise TooLarge("the request is larger than allowed")
        return data


class RequestBody:
    """A body as the application reads it.

    It calls `on_failure` if a read fails, because then it is unknown where the next request begins.
    """

    def __init__(
        self,
        file: Any,
        on_failure: Callable[[], None],
        allow: Callable[[int, float], None] = lambda size, deadline: None,
    ) -> None:
        self._file, self._on_failure, self._allow = file, on_failure, allow

    def allow(self, size: int, seconds: float) -> None:
        """From now on, `size` bytes may come within so many seconds. For a client that may send much."""
        self._allow(size, time.monotonic() + seconds)

    def read(self, *size: int) -> bytes:
        return self._read(lambda: bytes(self._file.read(*size)))

    def readline(self, *size: int) -> bytes:
        return self._read(lambda: bytes(self._file.readline(*size)))

    def readlines(self, *hint: int) -> list[bytes]:
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _discard(self) -> None:
        """Read the rest of it, for the next request (the name is pywsgi's)."""
        self._try(self._file._discard)

    def _read(self, read: Callable[[], bytes]) -> bytes:
        try:
            return self._try(read)
        except pywsgi._InvalidClientInput as error:  # type: ignore[attr-defined]  # not in gevent's stubs
            raise BadBody(str(error)) from None

    def _try(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except OSError:
            self._on_failure()
            raise
        except ValueError:  # pywsgi's, for a chunk without a size
            self._on_failure()
            raise BadBody("a chunk has no size") from None


class HeaderLines:
    """Reads a header and keeps its `lines`, without the empty last line."""

    def __init__(self, file: BoundedReader) -> None:
        self._file = file
        self.lines: list[bytes] = []

    def readline(self, size: int = -1) -> bytes:
        line = self._file.readline(size)
        if line.rstrip(b"\r\n"):
            self.lines.append(line)
        return line


class Handler(pywsgi.WSGIHandler):
    """Serves the requests of one connection. A client's mistake is logged in one line at most."""

    rfile: Any
    server: Any
    wsgi_input: Any

    def __init__(self, sock: Any, address: Any, server: Any) -> None:
        super().__init__(sock, address, server)
        self.rfile = file = BoundedReader(self.rfile, lambda: self._idle(self._end))
        self._end = partial(_end, sock, file)

    def _idle(self, end: Callable[[], object]) -> AbstractContextManager[object]:
        """Count the connection as idle within the block. To make room for others, `end` is called."""
        if self.rfile.evicted:  # to count it once more would end another one
            return contextlib.nullcontext()
        idle: AbstractContextManager[object] = self.server.idle_http.admit(self.client_address[0], end)
        return idle

    def handle(self) -> None:
        file = self.rfile
        try:
            super().handle()
        finally:
            file.stop_waiting()

    def read_requestline(self) -> str:
        """Wait for the first byte of the line. From then on the whole header has a deadline."""
        self.rfile.await_first_byte()
        self.rfile.allow(MAX_HEADER, time.monotonic() + HEADER_DEADLINE)
        return super().read_requestline()

    def MessageClass(self, *args: Any) -> Any:
        """Read a header (the name is pywsgi's). Raises BadFraming."""
        reader = HeaderLines(self.rfile)
        headers = super().MessageClass(cast(Any, reader), *args[1:])
        if error := framing_error(reader.lines, self.request_version or ""):
            raise BadFraming(error)
        return headers

    def read_request(self, raw_requestline: str) -> Any:
        # The deadline that `read_requestline` set is for the line and the header together.
        answer = super().read_request(raw_requestline)
        if (self.content_length or 0) > MAX_BODY and self.command != "PUT":
            raise TooLarge("the request is larger than allowed")
        self.rfile.stop_waiting()
        self.rfile.allow(MAX_BODY, time.monotonic() + BODY_DEADLINE)
        return answer

    def handle_one_request(self) -> Any:
        """pywsgi answers a first line that is too long without headers; this adds them."""
        answer = super().handle_one_request()
        return _error_response("414 URI Too Long") if isinstance(answer, tuple) and answer[0] == "414" else answer

    def _sendall(self, data: Any) -> None:
        """A client that does not take its response counts as idle."""
        with self._idle(self._end):
            super()._sendall(data)  # type: ignore[misc]  # not in gevent's stubs

    def process_result(self) -> None:
        """A stream, whose end is not known, counts as idle all the time. It may wait for something to send."""
        is_stream = not hasattr(self.result, "__len__")
        greenlet: Any = gevent.getcurrent()
        with self._idle(partial(greenlet.kill, block=False)) if is_stream else contextlib.nullcontext():
            super().process_result()

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        body = RequestBody(self.wsgi_input, self.rfile.refuse_more, self.rfile.allow)
        self.wsgi_input = environ["wsgi.input"] = body
        environ["wsgi.url_scheme"] = "https" if isinstance(self.socket, ssl.SSLSocket) else "http"
        return environ

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if self.rfile.closed:
            self.close_connection = True

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        # A query may hold a token, so the log shows the first line only up to it.
        reason = " ".join(str(ex).partition("?")[0].split())
        self.server.complaints.note("a bad request from %s: %s", self.client_address[0], reason[:200])
        return _error_response("413 Content Too Large" if isinstance(ex, TooLarge) else "400 Bad Request")

    def _send_error_response_if_possible(self, error_code: int) -> None:
        if self.response_length:
            self.close_connection = True
            return
        status = f"{error_code} {HTTPStatus(error_code).phrase}"
        with contextlib.suppress(OSError):
            self.start_response(status, list(ERROR_HEADERS.items()))
            self.write(f"{status[4:]}\n".encode())
        self.close_connection = True

    def _log_error(self, t: Any, v: Any, tb: Any) -> None:
        if issubclass(t, gevent.GreenletExit):
            return
        if issubclass(t, OSError):
            self.server.complaints.note("a response to %s broke off: %s", self.client_address[0], v)
        else:
            log.error("%s %s failed", self.command, self.path, exc_info=(t, v, tb))


def _end(sock: Any, reader: BoundedReader) -> None:
    """End an idle connection. Its greenlet notices it at once."""
    reader.evict()
    shut_down(sock)


def shut_down(sock: Any) -> None:
    """Its greenlet then reads the end of the stream."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's: it drops the TLS state first


def _error_response(status: str) -> tuple[str, bytes]:
    """(status, whole response), as pywsgi's handler expects for a bad request."""
    body = f"{status[4:]}\n".encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in ERROR_HEADERS.items())
    return status, f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body
