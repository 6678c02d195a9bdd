"""One port serves HTTP, gRPC and the bus to any client, whatever it sends."""

import contextlib
import logging
import os
import socket
import time

import pytest

from gluten.net.door.frontdoor import protocol
from gluten.net.rpc.rpc_client import Client
from tests.support.net.door import dealer, dial, echoing_router, get, read_all, reading
from tests.support.net.fake_rpc_master import Node, node, until


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (b"", ""),
        (b"P", ""),
        (b"PR", ""),
        (b"PRI", ""),
        (b"PRI ", "grpc"),
        (b"PRI * HTTP/2.0\r\n", "grpc"),
        (b"PO", "http"),
        (b"PUT ", "http"),
        (b"PROPFIND", "http"),
        (b"G", "http"),
        (b"\xff", "bus"),
        (b"\xff\x00\x00", "bus"),
        (b"\x16\x03\x01", "tls"),
        (b"\x00", "http"),
    ],
)
def test_the_first_bytes_show_the_protocol(first: bytes, kind: str) -> None:
    assert protocol(first) == kind


def test_three_protocols_at_once_through_one_port(living: Node) -> None:
    living.do(living.master.nodes)
    with echoing_router(living.bus_path), dealer(living) as bus, Client(living.address) as client:
        for turn in range(20):
            bus.send(b"%d" % turn)
            assert client.nodes()[0]["name"] == "m"
            assert get(living, f"/{turn}") == b"hello /%d" % turn
            assert bus.recv() == b"%d" % turn


def test_a_megabyte_goes_both_ways_whole(living: Node) -> None:
    body = os.urandom(1 << 20)
    with echoing_router(living.bus_path), dealer(living) as bus:
        bus.send(body)
        assert bus.recv() == body


def test_the_oldest_connection_that_sends_nothing_is_closed_for_a_new_one() -> None:
    with node(pending_each=3, handshake_timeout=60.0) as living, contextlib.ExitStack() as stack:
        socks = [stack.enter_context(dial(living)) for _ in range(4)]
        assert read_all(socks[0]) == b""
        socks[3].sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert read_all(socks[3]).endswith(b"hello /")


def test_a_grpc_preface_that_drips_reaches_grpc(living: Node) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    with dial(living) as sock:
        for char in preface:
            sock.sendall(bytes([char]))
            time.sleep(0.01)  # the pace is what is tested
        sock.sendall(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))  # empty SETTINGS
        assert sock.recv(9)[3] == 4  # SETTINGS of a server


def test_a_connection_that_sends_nothing_is_closed_after_the_handshake_deadline() -> None:
    with node(handshake_timeout=0.3) as living:
        for said in (b"", b"P", b"PRI"):
            began = time.monotonic()
            with dial(living) as sock:
                sock.sendall(said)
                assert read_all(sock) == b""
            assert 0.2 < time.monotonic() - began < 2.0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 100,
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/x.y\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -4\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\xff\xff\xff\xff" * 50,
        b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + b"\x00" * 50,
    ],
)
def test_garbage_is_closed_and_leaves_the_door_open(
    living: Node, garbage: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with echoing_router(living.bus_path), caplog.at_level(logging.INFO), dial(living, 20.0) as sock:
        sock.sendall(garbage)
        with contextlib.suppress(OSError):  # the door may have closed by now
            sock.shutdown(socket.SHUT_WR)
        assert b"Traceback" not in read_all(sock)
    assert get(living, "/after") == b"hello /after"
    assert "Traceback" not in caplog.text + capfd.readouterr().err


def test_five_hundred_idle_connections_do_not_keep_grpc_from_answering(living: Node) -> None:
    door = living.doors[0]
    with contextlib.ExitStack() as stack, Client(living.address) as client:
        for _ in range(500):
            stack.enter_context(dial(living))
        until(lambda: living.do(lambda: door.open_connections) >= 500)
        began = time.monotonic()
        for _ in range(20):
            client.nodes()
        assert time.monotonic() - began < 20, "idle connections hold no call up"
    until(lambda: living.do(lambda: door.open_connections) == 0)


def test_beyond_the_cap_connections_are_closed_and_room_comes_back() -> None:
    with node(connections=3) as living:
        door = living.doors[0]
        kept = [dial(living) for _ in range(3)]
        until(lambda: living.do(lambda: door.open_connections) == 3)
        with dial(living) as fourth:
            assert read_all(fourth) == b""
        for sock in kept:
            sock.close()
        until(lambda: living.do(lambda: door.open_connections) == 0)
        assert get(living) == b"hello /"


def test_a_thousand_connections_leave_nothing_behind(living: Node) -> None:
    door = living.doors[0]
    get(living)
    with echoing_router(living.bus_path):
        until(lambda: living.do(lambda: door.open_connections) == 0)
        before = len(os.listdir("/dev/fd"))
        for turn in range(1000):
            with dial(living) as sock:
                sock.sendall((b"\xff\x00", b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n", b"")[turn % 4])
        until(lambda: living.do(lambda: door.open_connections) == 0, 30.0)
        until(lambda: len(os.listdir("/dev/fd")) <= before + 2, 30.0)  # grpc and zmq close in their own time


def test_one_address_does_not_take_all_of_http() -> None:
    with node(http_each=2) as living, dial(living) as first, dial(living) as second:
        for sock in (first, second):
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(100)
        with dial(living) as third:
            third.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_all(third) == b""
        with Client(living.address) as client:  # gRPC has its own room
            assert client.nodes()


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Half",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
    ],
    ids=["between requests", "half a header", "half a body", "half a chunk"],
)
def test_idle_connections_from_many_addresses_are_closed_for_new_ones(said: bytes) -> None:
    with node(app=reading, idle_http=3, http=5) as living, contextlib.ExitStack() as stack:
        held = []
        for number in range(8):
            source = (f"127.0.1.{number + 1}", 0)
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", living.port), 20.0, source))
            sock.sendall(said)
            held.append(sock)
            until(lambda: living.do(lambda: living.doors[0].idle_http) == min(3, len(held)))
        for sock in held[:5]:
            with contextlib.suppress(OSError):
                read_all(sock)  # ends
        assert all(is_open(sock) for sock in held[5:]), "a new connection ends one other, no more"
        assert get(living) == b""


def is_open(sock: socket.socket) -> bool:
    sock.settimeout(0)
    try:
        while sock.recv(1000):
            pass
    except BlockingIOError:
        return True
    return False


def test_one_address_does_not_take_all_of_grpc() -> None:
    """Of those that have not shown the key, it may hold half of its connections. The oldest gives way."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
    with node(grpc_each=4) as living, dial(living) as first, dial(living) as second, dial(living) as third:
        for sock in (first, second, third):
            sock.sendall(preface)
            assert sock.recv(100)
        read_all(first)  # ends
        with socket.create_connection(("127.0.0.1", living.port), 5, ("127.0.0.2", 0)) as elsewhere:
            elsewhere.sendall(preface)
            assert elsewhere.recv(100)
        assert get(living) == b"hello /"  # HTTP has its own room


def test_an_end_of_one_direction_is_passed_on_and_the_other_goes_on(living: Node) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(living.bus_path)
    listener.listen()
    try:
        with dial(living) as sock:
            sock.sendall(b"\xffquestion")
            sock.shutdown(socket.SHUT_WR)
            back, _ = listener.accept()
            with back:
                assert read_all(back) == b"\xffquestion"  # ends: the half-close came through
                back.sendall(b"answer")
            assert read_all(sock) == b"answer"
    finally:
        listener.close()
        os.unlink(living.bus_path)


def test_a_socket_behind_the_door_may_come_up_later(living: Node) -> None:
    with dial(living) as sock:
        sock.sendall(b"\xffhello")
        until(lambda: living.do(lambda: living.doors[0].open_connections) == 1)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(living.bus_path)
            listener.listen()
            back, _ = listener.accept()
            with back:
                assert back.recv(10) == b"\xffhello"
    os.unlink(living.bus_path)
