"""No internet, and nothing but Debian's python3: built, started, used and looked at where there is only loopback.

The root has the packages that debootstrap fetches from the mirror that apt uses here; everything that runs in it, the
build too, is in a network namespace that has no other interface. The browser is this machine's, in the same namespace.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import pytest

from builder.errors import BuildError
from builder.target import targets_named
from builder.vendor import Vendor
from tests.support.e2e.network import Network, ip
from tests.support.e2e.programs import Program
from tests.support.e2e.started import Started, clean, counted, told, wait_for_nodes
from tests.support.needs import BROWSER, NETWORKS, lacking, require
from tests.support.onefile import REPOSITORY, OneFile
from tests.support.pythons import pythons

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    NETWORKS,
]

TREE = ("gluten", "gluten_bootstrap", "builder", "build_zipapp.py", "LICENSE")
FILE = "/src/dist/gluten.pyz"
PAGES = """
import json, sys
from tests.support.web.browser import chromium
with chromium() as browser:
    browser.open(sys.argv[1])
    browser.wait(lambda: "GLuTEN" in browser.chrome.title)
    browser.open(sys.argv[2])
    browser.wait(lambda: "Verdict: " in browser.text("verdict"))
    print(json.dumps([browser.chrome.title, browser.console()]))
"""


@pytest.fixture
def alone() -> Iterator[list[str]]:
    """The command prefix that starts a program where there is only loopback."""
    network = Network({})
    space = network.name("alone")
    ip("netns", "add", space)
    try:
        ip("-n", space, "link", "set", "lo", "up")
        yield network.inside("alone")
    finally:
        ip("netns", "del", space)


def mirror() -> list[str]:
    """The mirror that apt uses here. Empty: debootstrap's own."""
    for path in glob("/etc/apt/sources.list") + glob("/etc/apt/sources.list.d/*"):
        text = Path(path).read_text()
        if found := re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?) (https?://\S+/debian)/?\s", text, re.MULTILINE):
            return [found[1]]
    return []


def suite() -> str:
    release = Path("/etc/os-release")
    found = re.search(r"^VERSION_CODENAME=(\w+)", release.read_text(), re.MULTILINE) if release.exists() else None
    if found is None or "ID=debian" not in release.read_text():
        lacking("Debian")
    return found[1]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian that has python3 and what every Debian has, with the source tree and vendor/ in /src."""
    require("debootstrap")
    folder = tmp_path_factory.mktemp("debian")
    made = folder / "root"
    unpacked(fetched(folder / "fetched"), made)
    for name in TREE:
        place, source = made / "src" / name, REPOSITORY / name
        place.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
        else:
            shutil.copy(source, place)
    vendored(made)
    return made


def fetched(folder: Path) -> list[str]:
    """The packages of python3 and of every Debian."""
    command = ["debootstrap", "--download-only", "--variant=minbase", "--include=python3"]
    if subprocess.run([*command, suite(), str(folder), *mirror()], capture_output=True).returncode:
        lacking("a mirror that debootstrap reaches")
    return sorted(map(str, folder.glob("var/cache/apt/archives/*.deb")))


def unpacked(packages: list[str], root: Path) -> None:
    """Their files, the users and the devices. To configure a hundred packages takes a minute, and nothing here needs
    it."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    for package in packages:
        unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink'
        subprocess.run(["bash", "-o", "pipefail", "-c", unpack, "bash", package, str(root)], check=True)
    for name in ("passwd", "group"):
        shutil.copy(root / "usr/share/base-passwd" / f"{name}.master", root / "etc" / name)
    devices = [f"/dev/{name}" for name in ("null", "zero", "random", "urandom")]
    if subprocess.run(["cp", "-a", *devices, str(root / "dev")]).returncode:
        lacking("the right to make devices")
    subprocess.run(["chroot", str(root), "ldconfig"], check=True)


def vendored(root: Path) -> None:
    """The files of vendor/ that the root's Python needs."""
    ask = "import sys; print(*sys.version_info[:2])"
    version = subprocess.check_output(["chroot", str(root), "python3", "-c", ask])
    machine = os.uname().machine
    (target,) = targets_named([f"linux-{machine}-cp{version.decode().strip().replace(' ', '')}"])
    vendor = Vendor(REPOSITORY / "vendor")
    try:
        vendor.check([target])
    except BuildError:
        lacking(f"the files that `python3 build_zipapp.py vendor --target {target.key}` fetches")
    shutil.copytree(vendor.locks, root / "src" / "vendor" / "locks")
    shutil.copytree(vendor.web, root / "src" / "vendor" / "web")
    (root / "src" / "vendor" / "wheels").mkdir()
    for wheel in vendor.locked(target):
        shutil.copy(vendor.wheels / wheel.file, root / "src" / "vendor" / "wheels")


def test_the_root_has_nothing_but_pythons_own_library(root: Path, alone: list[str]) -> None:
    """With more in the root, the next test would prove less."""
    names = ("pip", "gevent", "grpc", "zmq", "bottle", "setuptools")
    script = f"import importlib.util as u; print([n for n in {names} if u.find_spec(n)])"
    done = subprocess.run([*alone, "chroot", str(root), "python3", "-c", script], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert subprocess.run([*alone, "ip", "-br", "link"], capture_output=True).stdout.split()[0] == b"lo"


@BROWSER
def test_it_is_built_started_and_used_without_a_network(root: Path, alone: list[str], tmp_path: Path) -> None:
    inside = [*alone, "chroot", str(root)]
    build = [*inside, "python3", "/src/build_zipapp.py", "--offline"]
    done = subprocess.run(build, capture_output=True, text=True, env=clean(Path("/root")))
    assert done.returncode == 0, done.stderr
    gluten = [*inside, "python3", FILE]
    with contextlib.ExitStack() as stack:

        def start(name: str, *arguments: str) -> Program:
            program = Started(tmp_path, name, gluten, *arguments)
            stack.callback(program.stop)
            return program

        url = start("target", "target").find(r"http://[\d.]+:\d+/")[0]
        data = ["--bind", "127.0.0.1", "--no-auth", "--data"]
        start("master", "--master-mode", "--name", "master", *data, "/root/m").find("add slaves")
        start("slave", "--slave-mode", "--rpc-port", "--name", "slave", *data, "/root/s")
        wait_for_nodes(2, tmp_path, gluten)
        report = told(tmp_path, gluten, "submit", "--watch", "--format", "json", "-t4", "-c8", "-n", "2000", url)
        assert report["requests"]["completed"] == 2000 == counted(url, inside, "python3")
        assert [node["completed"] > 0 for node in report["nodes"]] == [True, True]
        title, console = looked_at(alone, "http://127.0.0.1:8888/", f"http://127.0.0.1:8888/runs/{report['id']}")
        assert "GLuTEN" in title
        assert [line for line in console if line.startswith("http://")] == []  # its own pages complain, too


def looked_at(alone: list[str], *urls: str) -> tuple[str, list[str]]:
    """The title of the last page, and the browser's errors."""
    command = [*alone, sys.executable, "-c", PAGES, *urls]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=90)
    assert done.returncode == 0, done.stderr
    title, console = json.loads(done.stdout)
    return title, console


def test_one_file_is_a_cluster_of_every_python_of_the_machine(
    platform_file: OneFile, alone: list[str], tmp_path: Path
) -> None:
    """The first is the master's, each other one has a slave: what they tell each other does not depend on it."""
    found = pythons()
    first, *others = found
    commands = {version: [*alone, path, str(platform_file.path)] for version, path in found.items()}
    with contextlib.ExitStack() as stack:

        def start(version: str, name: str, *arguments: str) -> Program:
            program = Started(tmp_path, name, commands[version], *arguments)
            stack.callback(program.stop)
            return program

        url = start(first, "target", "target").find(r"http://[\d.]+:\d+/")[0]
        data = ["--bind", "127.0.0.1", "--no-auth", "--data"]
        start(first, "master", "--master-mode", "--name", first, *data, str(tmp_path / "m")).find("add slaves")
        for version in others:
            start(version, version, "--slave-mode", "--rpc-port", "--name", version, *data, str(tmp_path / version))
        wait_for_nodes(len(found), tmp_path, commands[first])
        load = ["submit", "--watch", "--format", "json", "-t8", "-c16", "-n", "4000", url]
        report = told(tmp_path, commands[[first, *others][-1]], *load)
    assert report["requests"]["completed"] == 4000
    assert {node["name"] for node in report["nodes"] if node["completed"]} == set(found)
