"""HTTP/1.1 behind the front door: what is read, what is refused, and how long it may take."""

import contextlib
import http.client
import logging
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gevent
import gevent.event
import pytest

from gluten.net.door import complaints, http1
from tests.support.net.door import dial, endless, failing, get, read_all, reading
from tests.support.net.fake_rpc_master import Node, hello, node, until


def test_a_first_line_that_drips_is_served(living: Node) -> None:
    """`P` alone may begin PRI or POST. It turns out to be POST."""
    with dial(living, 10.0) as sock:
        for char in b"POST":
            sock.sendall(bytes([char]))
            time.sleep(0.1)  # the pace is what is tested
        sock.sendall(b" /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        assert read_all(sock).endswith(b"hello /slow")


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


def test_a_stream_gives_way_to_a_new_client_though_it_has_nothing_to_send() -> None:
    closed = []

    def silent(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return [b"now"] if environ["PATH_INFO"] == "/now" else waiting()

    def waiting() -> Iterator[bytes]:
        yield b"first"
        try:
            gevent.sleep(60.0)
        finally:
            closed.append(1)

    with node(app=silent, http_each=4, idle_http_each=2) as living, contextlib.ExitStack() as held:
        streams = []
        for _ in range(6):
            streams.append(held.enter_context(dial(living)))
            streams[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert streams[-1].recv(1) == b"H"
        began = time.monotonic()
        assert get(living, "/now") == b"now"
        read_all(streams[0])  # ends
        assert time.monotonic() - began < 5.0
        until(lambda: len(closed) >= 4)


CHUNKS = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("app", ["reads the body", "does not"])
@pytest.mark.parametrize(
    "sent",
    [
        CHUNKS + b"\r\n",
        CHUNKS + b";x\r\n",
        CHUNKS + b"-1\r\n",
        CHUNKS + b"fffffffffffffffffff\r\n",
        CHUNKS + b"5\r\nabc",
        CHUNKS + b"1\r\nabc\r\n",
        CHUNKS + b"0\r\n: x\r\n\r\n",
        b"GET / HTTP/1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nab",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
)
def test_a_malformed_request_makes_no_traceback(
    sent: bytes, app: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    with node(app=reading if app == "reads the body" else hello) as living, dial(living) as sock:
        sock.sendall(sent)
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock).startswith(b"HTTP/1.1 ")
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]
    assert "Traceback" not in capfd.readouterr().err


def test_a_thousand_bad_requests_are_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with node() as living:
        for _ in range(1000):
            with dial(living) as sock:
                sock.sendall(b"nonsense\r\n\r\n")
                assert read_all(sock).startswith(b"HTTP/1.1 400")
    assert len([said for said in caplog.messages if said.startswith("a bad request from")]) <= 2


def test_a_reader_that_takes_no_response_gives_way_to_a_new_client() -> None:
    def large(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"x" * (1 if environ["PATH_INFO"] == "/small" else 32 << 20)]

    with node(app=large, http_each=4, idle_http_each=2) as living, contextlib.ExitStack() as held:
        slow = []
        for _ in range(8):
            slow.append(held.enter_context(dial(living, 20.0)))
            slow[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert slow[-1].recv(1) == b"H"
        assert get(living, "/small") == b"x"
        assert len(read_all(slow[0])) < 32 << 20, "the oldest one was ended"


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


def test_server_sent_events_arrive_one_by_one() -> None:
    """Each event is made after the one before was read. If anything held an event back, the next would never come."""
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


def test_a_token_in_a_request_that_cannot_be_read_is_not_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(complaints, "EVERY", 0.0)
    caplog.set_level(logging.INFO)
    for sent in (b"GET /login?token=sesame more HTTP/1.1", b"PUT /?key=sesame", b"GET / HTTP/1.1\r\nCookie : sesame"):
        with node() as living, dial(living) as sock:
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


def test_a_connection_that_idles_between_requests_is_closed() -> None:
    with node(idle_timeout=0.3) as living, dial(living) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_all(sock).endswith(b"hello /")


def test_an_event_stream_whose_reader_has_left_frees_the_connection() -> None:
    with node(app=endless) as living:
        with dial(living) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sock.recv(100)
        until(lambda: living.do(lambda: living.doors[0].open_connections) == 0)


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


def counting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Says how many bytes of the body it got, and whether that was all. `/allowed` may be large."""
    body, count, whole = environ["wsgi.input"], 0, True
    if environ["PATH_INFO"] == "/allowed":
        body.allow(1 << 30, 60.0)
    try:
        while part := body.read(1 << 18):
            count += len(part)
    except OSError:
        whole = False
    answer = b"%d bytes, %s" % (count, b"whole" if whole else b"cut")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]


@pytest.mark.parametrize(
    ("path", "most", "how"), [("/allowed", 3 * http1.MAX_BODY, b"whole"), ("/", http1.MAX_BODY, b"cut")]
)
def test_a_put_is_read_beyond_the_bound_only_if_the_application_allows_it(path: str, most: int, how: bytes) -> None:
    """Only the application knows who may send so much."""
    size = 3 * http1.MAX_BODY
    with node(app=counting) as living, dial(living, 20.0) as sock:
        sock.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            for _ in range(size >> 20):
                sock.sendall(bytes(1 << 20))
        answer = b""
        with contextlib.suppress(OSError):
            answer = read_all(sock)
    if how == b"whole":
        assert answer.endswith(b"%d bytes, whole" % size)
    else:
        assert b"whole" not in answer
        assert answer == b"" or int(answer.split(b" bytes, cut")[0].split()[-1]) <= most
