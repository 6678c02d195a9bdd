"""Each fault does what its name says, seen by a plain socket."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from tests.support.engine import faults
from tests.support.engine.faults import Behaviour, FaultServer

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"


@contextlib.contextmanager
def visiting(behaviour: Behaviour) -> Iterator[tuple[FaultServer, socket.socket]]:
    with FaultServer(behaviour) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
            yield server, client
        assert server.failures == []


def read_to_end(client: socket.socket, awaited: bytes = b"", end: str = "open") -> tuple[bytes, str]:
    """All bytes, and how it ended: `closed`, `reset`, or `open`: nothing came for 0.2 s after what is awaited. A slow
    server gets 20 s for that."""
    received = b""
    while True:
        client.settimeout(0.2 if end == "open" and awaited in received else 20.0)
        try:
            data = client.recv(65536)
        except ConnectionResetError:
            return received, "reset"
        except TimeoutError:
            return received, "open"
        if not data:
            return received, "closed"
        received += data


@pytest.mark.parametrize(
    ("behaviour", "starts", "end"),
    [
        (faults.answer_well, faults.OK, "open"),
        (faults.reset_before_headers, b"", "reset"),
        (faults.reset_in_headers, b"HTTP/1.1 200 OK\r\nContent-Le", "reset"),
        (faults.reset_after_headers, HEADERS, "reset"),
        (faults.reset_in_body, HEADERS + b"hello", "reset"),
        (faults.close_before_answer, b"", "closed"),
        (faults.close_in_headers, b"HTTP/1.1 200 OK\r\nContent-Le", "closed"),
        (faults.close_in_body, HEADERS + b"hello", "closed"),
        (faults.close_after_answer, faults.OK, "closed"),
        (faults.bytes_after_response, faults.OK + b"and some more", "open"),
        (faults.two_answers, faults.OK * 2, "open"),
        (faults.head_with_body, faults.OK, "open"),
        (faults.head_well, HEADERS, "open"),
        (faults.mute, b"", "open"),
        (faults.silent, b"", "open"),
    ],
)
def test_what_is_sent_and_how_it_ends(behaviour: Behaviour, starts: bytes, end: str) -> None:
    with visiting(behaviour) as (server, client):
        client.sendall(GET)
        assert read_to_end(client, starts, end) == (starts, end)
        assert server.connections == 1
        assert server.requests == (0 if behaviour is faults.silent else 1)


@pytest.mark.parametrize(
    ("behaviour", "part", "end"),
    [
        (faults.close_in_chunk, b"\r\nb\r\nhello", "closed"),
        (faults.garbage, b"\x00\xff\xfenot HTTP", "closed"),
        (faults.garbage_kept_open, b"\x00\xff\xfenot HTTP", "open"),
        (faults.one_interim, b"HTTP/1.1 103 Early Hints\r\n", "open"),
        (faults.length_too_short, b"Content-Length: 5\r\n\r\nhello world", "open"),
        (faults.length_too_long, b"Content-Length: 20\r\n\r\nhello world", "open"),
        (faults.length_too_long_closing, b"Content-Length: 20\r\n\r\nhello world", "closed"),
        (faults.length_nonsense, b"Content-Length: many\r\n", "open"),
        (faults.length_twice, b"Content-Length: 11\r\nContent-Length: 5\r\n", "open"),
        (faults.status_204_with_body, b"204 No Content\r\nContent-Length: 11\r\n\r\nhello world", "open"),
        (faults.status_304_with_body, b"304 Not Modified\r\nContent-Length: 11\r\n\r\nhello world", "open"),
        (faults.http10_until_close, b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello", "closed"),
        (faults.chunked_with_extensions_and_trailers, b"0;last\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n", "open"),
        (faults.chunk_size_nonsense, b"\r\nxyz\r\n", "open"),
        (faults.body_of(100_000), b"Content-Length: 100000\r\n\r\nxxx", "open"),
    ],
)
def test_what_is_in_the_answer_and_how_it_ends(behaviour: Behaviour, part: bytes, end: str) -> None:
    with visiting(behaviour) as (_, client):
        client.sendall(GET)
        received, ended = read_to_end(client, part, end)
        assert part in received
        assert ended == end


@pytest.mark.parametrize(
    ("behaviour", "end"),
    [(faults.close_on_second_request, "closed"), (faults.reset_on_second_request, "reset")],
)
def test_the_second_request_of_a_connection_is_not_answered(behaviour: Behaviour, end: str) -> None:
    with visiting(behaviour) as (server, client):
        client.sendall(GET)
        assert client.recv(100) == faults.OK
        client.sendall(GET)
        assert read_to_end(client, end=end) == (b"", end)
        assert server.requests == 2


def test_2000_interim_answers_come_before_the_final_one() -> None:
    with visiting(faults.interim_2000) as (_, client):
        client.sendall(GET)
        received, _ = read_to_end(client, faults.OK)
        assert received.count(b"HTTP/1.1 102 ") == 2000
        assert received.endswith(faults.OK)


def test_headers_are_as_many_as_asked() -> None:
    with visiting(faults.headers_300) as (_, client):
        client.sendall(GET)
        head = read_to_end(client, b"\r\n\r\n")[0].partition(b"\r\n\r\n")[0]
        assert len(head.split(b"\r\n")) - 1 == 300


@pytest.mark.parametrize("behaviour", [faults.endless_headers, faults.endless_body, faults.endless_chunks])
def test_endless_answers_go_on_until_the_client_leaves(behaviour: Behaviour) -> None:
    with visiting(behaviour) as (_, client):
        client.sendall(GET)
        received = 0
        while received < 3_000_000:
            received += len(client.recv(65536))


def test_a_drip_sends_a_byte_at_a_time() -> None:
    with visiting(faults.drip(0.02)) as (_, client):
        began = time.monotonic()
        client.sendall(GET)
        pieces = [client.recv(1) for _ in range(10)]
        assert b"".join(pieces) == faults.OK[:10]
        assert time.monotonic() - began >= 9 * 0.02 * 0.9


def test_a_stalled_handshake_takes_the_hello_and_stays_silent() -> None:
    with visiting(faults.tls_stalls) as (_, client):
        client.sendall(b"\x16\x03\x01" + b"hello")
        assert read_to_end(client) == (b"", "open")


def test_one_connection_in_three_is_reset() -> None:
    ends = []
    with FaultServer(faults.reset_one_in(3)) as server:
        for _ in range(9):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
                client.sendall(GET)
                try:
                    ends.append(client.recv(100) == faults.OK)
                except ConnectionResetError:
                    ends.append(False)
        assert ends == [True, True, False] * 3
        assert (server.connections, server.requests) == (9, 9)


def test_the_server_ends_at_once_whatever_its_connections_do() -> None:
    with FaultServer(faults.silent) as server:
        clients = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(20)]
        while server.connections < 20:
            time.sleep(0.001)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    for client in clients:
        client.close()
