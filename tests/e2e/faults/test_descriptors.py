"""A node with few open files keeps some for itself: strangers' connections give way, and its people are served."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, Program, wait_for
from tests.support.nginx import Nginx

FILES = 1024
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


class FewFiles(Program):
    """It may open 1,024 files, and begins with 256 of them."""

    def command(self, folder: Path, module: str, arguments: tuple[str, ...]) -> list[str]:
        line = f'ulimit -Sn 256; ulimit -Hn {FILES}; exec "$@"'
        return ["sh", "-c", line, "sh", *super().command(folder, module, arguments)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("files"), 1, program=FewFiles)
    yield made
    assert made.stop() == [0, 0]


def pid(cluster: Cluster) -> int:
    return cluster.master.process.pid


def opened(cluster: Cluster) -> int:
    return len(os.listdir(f"/proc/{pid(cluster)}/fd"))


def dial(place: str, source: str) -> socket.socket:
    host, port = place.split(":")
    return socket.create_connection((host, int(port)), 10, (source, 0))


def is_served(cluster: Cluster) -> bool:
    """Somebody with the key, by gRPC and by HTTP."""
    page = b""
    with contextlib.suppress(ConnectionResetError), dial(cluster.web, "127.0.0.1") as sock:
        host = f"Host: {cluster.web}\r\nAuthorization: Bearer {cluster.key.token('admin')}\r\nConnection: close"
        sock.sendall(f"GET /api/v1/runs HTTP/1.1\r\n{host}\r\n\r\n".encode())
        page = sock.recv(12)
    names = [node["name"] for node in cluster.nodes() if node["state"] == "alive"]
    return page == b"HTTP/1.1 200" and sorted(names) == ["master", "slave-1"]


def test_a_node_may_open_as_many_files_as_its_host_allows(cluster: Cluster) -> None:
    for program in cluster.programs:
        assert resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE) == (FILES, FILES)


@pytest.mark.parametrize(
    ("count", "sources", "said"),
    [
        (1100, ["127.0.0.1"], b""),
        (1100, ["127.1.0.1"], b""),
        (450, ["127.0.0.1", "127.1.0.1"], PREFACE),
        (450, ["127.1.0.1", "127.1.0.2"], PREFACE),
        (450, ["127.1.0.1", "127.1.0.2"], b"\xff\x00"),
    ],
    ids=["silent, from its own address", "silent", "http/2, from its own address", "http/2", "bus"],
)
def test_strangers_who_hold_connections_leave_room_for_the_admin(
    cluster: Cluster, count: int, sources: list[str], said: bytes
) -> None:
    before = len(cluster.master.said)
    with contextlib.ExitStack() as held:
        for number in range(count):
            place = cluster.web if number % 3 else cluster.rpc
            sock = held.enter_context(dial(place, sources[number % len(sources)]))
            with contextlib.suppress(OSError):  # it had to give way at once
                sock.sendall(said)
        wait_for("the strangers to be limited", lambda: opened(cluster) < FILES - 128)
        assert is_served(cluster)
    new = cluster.master.said[before:]
    assert "Traceback" not in new
    assert len(new.splitlines()) < 8, new
    wait_for("the connections to be given up", lambda: opened(cluster) < 200)


def test_viewers_who_hold_streams_and_take_nothing_leave_room_for_the_admin(cluster: Cluster, nginx: Nginx) -> None:
    before = len(cluster.master.said)
    assert cluster.run("submit", "-t1", "-c1", "-R10", "-d", "5m", nginx.url).code == 0
    head = f"Host: {cluster.web}\r\nAuthorization: Bearer {cluster.key.token('viewer')}\r\n\r\n"
    with contextlib.ExitStack() as held:
        for number in range(300):
            sock = held.enter_context(dial(cluster.web, "127.0.0.1"))
            path = "/api/v1/runs/last/events" if number % 2 else "/static/js/run.js"
            with contextlib.suppress(OSError):
                sock.sendall(f"GET {path} HTTP/1.1\r\n{head}".encode())
        # What is being answered gives way to nobody, so the door may be full until those requests are done.
        wait_for("people to be served", lambda: is_served(cluster), patience=10.0)
        assert is_served(cluster)
        assert cluster.run("stop", "last").code == 0
    new = cluster.master.said[before:]
    assert "Traceback" not in new
    assert len(new.splitlines()) < 16, new


def test_without_a_descriptor_a_node_waits_and_says_so_once(cluster: Cluster) -> None:
    before, used = len(cluster.master.said), {int(name) for name in os.listdir(f"/proc/{pid(cluster)}/fd")}
    free = [number for number in range(FILES) if number not in used]
    resource.prlimit(pid(cluster), resource.RLIMIT_NOFILE, (free[5], FILES))  # five are left
    try:
        with contextlib.ExitStack() as held:
            for _ in range(200):
                held.enter_context(dial(cluster.web, "127.1.0.1"))
            wait_for("the complaint", lambda: "ulimit -n" in cluster.master.said[before:])
            resource.prlimit(pid(cluster), resource.RLIMIT_NOFILE, (FILES, FILES))
            wait_for("people to be served again", lambda: is_served(cluster))
    finally:
        resource.prlimit(pid(cluster), resource.RLIMIT_NOFILE, (FILES, FILES))
    new = cluster.master.said[before:]
    assert new.count("no connection is accepted for a while: Too many open files") == 1
    assert "Traceback" not in new
