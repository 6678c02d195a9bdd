"""Both ports get random sessions, and right ones that were changed at random, while a run is under way.

`GLUTEN_FUZZ_SECONDS` says for how long. The seed is printed where it fails.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from bench.cluster import ProcessUsage
from tests.support.e2e.programs import Cluster
from tests.support.nginx import Nginx

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("GLUTEN_FUZZ_SECONDS", "10"))
SEED = int(os.environ.get("GLUTEN_FUZZ_SEED", "1"))
RATE = 50
MEGABYTE = 1 << 20
ANSWER = 0.02
"""Seconds for which an answer is waited for."""
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE".ljust(54, b"\0")
HELLO = b"\x04\xc8\x05HELLO\x01".ljust(202, b"\0")
INITIATE = b"\x06" + (257).to_bytes(8, "big") + b"\x08INITIATE".ljust(257)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PATHS = (
    "/", "/login", "/login?token=x", "/runs/1", "/static/js/run.js", "/healthz", "/metrics", "/api/v1/runs?search=a",
    "/api/v1/runs/last/report?format=csv", "/api/v1/compare?runs=1,last", "/api/v1/runs/1/events", "/%ff", "/../..",
)  # fmt: skip
HEADERS = (
    "Content-Length: 5", "Content-Length: 5000000", "Transfer-Encoding: chunked", "Expect: 100-continue",
    "Connection: Upgrade", "Connection: close", "Cookie: gluten=x", "Content-Type: application/json", "Origin: null",
    "Accept: text/html", "Accept-Encoding: gzip", "Last-Event-ID: 9", "If-None-Match: *", "Range: bytes=0-",
)  # fmt: skip
BODIES = (b"", b"hello", b'{"url": "http://t.test/"}', b"5\r\nhello\r\n0\r\n\r\n", b"\r\n", b"-1\r\n", b"key=x&next=/")


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def literal(name: str, value: str) -> bytes:
    """A header field of HPACK without an index and without Huffman's code."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def http(chance: random.Random, token: str) -> bytes:
    """One to three requests, some of them with a viewer's token."""
    sent = b""
    for _ in range(chance.randint(1, 3)):
        lines = [f"{chance.choice(['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'])} {chance.choice(PATHS)} HTTP/1.1"]
        lines += ["Host: 127.0.0.1"] * chance.choice([0, 1, 1, 1, 1, 2])
        lines += [f"Authorization: Bearer {token}"] * chance.choice([0, 0, 1])
        lines += chance.sample(HEADERS, chance.randint(0, 4))
        sent += "\r\n".join([*lines, "", ""]).encode() + chance.choice(BODIES)
    return sent


def grpc(chance: random.Random, token: str) -> bytes:
    method = chance.choice(["Submit", "GetRun", "ListRuns", "Watch", "PutFile", "Nothing"])
    fields = b"\x83\x86" + literal(":path", f"/gluten.v1.Gluten/{method}") + literal(":authority", "m")
    fields += literal("content-type", "application/grpc") + literal("te", "trailers")
    fields += literal("authorization", f"Bearer {token}") * chance.choice([0, 1])
    body = chance.choice([b"", b"\0\0\0\0\0", b"\0\0\0\0\2\x0a\0", b"\0\xff\xff\xff\xff", b"\1\0\0\0\1x"])
    frames = [frame(4, 0, 0, b""), frame(1, 4, 1, fields), frame(0, 1, 1, body), frame(6, 0, 0, bytes(8))]
    frames += [frame(8, 0, 0, b"\0\0\1\0"), frame(3, 0, 1, bytes(4)), frame(7, 0, 0, bytes(8))]
    return PREFACE + b"".join(frames[: chance.randint(1, 4)]) + b"".join(chance.sample(frames, 2))


def bus(chance: random.Random, token: str) -> bytes:
    parts = [GREETING, HELLO, INITIATE, b"\0\5hello", b"\2" + (1 << 30).to_bytes(8, "big")]
    return b"".join(parts[: chance.randint(1, 5)])


def noise(chance: random.Random, token: str) -> bytes:
    return chance.choice([b"", b"\x16\x03\x01", b"\xff", b"PRI ", b"GET "]) + chance.randbytes(chance.randint(0, 3000))


KINDS: tuple[Callable[[random.Random, str], bytes], ...] = (http, http, grpc, bus, noise)


def mutated(chance: random.Random, data: bytes) -> bytes:
    """The bytes with up to four changes; one of three is left as it is."""
    sent = bytearray(data)
    for _ in range(chance.choice([0, 1, 4])):
        at = chance.randint(0, len(sent))
        change = chance.randrange(5)
        if change == 0 and at < len(sent):
            sent[at] = chance.randrange(256)
        elif change == 1:
            del sent[at : at + chance.randint(1, 20)]
        elif change == 2:
            sent[at:at] = chance.randbytes(chance.randint(1, 20))
        elif change == 3:
            sent[at:at] = sent[: chance.randint(0, 200)]
        else:
            del sent[at:]
    return bytes(sent)


def session(chance: random.Random, place: str, token: str) -> str:
    """One connection, in pieces or at once, that may leave without hearing an answer. How its answer begins."""
    data = mutated(chance, chance.choice(KINDS)(chance, token))
    host, port = place.split(":")
    source = (f"127.2.{chance.randrange(4)}.1", 0)
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 10, source) as sock:
        cut = chance.randint(0, len(data)) if chance.random() < 0.3 else len(data)
        for piece in (data[:cut], data[cut:]):
            sock.sendall(piece)
        if chance.random() < 0.3:
            sock.shutdown(socket.SHUT_WR)
        sock.settimeout(ANSWER)
        if chance.random() < 0.8:
            return sock.recv(12).decode("latin-1")
    return ""


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("fuzz"), 1)
    yield made
    assert made.stop() == [0, 0]


@pytest.mark.timeout(120 + SECONDS)
def test_a_run_stays_exact_whatever_is_sent_to_both_ports(cluster: Cluster, nginx: Nginx) -> None:
    load = ("-t", "2", "-c", "4", "-R", str(RATE), "-d", f"{SECONDS + 5:g}s")
    assert re.search(r"/runs/\w+", cluster.run("submit", *load, nginx.url).out)
    chance, token, answers = random.Random(SEED), cluster.key.token("viewer"), Counter[str]()
    process, until = ProcessUsage(cluster.master.process.pid), time.monotonic() + SECONDS
    grown: list[int] = []
    while time.monotonic() < until:
        for _ in range(50):
            answers[session(chance, chance.choice([cluster.web, cluster.rpc]), token)] += 1
        grown.append(process.memory)
    said = cluster.master.said
    assert "Traceback" not in said, (SEED, said[-5000:])
    assert not [answer for answer in answers if answer.startswith("HTTP/1.1 5") and "503" not in answer], answers
    assert answers["HTTP/1.1 200"] > 10, "some of it must have been right"
    assert answers["HTTP/1.1 400"] > 10
    assert len(said.splitlines()) < 30 + SECONDS, said[-5000:]
    assert grown[-1] - grown[len(grown) // 4] < 30 * MEGABYTE, grown
    report = cluster.run("watch", "--format", "json", "last").json
    requests = report["requests"]
    assert report["state"] == "finished"
    assert requests["planned"] == RATE * (SECONDS + 5) == requests["sent"] + requests["dropped"]
    assert requests["sent"] == requests["completed"] + requests["failed"] + requests["in_flight"]
    assert requests["failed"] == 0
