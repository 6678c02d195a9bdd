"""A server that misbehaves on purpose, on raw sockets: one thread a connection, one function a fault.

    with FaultServer(reset_before_headers) as server:
        ...  # load http://127.0.0.1:{server.port}/
        assert server.requests == server.connections

A behaviour is called with a `Visit` (one connection) in a thread of its own; when it returns, the connection
is closed. Names without an argument are behaviours; `drip`, `reset_one_in` and the like make one.
"""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 seconds: close sends RST


class Visit:
    """One connection to the fault server. `number` counts from 1."""

    def __init__(self, server: "FaultServer", client: socket.socket, number: int) -> None:
        self.number = number
        self._server = server
        self._client = client
        self._buffer = b""

    def requests(self) -> Iterator[bytes]:
        """Heads of requests (without bodies), until the client closes."""
        while (request := self.read_request()) is not None:
            yield request

    def read_request(self) -> bytes | None:
        """The next head, its blank line included; None when the client is gone."""
        while b"\r\n\r\n" not in self._buffer:
            data = self._client.recv(65536)
            if not data:
                return None
            self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        self._server.count_request()
        return head + b"\r\n\r\n"

    def count(self) -> None:
        """A request of another protocol came."""
        self._server.count_request()

    def read(self, size: int) -> bytes:
        """So many bytes of a body. OSError when the client is gone."""
        while len(self._buffer) < size:
            data = self._client.recv(1 << 20)
            if not data:
                raise ConnectionAbortedError
            self._buffer += data
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body

    def send(self, data: bytes) -> None:
        """Send all of it; OSError when the client is gone, which ends the behaviour."""
        self._client.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Wait; False when the server ends meanwhile."""
        return not self._server.ending.wait(seconds)

    def reset(self) -> None:
        """Close with a RST."""
        self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._client.close()

    def hold(self) -> None:
        """Do nothing, reading nothing, until the server ends."""
        self._server.ending.wait()


Behaviour = Callable[[Visit], None]


class FaultServer:
    """Serves `behaviour` on a free port of 127.0.0.1 while it is entered; with `tls`, inside TLS.

    `requests` and `connections` count what came so far; `failures` holds what behaviours raised but OSError.
    `room` is the size of a receive buffer in bytes, 0 the system's own.
    """

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None, room: int = 0) -> None:
        self.requests = 0
        self.connections = 0
        self.failures: list[Exception] = []
        self.ending = threading.Event()
        self._behaviour = behaviour
        self._tls = tls
        self._lock = threading.Lock()
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        if room:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            # The sender's buffer grows with the segments' size, which is 64 KiB on the loopback.
            self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ending.set()
        with contextlib.suppress(OSError):  # Linux wakes who accepts; elsewhere that has a timeout
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        with self._lock:
            for client in self._clients:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def count_request(self) -> None:
        """A request's head came."""
        with self._lock:
            self.requests += 1

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.ending.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:  # it is shut down
                return
            client.settimeout(None)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._clients.add(client)
            self._start(self._serve, client, self.connections)

    def _serve(self, client: socket.socket, number: int) -> None:
        wrapped = client
        try:
            if self._tls is not None:
                wrapped = self._tls.wrap_socket(client, server_side=True)
            self._behaviour(Visit(self, wrapped, number))
        except OSError:
            pass  # the client left, which is its right
        except Exception as error:  # a fault in the fault server: the test shows it
            self.failures.append(error)
        finally:
            with self._lock:
                self._clients.discard(client)
            wrapped.close()
            client.close()


def answering(response: bytes) -> Behaviour:
    """Answers each request with these bytes and leaves the connection open."""

    def behave(visit: Visit) -> None:
        for _ in visit.requests():
            visit.send(response)

    return behave


answer_well = answering(OK)
"""No fault: for the other connections of a test."""


def closing_after(response: bytes) -> Behaviour:
    """Answers the first request with these bytes and closes."""

    def behave(visit: Visit) -> None:
        if visit.read_request() is not None:
            visit.send(response)

    return behave


def resetting_after(response: bytes) -> Behaviour:
    """Answers the first request with these bytes and resets the connection."""

    def behave(visit: Visit) -> None:
        if visit.read_request() is not None:
            if response:
                visit.send(response)
            visit.reset()

    return behave


reset_before_headers = resetting_after(b"")
reset_in_headers = resetting_after(b"HTTP/1.1 200 OK\r\nContent-Le")
reset_after_headers = resetting_after(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n")
reset_in_body = resetting_after(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello")

close_before_answer = closing_after(b"")
close_in_headers = closing_after(b"HTTP/1.1 200 OK\r\nContent-Le")
close_in_body = closing_after(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello")
close_in_chunk = closing_after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello")
close_after_answer = closing_after(OK)
"""Closes between two keep-alive requests, without `Connection: close`, as when an idle time is over."""


def on_second_request(end: Callable[[Visit], None]) -> Behaviour:
    """Answers the first request well, takes the second, and ends without a byte of answer."""

    def behave(visit: Visit) -> None:
        if visit.read_request() is not None:
            visit.send(OK)
            visit.read_request()
            end(visit)

    return behave


close_on_second_request = on_second_request(lambda visit: None)
reset_on_second_request = on_second_request(Visit.reset)

garbage = closing_after(b"\x00\xff\xfenot HTTP at all\r\n\r\n" * 20)
garbage_kept_open = answering(b"\x00\xff\xfenot HTTP at all\r\n\r\n" * 20)


def endless_headers(visit: Visit) -> None:
    """Sends headers for as long as the client reads them."""
    if visit.read_request() is not None:
        visit.send(b"HTTP/1.1 200 OK\r\n")
        block = b"".join(b"X-Endless-%d: and on it goes\r\n" % number for number in range(100))
        while visit.pause(0):
            visit.send(block)


interim_2000 = answering(b"HTTP/1.1 102 Processing\r\n\r\n" * 2000 + OK)
one_interim = answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + OK)


def headers(count: int) -> Behaviour:
    """A good answer with this many headers, Content-Length among them."""
    extra = b"".join(b"X-Header-%d: v\r\n" % number for number in range(count - 1))
    return answering(b"HTTP/1.1 200 OK\r\n" + extra + b"Content-Length: 11\r\n\r\nhello world")


headers_300 = headers(300)


def drip(interval: float = 1.0, response: bytes = OK) -> Behaviour:
    """A good answer, a byte each `interval` seconds."""

    def behave(visit: Visit) -> None:
        for _ in visit.requests():
            for byte in response:
                visit.send(bytes([byte]))
                if not visit.pause(interval):
                    return

    return behave


def slow(seconds: float) -> Behaviour:
    """Good answers, each `seconds` after its request."""

    def behave(visit: Visit) -> None:
        for _ in visit.requests():
            if visit.pause(seconds):
                visit.send(OK)

    return behave


def body_of(size: int) -> Behaviour:
    """A good answer with a body of `size` bytes, told truly: for a limit on bodies."""
    return answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)


def endless_body(visit: Visit) -> None:
    """A body that ends with the connection, and does not end."""
    if visit.read_request() is not None:
        visit.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while visit.pause(0):
            visit.send(b"x" * 65536)


def endless_chunks(visit: Visit) -> None:
    """Chunks without a last one."""
    if visit.read_request() is not None:
        visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while visit.pause(0):
            visit.send(b"8000\r\n" + b"x" * 32768 + b"\r\n")


length_too_short = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello world")
length_too_long = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello world")
"""Keeps the connection open: the rest never comes."""
length_too_long_closing = closing_after(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello world")
length_nonsense = answering(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello world")
length_twice = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nContent-Length: 5\r\n\r\nhello world")
bytes_after_response = answering(OK + b"and some more")
two_answers = answering(OK + OK)

status_204_with_body = answering(b"HTTP/1.1 204 No Content\r\nContent-Length: 11\r\n\r\nhello world")
status_304_with_body = answering(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 11\r\n\r\nhello world")
head_with_body = answering(OK)
"""For a HEAD request: its answer must not have the body that this one has."""
head_well = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n")

http10_until_close = closing_after(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello world")
chunked_with_extensions_and_trailers = answering(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b'5;name=value;quoted="a;b"\r\nhello\r\n6\r\n world\r\n0;last\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n'
)
chunk_size_nonsense = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n")


silent = tls_stalls = Visit.hold
"""Accepts, reads nothing, answers nothing; as the peer of a TLS handshake, too."""


def mute(visit: Visit) -> None:
    """Reads the requests and answers none."""
    for _ in visit.requests():
        pass


def reset_one_in(count: int) -> Behaviour:
    """Resets each `count`-th connection when its first request came; the others are answered well."""

    def behave(visit: Visit) -> None:
        if visit.number % count == 0:
            reset_before_headers(visit)
        else:
            answer_well(visit)

    return behave
