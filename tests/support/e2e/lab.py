"""Hosts that are network namespaces, joined by a bridge: what a cut cable does to a run, by the target's ledger.

Each node has a namespace and an address of its own; only the path between a slave and its master is cut, the target
stays in reach of all: a slave that went on without its master would be seen in the target's log. A path is cut by
telling the kernel a wrong hardware address for the other end, so packets vanish as on a broken cable.

slave-2's monotonic clock is ahead by an hour (a time namespace) wherever that can be had. No namespace has a wall clock
of its own: one that jumps is put in place of the real one in `test_node_faults`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey
from tests.support.e2e.network import Network
from tests.support.e2e.programs import Program, environment
from tests.support.needs import NETWORKS, find_program

HOSTS = {"master": "10.213.0.1", "slave-1": "10.213.0.2", "slave-2": "10.213.0.3", "target": "10.213.0.4"}
PYTHON = [sys.executable, "-m", "gluten"]
RPC, WEB, HTTP = "9090", "8888", 8080
RATE = 300
LEASE = 15.0
NEEDS = [pytest.mark.slow, NETWORKS, pytest.mark.needs("nginx")]
CONFIG = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format ledger '$msec $remote_addr'; access_log {folder}/ledger.log ledger; keepalive_requests 1000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen {host}:{port}; location / {{ return 200 'hello world'; }} }}
}}
"""


def other_clock() -> list[str]:
    """What starts a program whose monotonic clock is an hour ahead; nothing where the kernel has no time namespaces."""
    words = ["unshare", "--time", "--monotonic", "3600", "--fork", "--kill-child=SIGTERM"]
    try:
        return words if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else []
    except OSError:
        return []


class Placed(Program):
    """A program of GLuTEN on one of the hosts."""

    def __init__(self, folder: Path, network: Network, host: str, prefix: list[str], *arguments: str) -> None:
        self.name, self.log = host, folder / f"{host}.log"
        command = ["ip", "netns", "exec", network.name(host), *prefix, *PYTHON, *arguments]
        command += ["--bind", HOSTS[host], "--data", str(folder / f"{host}-data"), "--name", host]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=environment(folder), cwd=folder)

    def stop(self, with_signal: int = signal.SIGTERM, patience: float = 15.0) -> int:
        """`unshare` keeps signals to itself, so they go to what it started."""
        if b"unshare" in Path(f"/proc/{self.process.pid}/cmdline").read_bytes():
            for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
                os.kill(int(child), with_signal)
            return self.process.wait(patience)
        return super().stop(with_signal, patience)


class Lab:
    """Master, two slaves and a target, each on a host of its own."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.folder, self.network = folder, network
        ports = ["--web-port", WEB, "--rpc-port", RPC]
        key = folder / "key"
        keyfile.write(key, ClusterKey.make())
        ports += ["--key-file", str(key)]
        self.programs = [Placed(folder, network, "master", [], "--master-mode", *ports)]
        prefixes: dict[str, list[str]] = {"slave-1": [], "slave-2": other_clock()}
        for host, prefix in prefixes.items():
            slave = ["--slave-mode", "--master", f"{HOSTS['master']}:{RPC}", "--rpc-port", "--key-file", str(key)]
            self.programs.append(Placed(folder, network, host, prefix, *slave))
        (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, host=HOSTS["target"], port=HTTP))
        command = [
            "ip",
            "netns",
            "exec",
            network.name("target"),
            find_program("nginx"),
            "-c",
            str(folder / "nginx.conf"),
        ]
        self.target = subprocess.Popen([*command, "-p", str(folder)])

    def client(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A client's command on the master's host."""
        words = ["ip", "netns", "exec", self.network.name("master"), *PYTHON, *arguments]
        words += ["--master", f"{HOSTS['master']}:{RPC}"]
        return subprocess.run(
            words, capture_output=True, text=True, env=environment(self.folder), timeout=60, check=False
        )

    def states(self) -> dict[str, str]:
        done = self.client("nodes", "--format", "json")
        return {n["name"]: n["state"] for n in json.loads(done.stdout)["nodes"]} if done.returncode == 0 else {}

    def submit(self, seconds: int) -> None:
        load = ["-t", "6", "-c", "12", "-R", str(RATE), "-d", f"{seconds}s"]
        done = self.client("submit", *load, f"http://{HOSTS['target']}:{HTTP}/")
        assert done.returncode == 0, done.stderr

    def report(self) -> dict[str, Any]:
        done = self.client("watch", "--format", "json", "last")
        assert done.returncode in (0, 5), done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def ledger(self) -> list[tuple[float, str]]:
        """(Unix time, host) of each request that the target answered."""
        log = self.folder / "ledger.log"
        hosts = {address: host for host, address in HOSTS.items()}
        lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        return [(float(at), hosts[address]) for at, address in lines]

    def close(self) -> None:
        for program in reversed(self.programs):
            program.stop()
        self.target.terminate()
        self.target.wait(10)


def kinds(report: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in report["events"]:
        found.setdefault(event["kind"], []).append(event["node"])
    return found


def balanced(requests: dict[str, int]) -> bool:
    sent = requests["completed"] + requests["failed"] + requests["in_flight"]
    return requests["planned"] == requests["sent"] + requests["dropped"] and requests["sent"] == sent


def accounted(requests: dict[str, int], answered: int) -> bool:
    """Nothing is lost or doubled: what the target answered was counted, but for what was in flight when load was cut
    off, of which nobody here can know whether it was answered."""
    completed, failed, in_flight = (requests[name] for name in ("completed", "failed", "in_flight"))
    return failed == 0 and completed <= answered <= completed + in_flight


def both(one: str, other: str) -> list[tuple[str, str]]:
    return [(one, other), (other, one)]


def sleep_until(wall: float) -> None:
    time.sleep(max(0.0, wall - time.time()))


def ahead(lab: Lab, first: float) -> float:
    """By how many requests the target was asked more than the rate allows, at most, from the Unix time `first` on."""
    times = sorted(at - first for at, _ in lab.ledger() if at >= first)
    return max(count - RATE * at for count, at in enumerate(times, 1))
