"""What a host can run out of, in a network namespace of the test: ports, and time for its name server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import ROOT, environment, wait_for
from tests.support.needs import NETWORKS

pytestmark = [NETWORKS, pytest.mark.needs("ss", "sysctl")]


class Namespace:
    """A host with nothing but loopback."""

    def __init__(self, folder: Path) -> None:
        self.name, self._folder = f"gluten-{uuid.uuid4().hex[:8]}", folder
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.run("ip", "link", "set", "lo", "up")

    def start(self, *command: str, log: str = "out") -> subprocess.Popen[bytes]:
        with (self._folder / log).open("wb") as out:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command],
                stdout=out,
                stderr=out,
                cwd=ROOT,
                env=environment(self._folder),
            )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["ip", "netns", "exec", self.name, *command],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=ROOT,
            env=environment(self._folder),
            check=False,
        )

    def remove(self) -> None:
        subprocess.run(["ip", "netns", "del", self.name], check=True)
        shutil.rmtree(Path("/etc/netns") / self.name, ignore_errors=True)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Namespace]:
    made = Namespace(tmp_path)
    yield made
    made.remove()


GLUTEN = (sys.executable, "-m", "gluten")
MUTE = """
import socket, time
server = socket.socket(type=socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
print("up", flush=True)
time.sleep(60)
"""


def test_no_ephemeral_ports_left_is_a_connect_error_that_names_the_remedy(host: Namespace, tmp_path: Path) -> None:
    """Each of two runs alone fits. Together they need 60 connections and have 40 ports."""
    target = host.start(*GLUTEN, "target", "--port", "8080", log="target")
    load = ("run", "-t1", "-c30", "--format", "json", "http://127.0.0.1:8080/")
    try:
        wait_for("the target", lambda: "listening" in (tmp_path / "target").read_text())
        host.run("sysctl", "-w", "net.ipv4.ip_local_port_range=20000 20039")
        first = host.start(*GLUTEN, *load, "-d8s", log="first")
        wait_for("its connections", lambda: len(host.run("ss", "-tHn", "dport", "8080").stdout.splitlines()) >= 30)
        done = host.run(*GLUTEN, *load, "-d1s")
    finally:
        target.terminate()
        target.wait(10)
    first.wait(20)
    report = json.loads(done.stdout)
    assert set(report["errors"]) == {"connect"}
    assert "ip_local_port_range" in report["samples"]["connect"]
    assert report["requests"]["completed"] > 0  # the connections that got a port go on


def test_more_connections_than_ports_are_refused_before_anything_is_sent(host: Namespace) -> None:
    host.run("sysctl", "-w", "net.ipv4.ip_local_port_range=20000 20019")
    done = host.run(*GLUTEN, "run", "-t1", "-c40", "-d1s", "http://127.0.0.1:8080/")
    assert done.returncode == 2
    assert done.stderr.startswith("gluten: this host is not fit: ephemeral ports: 20 for one address")
    assert "ip_local_port_range" in done.stderr


def test_a_name_server_that_does_not_answer_is_given_up_at_the_deadline(host: Namespace, tmp_path: Path) -> None:
    folder = Path("/etc/netns") / host.name
    folder.mkdir(parents=True)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:10 attempts:1\n")
    server = host.start(sys.executable, "-c", MUTE, log="dns")
    try:
        wait_for("the name server", lambda: "up" in (tmp_path / "dns").read_text())
        began = time.monotonic()
        done = host.run(*GLUTEN, "run", "-T", "1s", "http://slow.example/")
        took = time.monotonic() - began
    finally:
        server.kill()
        server.wait()
    assert done.returncode == 3
    assert "slow.example: the name was not resolved within 1 s" in done.stderr
    assert took < 5
