"""The target as a process: what it answers, how late, what it counts, and how it ends."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from gluten.errors import ConfigError
from gluten.target.server import listen, tls_context
from gluten.target.target_options import parse_options
from tests.support.needs import find_program

ROOT = Path(__file__).parents[2]
START = """
import json, sys
from gluten.target.target_options import parse_options
from gluten.target.server import serve
sys.exit(serve(parse_options(**json.loads(sys.argv[1]))))
"""
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Target:
    """A target in its own process."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, json.dumps({"port": "0", **options})],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.port = int(self.line.rsplit(":", 1)[1].strip().strip("/"))

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def ask(self, method: str, path: str) -> HTTPResponse:
        client = HTTPConnection("127.0.0.1", self.port, timeout=5)
        client.request(method, path)
        return client.getresponse()

    def count(self) -> dict[str, Any]:
        counts = json.loads(self.ask("GET", "/_gluten/count").read())
        assert isinstance(counts, dict)
        return counts

    def count_when(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The counts as soon as they match, or after 5 s."""
        deadline = time.monotonic() + 20
        while not fits(counts := self.count()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return counts

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=5)
        return self.process.returncode, errors


@pytest.fixture
def target() -> Iterator[Callable[..., Target]]:
    started: list[Target] = []

    def start(**options: Any) -> Target:
        started.append(Target(options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            assert one.stop() == (0, "")


def read_all(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


def get(client: socket.socket, request: bytes = GET) -> HTTPResponse:
    client.sendall(request)
    response = HTTPResponse(client)
    response.begin()
    return response


def test_it_says_where_it_listens_and_ends_well_on_either_signal(target: Callable[..., Target]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        one = target()
        assert one.line == f"target listening on http://127.0.0.1:{one.port}/\n"
        with one.connect() as client:  # a connection that is open does not hold it up
            assert get(client).read() == b"hello world"
            assert one.stop(number) == (0, "")


def test_pipelined_requests_are_answered_in_order(target: Callable[..., Target]) -> None:
    one = target(request_id=True, delay="1x0,1x5ms")
    with one.connect() as client:
        client.sendall(GET * 9 + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = read_all(client)
    ids = [int(line[14:], 16) for line in received.split(b"\r\n") if line.startswith(b"X-Request-Id: ")]
    assert ids == list(range(1, 11))
    counts = one.count()
    assert (counts["requests"], counts["answered"], counts["connections"]) == (10, 10, 1)
    assert counts["bytes_out"] == len(received)


def test_a_body_is_read_and_thrown_away(target: Callable[..., Target]) -> None:
    with target().connect() as client:
        head = b"POST / HTTP/1.1\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n"
        client.sendall(head)
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert get(client, b"x" * 3_000_000).read() == b"hello world"
        assert get(client).read() == b"hello world"


def test_counts_are_exact_and_leave_the_control_paths_out(target: Callable[..., Target]) -> None:
    one = target(status="9x200,1x503", size="2k")
    with one.connect() as client:
        for _ in range(100):
            get(client).read()
        counts = one.count()
        assert counts["by_status"] == {"200": 90, "503": 10}
        assert counts["by_method"] == {"GET": 100}
        assert (counts["requests"], counts["answered"]) == (100, 100)
        assert (counts["connections"], counts["open"]) == (1, 1)
        assert counts["bytes_in"] == 100 * len(GET)
        assert sum(count for _, count in counts["per_second"]) == 100
        assert counts["first_at"] <= counts["last_at"] <= time.time()
    assert json.loads(one.ask("POST", "/_gluten/reset").read())["requests"] == 0
    assert one.count()["by_status"] == {}
    assert one.ask("GET", "/_gluten/reset").status == 405
    assert one.ask("GET", "/_gluten/else").status == 404


def test_a_large_answer_counts_when_it_was_taken(target: Callable[..., Target]) -> None:
    one = target(size="20M")
    with one.connect() as client:
        client.sendall(GET + GET)
        assert one.count_when(lambda counts: counts["requests"] == 1)["answered"] == 0
        received = 0
        while received < 40 * 1024 * 1024:
            received += len(client.recv(1 << 20))
        assert one.count_when(lambda counts: counts["answered"] == 2)["answered"] == 2


def test_a_delay_below_a_millisecond_counts_too(target: Callable[..., Target]) -> None:
    """No answer comes early. How late they come, `bench/bounds.py` measures."""
    one = target(delay="10.4ms")
    took = []
    with one.connect() as client:
        for _ in range(50):
            began = time.perf_counter()
            get(client).read()
            took.append(time.perf_counter() - began)
    assert min(took) >= 0.0104


def test_with_one_server_requests_wait_for_each_other(target: Callable[..., Target]) -> None:
    """Four requests on four connections, of 50 ms each: the last is answered after 200 ms."""
    one = target(delay="50ms", servers="1")
    clients = [one.connect() for _ in range(4)]
    began = time.perf_counter()
    for client in clients:
        client.sendall(GET)
    took = []
    for client in clients:
        with client:
            assert client.recv(4096).endswith(b"hello world")
            took.append(time.perf_counter() - began)
    for number, seconds in enumerate(took, start=1):
        assert seconds >= number * 0.05 - 0.001
    assert one.count()["answered"] == 4


def test_a_client_that_leaves_before_its_answer_is_asked_but_not_answered(
    target: Callable[..., Target],
) -> None:
    one = target(delay="30s")
    with one.connect() as client:
        client.sendall(GET)
        one.count_when(lambda counts: counts["requests"] == 1)
    counts = one.count_when(lambda counts: counts["open"] == 0)
    assert (counts["requests"], counts["answered"], counts["open"]) == (1, 0, 0)


def test_one_in_ten_is_reset(target: Callable[..., Target]) -> None:
    one = target(reset="1/10")
    ends: Counter[str] = Counter()
    for _ in range(50):
        with one.connect() as client:
            try:
                get(client).read()
                ends["answered"] += 1
            except ConnectionResetError:
                ends["reset"] += 1
    assert ends == {"answered": 45, "reset": 5}
    counts = one.count()
    assert (counts["requests"], counts["answered"], counts["resets"]) == (50, 45, 5)


def test_it_closes_when_told_to(target: Callable[..., Target]) -> None:
    one = target(close=True, chunked=True)
    with one.connect() as client:
        client.sendall(GET)
        received = read_all(client)
    assert b"Connection: close\r\n" in received
    assert received.endswith(b"\r\n\r\nb\r\nhello world\r\n0\r\n\r\n")


def test_http_1_0_and_head(target: Callable[..., Target]) -> None:
    one = target(body="text", headers=["X-A: b"])
    with one.connect() as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert read_all(client).endswith(b"\r\n\r\ntext")
    with one.connect() as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = read_all(client)
        assert b"Content-Length: 4\r\n" in received
        assert b"X-A: b\r\n" in received
        assert received.endswith(b"\r\n\r\n")


def test_garbage_is_answered_400_and_counted_apart(target: Callable[..., Target]) -> None:
    one = target()
    with one.connect() as client:
        client.sendall(b"\x16\x03\x01 garbage\r\n\r\n" + b"more")
        assert read_all(client).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    counts = one.count()
    assert (counts["requests"], counts["malformed"]) == (0, 1)


def test_tls(target: Callable[..., Target], tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes", "-newkey", "ec"]
    curve = ["-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(
        [find_program("openssl"), "req", "-x509", *subject, *curve, "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )
    one = target(cert=str(cert), key=str(key), size="1x300k,1x11")
    assert one.line.startswith("target listening on https://")
    context = ssl.create_default_context(cafile=str(cert))
    with context.wrap_socket(one.connect(), server_hostname="localhost") as client:
        sizes = []
        for _ in range(10):
            sizes.append(len(get(client).read()))
    assert Counter(sizes) == {300 * 1024: 5, 11: 5}


def test_a_port_in_use_and_a_wrong_certificate_are_one_line_each(tmp_path: Path) -> None:
    taken = listen(parse_options(port="0"))
    port = taken.getsockname()[1]
    with (
        taken,
        pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"),
    ):
        listen(parse_options(port=str(port)))
    with pytest.raises(ConfigError, match="--cert"):
        tls_context(parse_options(cert=str(tmp_path / "none.pem")))
    with pytest.raises(ConfigError, match=r"cannot listen on 256\.1\.1\.1:0: "):
        listen(parse_options(bind="256.1.1.1", port="0"))
    with pytest.raises(ConfigError, match=r"cannot listen on \[2001:db8::1\]:0: "):
        listen(parse_options(bind="2001:db8::1", port="0"))
