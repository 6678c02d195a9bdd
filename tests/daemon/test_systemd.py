"""What a node tells systemd: sd_notify(3), over a socket like the one that systemd opens."""

from __future__ import annotations

import socket
import uuid
from pathlib import Path

import pytest

from gluten.daemon.systemd import Systemd
from tests.support.e2e.programs import Program


def listening(address: str | bytes) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(address)
    sock.settimeout(20.0)
    return sock


@pytest.mark.parametrize("abstract", [False, True])
def test_each_word_is_a_datagram(tmp_path: Path, abstract: bool) -> None:
    name = f"@gluten-{uuid.uuid4().hex}" if abstract else str(tmp_path / "notify")
    with listening(name.replace("@", "\0")) as sock:
        supervisor = Systemd.of({"NOTIFY_SOCKET": name}, 1)
        supervisor.ready()
        supervisor.alive()
        supervisor.stopping()
        assert [sock.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "relative", "@nobody-listens"])
def test_a_socket_without_a_listener_is_no_error(address: str) -> None:
    Systemd.of({"NOTIFY_SOCKET": address}, 1).ready()


@pytest.mark.parametrize(
    ("environ", "pause"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),  # half of it
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),  # meant for another process
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_node_notifies_the_watchdog_twice_in_its_time(environ: dict[str, str], pause: float | None) -> None:
    assert Systemd.of(environ, 7).pause == pause


@pytest.mark.parametrize("mode", ["--master-mode", "--slave-mode"])
def test_a_node_says_when_it_is_ready_that_it_lives_and_that_it_stops(tmp_path: Path, mode: str) -> None:
    address = str(tmp_path / "notify")
    ports = ["--web-port", "0", "--rpc-port", "0"] if mode == "--master-mode" else ["--master", "127.0.0.1:1"]
    with listening(address) as sock:
        settings = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}
        node = Program(tmp_path, "node", mode, *ports, "--bind", "127.0.0.1", settings=settings)
        try:
            assert sock.recv(100) == b"READY=1"
            assert sock.recv(100) == b"WATCHDOG=1"
            assert "\nGLuTEN " in "\n" + node.said  # what it prints comes before it is ready
        finally:
            code = node.stop()
        assert code == 0
        words: list[bytes] = []
        while not words or words[-1] != b"STOPPING=1":
            words.append(sock.recv(100))
    assert set(words[:-1]) <= {b"WATCHDOG=1"}
