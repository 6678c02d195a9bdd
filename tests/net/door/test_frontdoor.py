"""One port takes HTTP, gRPC and the bus, from anybody, however they behave."""

import contextlib
import http.client
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gevent
import gevent.event
import pytest
import zmq

from gluten.errors import ConfigError
from gluten.net.door import http1
from gluten.net.door.frontdoor import FrontDoor, Routes, protocol
from gluten.net.rpc.rpc_client import Client
from tests.support.fake_rpc_master import Node, hello, node, until


@pytest.fixture(scope="module")
def living() -> Iterator[Node]:
    with node() as made:
        yield made


def dial(living: Node, timeout: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", living.port), timeout)


def get(living: Node, path: str = "/") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", living.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().read()


def read_all(sock: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while part := sock.recv(65536):
            data += part
    return data


@contextlib.contextmanager
def echoing_router(path: str) -> Iterator[None]:
    """A bus that sends back what it gets, on the unix socket, in a native thread."""
    context = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.linger = 0
    router.rcvtimeo = 100
    router.bind(f"ipc://{path}")
    ended = threading.Event()

    def echo() -> None:
        while not ended.is_set():
            with contextlib.suppress(zmq.Again):
                router.send_multipart(router.recv_multipart())

    thread = threading.Thread(target=echo)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        router.close()
        context.term()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


@contextlib.contextmanager
def dealer(living: Node) -> Iterator[zmq.Socket[bytes]]:
    context = zmq.Context()
    made = context.socket(zmq.DEALER)
    made.linger = 0
    made.rcvtimeo = 10_000
    made.connect(f"tcp://{living.address}")
    try:
        yield made
    finally:
        made.close()
        context.term()


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
def test_the_first_bytes_tell_the_protocol(first: bytes, kind: str) -> None:
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


def test_a_first_line_that_drips_is_served(living: Node) -> None:
    """`P` is undecided for a while, then turns out to be POST."""
    with dial(living, 10.0) as sock:
        for char in b"POST":
            sock.sendall(bytes([char]))
            time.sleep(0.3)  # the pace is what is tested
        sock.sendall(b" /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        assert read_all(sock).endswith(b"hello /slow")


def test_of_those_who_say_nothing_the_oldest_gives_way() -> None:
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
            time.sleep(0.05)  # the pace is what is tested
        sock.sendall(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))  # empty SETTINGS
        assert sock.recv(9)[3] == 4  # SETTINGS of a server


def test_who_says_nothing_is_closed_after_the_handshake_deadline() -> None:
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


def test_headers_beyond_64_kib_are_refused(living: Node, capfd: pytest.CaptureFixture[str]) -> None:
    with dial(living) as sock:
        with contextlib.suppress(OSError):
            headers = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 8000) for number in range(20))
            sock.sendall(b"GET / HTTP/1.1\r\n" + headers)
        assert read_all(sock)[:12] in (b"HTTP/1.1 413", b"")
    assert capfd.readouterr().err == ""


def test_a_body_beyond_the_bound_is_refused_before_it_is_read(living: Node) -> None:
    with dial(living) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (http1.MAX_BODY + 1))
        assert read_all(sock).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 30\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\xff",
    ],
    ids=["two framings", "two lengths", "no chunk", "no trailer"],
)
@pytest.mark.parametrize("app", ["reads the body", "does not"])
def test_where_a_request_s_end_is_unsure_the_next_one_is_not_looked_for(app: str, request_: bytes) -> None:
    with node(app=reading if app == "reads the body" else hello) as living, dial(living) as sock:
        sock.sendall(request_ + b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_all(sock).count(b"HTTP/1.1 ") == 1


def test_a_body_in_chunks_has_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "MAX_BODY", 1000)
    with node(app=reading) as living:
        for size, status in ((900, b"200"), (1100, b"408")):
            with dial(living) as sock:
                sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
                sock.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size))
                assert read_all(sock).split()[1] == status


def test_keep_alive_serves_many_requests_on_one_connection(living: Node) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", living.port, timeout=5)
    with contextlib.closing(connection):
        for turn in range(10):
            connection.request("POST", f"/{turn}", body=b"x" * 1000)
            assert connection.getresponse().read() == b"hello /%d" % turn


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


def test_server_sent_events_arrive_one_by_one() -> None:
    """The next one is made when the last one was read: what is held back anywhere never comes."""
    read = [gevent.event.Event() for _ in range(3)]

    def events(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache")])
        for number, done in enumerate(read):
            yield b"data: %d\n\n" % number
            done.wait(30)

    with node(app=events) as living:
        connection = http.client.HTTPConnection("127.0.0.1", living.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/events")
            response = connection.getresponse()
            for number, done in enumerate(read):
                assert response.readline() == b"data: %d\n" % number
                assert response.readline() == b"\n"
                living.do(done.set)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414 URI Too Long"),
        (b"GET /" + b"x" * 9000, b"414 URI Too Long"),
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nX : y\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * http1.MAX_HEADER, b"413 Content Too Large"),
    ],
    ids=["line", "half a line", "nonsense", "header", "large"],
)
def test_what_is_said_before_an_application_is_asked_has_all_headers_and_ends_it(
    living: Node, sent: bytes, status: bytes
) -> None:
    with dial(living) as sock:
        sock.sendall(sent)
        head, _, body = read_all(sock).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0].encode() == b"HTTP/1.1 " + status
    assert {f"{name}: {value}" for name, value in http1.ERROR_HEADERS.items()} <= set(lines)
    assert body == status[4:] + b"\n"


def test_a_token_in_a_request_that_cannot_be_read_is_not_logged(living: Node, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for sent in (b"GET /login?token=sesame more HTTP/1.1", b"PUT /?key=sesame", b"GET / HTTP/1.1\r\nCookie : sesame"):
        with dial(living) as sock:
            sock.sendall(sent + b"\r\n\r\n")
            assert read_all(sock).startswith(b"HTTP/1.1 400")
    assert len([said for said in caplog.messages if said.startswith("a bad request from")]) == 3
    assert "sesame" not in caplog.text


def test_a_header_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "HEADER_DEADLINE", 0.3)
    with node() as living, dial(living) as sock:
        began = time.monotonic()
        sock.sendall(b"GET / HTTP/1.1\r\n")
        with contextlib.suppress(OSError):
            for _ in range(50):
                sock.sendall(b"x")
                time.sleep(0.05)  # the pace is what is tested
        assert time.monotonic() - began < 2.0


def test_a_first_line_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "HEADER_DEADLINE", 0.3)
    with node() as living, dial(living) as sock:
        for opening in (b"GET /", b"1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2"):  # also on a connection that was of use once
            sock.sendall(opening)
        began = time.monotonic()
        with contextlib.suppress(OSError):
            for _ in range(50):
                sock.sendall(b"x")
                time.sleep(0.05)  # the pace is what is tested
        assert time.monotonic() - began < 2.0
        assert b"hello /1" in read_all(sock)


def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    try:
        environ["wsgi.input"].read()
        text = "200 whole"
    except OSError as error:
        text = f"408 {error}"
    start_response(text, [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return []


@pytest.mark.parametrize("framing", [b"Content-Length: 5000", b"Transfer-Encoding: chunked"])
def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch, framing: bytes) -> None:
    monkeypatch.setattr(http1, "BODY_DEADLINE", 0.3)
    with node(app=reading) as living, dial(living) as sock:
        began = time.monotonic()
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n1000\r\n")
        with contextlib.suppress(OSError):
            for _ in range(50):
                sock.sendall(b"x")
                time.sleep(0.05)  # the pace is what is tested
        assert time.monotonic() - began < 2.0
        assert get(living) == b""


def test_ten_megabytes_of_header_are_not_kept(living: Node) -> None:
    with dial(living, 20.0) as sock:
        with contextlib.suppress(OSError):
            sock.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * (10 << 20) + b"\r\n\r\n")
            sock.shutdown(socket.SHUT_WR)
        assert read_all(sock)[:12] in (b"HTTP/1.1 413", b"HTTP/1.1 400", b"")
    assert get(living, "/after") == b"hello /after"


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
def test_who_only_holds_a_connection_gives_way_from_however_many_addresses(said: bytes) -> None:
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
        assert get(living) == b""


def test_one_address_does_not_take_all_of_grpc() -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
    with node(grpc_each=2) as living, dial(living) as first, dial(living) as second:
        for sock in (first, second):
            sock.sendall(preface)
            assert sock.recv(100)
        with dial(living) as third:
            third.sendall(preface)
            assert read_all(third) == b""
        with socket.create_connection(("127.0.0.1", living.port), 5, ("127.0.0.2", 0)) as elsewhere:
            elsewhere.sendall(preface)
            assert elsewhere.recv(100)
        assert get(living) == b"hello /"  # HTTP has its own room


def test_a_connection_that_idles_between_requests_is_closed() -> None:
    with node(idle_timeout=0.3) as living, dial(living) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_all(sock).endswith(b"hello /")


def endless(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache")])
    while True:
        yield b"data: tick\n\n"
        gevent.sleep(0.05)


def test_a_reader_of_events_who_left_frees_the_connection() -> None:
    with node(app=endless) as living:
        with dial(living) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(100)
        until(lambda: living.do(lambda: living.doors[0].open_connections) == 0)


def failing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    raise ValueError("secret")


def test_a_failing_application_is_logged_and_says_nothing_to_the_client(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with node(app=failing) as living, dial(living) as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 500")
    assert b"secret" not in answer
    assert "secret" in caplog.text
    assert capfd.readouterr().err == ""


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


def test_a_busy_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            FrontDoor(("127.0.0.1", port), hello, Routes(), "--rpc-port").start()
    assert str(caught.value) == (
        f"--rpc-port {port} is already in use on 127.0.0.1: stop what listens there or choose another port"
    )


@pytest.mark.needs("IPv6")
def test_a_door_opens_on_ipv6_too() -> None:
    door = FrontDoor(("::1", 0), hello, Routes())
    door.start()
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.settimeout(10)
            sock.connect(("::1", door.port))
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert gevent.get_hub().threadpool.apply(read_all, (sock,)).endswith(b"hello /")
    finally:
        door.stop()


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_that_is_not_here_is_one_line(host: str) -> None:
    with pytest.raises(ConfigError, match="is not an address of this machine"):
        FrontDoor((host, 0), hello, Routes()).start()


def test_a_unix_path_that_is_too_long_says_so() -> None:
    Routes(grpc="/" + "x" * 106)
    with pytest.raises(ConfigError, match="at most 107 bytes"):
        Routes(bus="/" + "x" * 107)
