"""Three hosts and a target: copy the file, enter the line that the master printed, run; one port is open between."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.network import Network
from tests.support.e2e.programs import Program
from tests.support.e2e.started import Started, clean, counted, told, wait_for_nodes
from tests.support.needs import NETWORKS, lacking
from tests.support.onefile import OneFile

pytestmark = [pytest.mark.slow, NETWORKS]

HOSTS = {"load-1": "10.215.0.1", "load-2": "10.215.0.2", "load-3": "10.215.0.3", "shop": "10.215.0.4"}
PYTHON = str(Path(sys.executable).resolve())
RPC, WEB = 9090, 8888
TARGET = f"http://{HOSTS['shop']}:8080/"


class Site:
    """The hosts, each with a home of its own and the file in it."""

    def __init__(self, folder: Path, network: Network, file: Path) -> None:
        self._folder, self._network, self._file = folder, network, file
        self.programs: list[Program] = []

    def copy(self, host: str) -> None:
        """As scp does."""
        self.home(host).mkdir()
        shutil.copy(self._file, self.home(host) / "gluten.pyz")

    def home(self, host: str) -> Path:
        return self._folder / host

    def command(self, host: str) -> list[str]:
        return [*self._network.inside(host), PYTHON, "gluten.pyz"]

    def start(self, host: str, *arguments: str) -> Program:
        self.programs.append(Started(self.home(host), host, self.command(host), *arguments))
        return self.programs[-1]

    def close(self) -> list[int]:
        return [program.stop() for program in reversed(self.programs)]


@pytest.fixture
def site(tmp_path: Path, one_file: OneFile) -> Iterator[Site]:
    network = Network(HOSTS)
    with contextlib.ExitStack() as stack:
        stack.callback(network.close)
        try:
            network.open()
            network.open_only("load-1", RPC, friend="shop")
        except AssertionError:
            lacking("network namespaces with routing rules")
        made = Site(tmp_path, network, one_file.path)
        stack.callback(made.close)
        for host in HOSTS:
            made.copy(host)
        yield made


def reaches(site: Site, host: str, port: int) -> bool:
    script = f"import socket; socket.create_connection(('{HOSTS['load-1']}', {port}), 1)"
    return subprocess.run([*site.command(host)[:-1], "-c", script], capture_output=True).returncode == 0


def test_three_hosts_that_share_one_port_load_as_one(site: Site) -> None:
    site.start("shop", "target", "--bind", HOSTS["shop"]).find("listening")
    master = site.start("load-1", "--master-mode", "--name", "load-1")
    line = master.find(
        r"on other hosts gluten\.pyz (.*) --key-file FILE, which holds what this prints: gluten\.pyz (.*)"
    )
    join, show = line[1].split(), line[2].split()
    home = site.home("load-1")
    shown = subprocess.run(
        [*site.command("load-1"), *show], capture_output=True, text=True, env=clean(home), cwd=home, check=True
    )
    assert join == ["--slave-mode", "--master", f"{HOSTS['load-1']}:{RPC}", "--rpc-port"]
    assert (reaches(site, "load-2", RPC), reaches(site, "load-2", WEB)) == (True, False)
    for host in ("load-2", "load-3"):
        own = site.home(host) / "slave.key"
        own.touch(0o600)
        own.write_text(shown.stdout)
        site.start(host, *join, "--name", host, "--key-file", str(own))
    address = ["--master", f"{HOSTS['load-1']}:{RPC}"]
    wait_for_nodes(3, site.home("load-1"), site.command("load-1"), *address)

    # From a host that reaches nothing but that port, too.
    shutil.copy(show[-1], site.home("load-3") / "cluster.key")
    load = ["submit", "--watch", "--format", "json", *address, "--key-file", "cluster.key", "-t6", "-c24", "-n", "3000"]
    report = told(site.home("load-3"), site.command("load-3"), *load, TARGET)
    assert report["state"] == "finished"
    assert report["requests"]["completed"] == 3000
    assert counted(TARGET, site.command("shop")[:-2], PYTHON) == 3000
    assert {node["name"]: node["completed"] > 0 for node in report["nodes"]} == dict.fromkeys(list(HOSTS)[:3], True)
    assert sum(node["completed"] for node in report["nodes"]) == 3000
    assert site.close() == [0, 0, 0, 0]


def test_a_slave_without_the_key_shows_what_to_copy(site: Site) -> None:
    site.start("load-1", "--master-mode").find("add slaves")
    command = [*site.command("load-2"), "--slave-mode", "--master", f"{HOSTS['load-1']}:{RPC}", "--rpc-port"]
    home = site.home("load-2")
    done = subprocess.run(command, capture_output=True, text=True, env=clean(home), cwd=home, timeout=30)
    assert done.returncode == 4
    asks = "is on another host and asks for the cluster's key"
    assert re.fullmatch(rf"gluten: the master at .* {asks}: .*\n", done.stderr)
