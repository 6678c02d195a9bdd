"""Strangers send nonsense, too much, or nothing. The master goes on and reports each in one line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator

import grpc
import pytest
import zmq
from zmq.utils import z85

from bench.cluster import ProcessUsage
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from tests.support.e2e.programs import Cluster, wait_for
from tests.support.nginx import Nginx

pytestmark = pytest.mark.slow

MEGABYTE = 1 << 20
NULL = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL".ljust(54, b"\0") + b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x06DEALER"
CURVE = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE".ljust(54, b"\0")
HELLO = CURVE + b"\x04\xc8\x05HELLO\x01".ljust(202, b"\0")
INITIATE = HELLO + b"\x06" + (257).to_bytes(8, "big") + b"\x08INITIATE".ljust(257)
STRANGERS = {"no key": NULL, "no handshake": CURVE, "half a handshake": HELLO, "a forged one": INITIATE}
PIECE = bytes(MEGABYTE)
CALLS = 10_000
IDLE = 10_000


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("floods"), 1)
    yield made
    assert made.stop() == [0, 0]


class Master:
    """The master under the flood: its resources and its log."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.process = ProcessUsage(cluster.master.process.pid)
        self.before = self.process.memory
        self.said = len(cluster.master.said)
        host, port = cluster.rpc.split(":")
        self.address = (host, int(port))

    def check(self, lines: int, growth: int) -> None:
        """The master answers, knows its slave, and has not grown or logged much."""
        assert sorted(n["name"] for n in self.cluster.nodes() if n["state"] == "alive") == ["master", "slave-1"]
        said = self.cluster.master.said[self.said :]
        assert len(said.splitlines()) <= lines, said[:3000]
        assert self.process.memory - self.before < growth, (self.before, self.process.memory)


@pytest.fixture
def master(cluster: Cluster) -> Master:
    return Master(cluster)


@contextlib.contextmanager
def friend(master: Master) -> Iterator[zmq.Socket[bytes]]:
    """A connection to the bus that has the cluster's key; at the end all that was sent has been read by the door."""
    key = master.cluster.key
    server, client = (z85.encode(key.curve_secret(end)) for end in ("server", "client"))
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.setsockopt(zmq.LINGER, 20_000)
    dealer.setsockopt(zmq.SNDTIMEO, 20_000)
    dealer.curve_serverkey, dealer.curve_publickey = zmq.curve_public(server), zmq.curve_public(client)
    dealer.curve_secretkey = client
    dealer.connect(f"tcp://{master.cluster.rpc}")
    yield dealer
    dealer.close()
    context.term()


def test_a_hundred_thousand_malformed_frames_of_a_friend_are_one_line(master: Master) -> None:
    used = master.process.cpu
    with friend(master) as dealer:
        for index in range(100_000):
            dealer.send(b"\xc1nonsense %d" % index)
    wait_for("the master to be idle", lambda: _idle(master.process))
    assert master.process.cpu - used < 30
    master.check(lines=1, growth=20 * MEGABYTE)


@pytest.mark.parametrize("opening", STRANGERS.values(), ids=STRANGERS)
def test_of_a_stranger_s_frames_none_is_read(master: Master, opening: bytes) -> None:
    used = master.process.cpu
    for _ in range(100):
        with stranger(master, opening) as sock:
            assert pour(sock, 1000 * b"\x00\x09\xc1nonsense", 1000) < 1000
    assert master.process.cpu - used < 5
    master.check(lines=2, growth=20 * MEGABYTE)


def _idle(process: ProcessUsage) -> bool:
    before = process.cpu
    time.sleep(0.5)
    return process.cpu - before < 0.1


def stranger(master: Master, opening: bytes) -> socket.socket:
    """A raw connection to the bus."""
    sock = socket.create_connection(master.address)
    sock.settimeout(10)
    sock.sendall(opening)
    return sock


def pour(sock: socket.socket, piece: bytes, times: int) -> int:
    """How many pieces could be sent before the master ended the connection."""
    for count in range(times):
        try:
            sock.sendall(piece)
        except OSError:
            return count
    return times


@pytest.mark.parametrize("opening", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_s_gigabyte_is_refused(master: Master, opening: bytes) -> None:
    for flags in (b"\x02", b"\x03"):  # whole, or as a first part
        with stranger(master, opening) as sock:
            sock.sendall(flags + (1 << 30).to_bytes(8, "big"))
            assert pour(sock, PIECE, 1024) < 64
    master.check(lines=3, growth=50 * MEGABYTE)


def test_a_friend_s_message_of_a_hundred_megabytes_is_refused(master: Master) -> None:
    with friend(master) as dealer:
        dealer.setsockopt(zmq.LINGER, 2000)
        dealer.send(bytes(100 * MEGABYTE))
    master.check(lines=1, growth=50 * MEGABYTE)


def test_a_friend_s_hundred_megabytes_in_parts_are_held_back_and_then_refused(master: Master) -> None:
    with friend(master) as dealer:
        dealer.setsockopt(zmq.LINGER, 0)
        for _ in range(100):
            dealer.send(PIECE, zmq.SNDMORE)
        dealer.send(b"the end")
        wait_for("the refusal", lambda: "without a whole message" in master.cluster.master.said[master.said :])
        with friend(master) as other:
            other.setsockopt(zmq.RCVTIMEO, 10_000)
            other.send(frames.encode(wire.Bye()))  # from nobody: who are you?
            assert isinstance(frames.decode_down(other.recv()), wire.Challenge)
    master.check(lines=1, growth=50 * MEGABYTE)


def bearer(master: Master) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {master.cluster.key.token('admin')}"),)


def test_a_gigabyte_over_http_is_refused(master: Master) -> None:
    host = f"Host: {master.cluster.rpc}\r\n"
    for head in (
        f"POST /api/v1/runs HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: {1 << 30}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{host}X: ",
    ):
        with socket.create_connection(master.address) as sock:
            sock.settimeout(10)
            sock.sendall(head.encode())
            assert pour(sock, b"x" * MEGABYTE, 1024) < 64
    master.check(lines=2, growth=50 * MEGABYTE)


@pytest.mark.parametrize(
    ("has_key", "code"), [(False, "UNAUTHENTICATED"), (True, "RESOURCE_EXHAUSTED")], ids=["a stranger's", "a friend's"]
)
def test_a_call_of_a_hundred_megabytes_is_refused(master: Master, has_key: bool, code: str) -> None:
    token = bearer(master) if has_key else ()
    with grpc.insecure_channel(master.cluster.rpc, options=[("grpc.max_send_message_length", -1)]) as channel:
        call = channel.unary_unary("/gluten.v1.Gluten/Submit", lambda raw: raw, lambda raw: raw)
        with pytest.raises(grpc.RpcError) as refused:
            call(bytes(100 * MEGABYTE), timeout=20, metadata=token)
    assert refused.value.code().name in (code, "UNAVAILABLE")
    master.check(lines=2, growth=50 * MEGABYTE)


@pytest.mark.parametrize(
    ("has_key", "known", "unknown"),
    [(False, "UNAUTHENTICATED", "UNAUTHENTICATED"), (True, "INVALID_ARGUMENT", "UNIMPLEMENTED")],
    ids=["a stranger's", "a friend's"],
)
def test_ten_thousand_malformed_grpc_calls_are_refused(master: Master, has_key: bool, known: str, unknown: str) -> None:
    token = bearer(master) if has_key else ()
    codes: Counter[str] = Counter()
    with grpc.insecure_channel(master.cluster.rpc) as channel:
        methods = [
            channel.unary_unary(f"/gluten.v1.{name}", lambda raw: raw, lambda raw: raw)
            for name in ("Gluten/Submit", "Gluten/GetRun", "Gluten/Nothing", "Nobody/Knows")
        ]
        for start in range(0, CALLS, 100):
            places = [methods[at % 4] for at in range(start, start + 100)]
            for call in [place.future(b"\xff\xffnonsense", timeout=30, metadata=token) for place in places]:
                codes[call.code().name] += 1
    assert codes == Counter({known: CALLS // 2}) + Counter({unknown: CALLS // 2})
    master.check(lines=0, growth=30 * MEGABYTE)


def test_a_thousand_broken_http2_connections_are_ended(master: Master) -> None:
    for at in range(1000):
        with socket.create_connection(master.address) as sock, contextlib.suppress(OSError):
            sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(100 + at))
    # Until the door has seen their ends, more of one address than it lets in are turned away, and so are its commands.
    wait_for("room for a command", lambda: master.cluster.run("nodes").code == 0)
    master.check(lines=3, growth=50 * MEGABYTE)


def test_a_slave_registers_among_thousands_of_idle_connections(master: Master) -> None:
    """They are on the very port that it uses. The door keeps 4,000 idle connections, and closes the oldest for a new
    one."""
    with contextlib.ExitStack() as held:
        for index in range(IDLE):
            source = (f"127.1.{index % 16}.1", 0)  # of one address the door keeps a thousand
            held.enter_context(socket.create_connection(master.address, 10, source))
        late = master.cluster.add_slave("late", "--log-format", "json")
        wait_for("the slave to join", lambda: "late" in [n["name"] for n in master.cluster.nodes()])
    assert late.stop() == 0
    master.cluster.programs.remove(late)
    master.check(lines=10, growth=150 * MEGABYTE)
    wait_for("the connections to be given up", lambda: _files(master) < 200)


def _files(master: Master) -> int:
    return len(os.listdir(f"/proc/{master.cluster.master.process.pid}/fd"))


def test_browsers_that_stop_reading_delay_no_other(master: Master, nginx: Nginx) -> None:
    sent = master.cluster.run("submit", "-t", "2", "-c", "4", "-R", "100", "-d", "8s", nginx.url)
    run = re.search(r"/runs/(\w+)", sent.out)
    assert run, sent.error
    with contextlib.ExitStack() as held:
        for _ in range(100):
            sock = socket.socket()
            held.enter_context(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            sock.connect(master.address)
            head = f"Host: {master.cluster.rpc}\r\nAuthorization: {bearer(master)[0][1]}"
            sock.sendall(f"GET /api/v1/runs/{run[1]}/events HTTP/1.1\r\n{head}\r\n\r\n".encode())
        done = master.cluster.run("watch", "--format", "json", "last")
        report = json.loads(done.out)
        assert report["state"] == "finished"
        requests = report["requests"]
        assert requests["planned"] == 800 == requests["sent"] + requests["dropped"]
        assert requests["dropped"] <= 160, "a machine that stands still for a while leaves slots unsent"
        master.check(lines=10, growth=50 * MEGABYTE)
