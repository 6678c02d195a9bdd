"""What tests need beyond Python: programs (`programs.txt`, `FROM_PYPI`) and rights. Each has one name, and
is looked for here alone.

    @pytest.mark.needs("nginx", "root")     marks a test; a module says `pytestmark = …`
    path = find_program("nginx")                 in a fixture or a helper: the path of the program

A test that needs what is not here is skipped. `GLUTEN_TEST_HIDE=chromium,root` hides what is here, so that one machine
shows what another one would skip.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable
from glob import glob
from pathlib import Path
from typing import NoReturn

import pytest

BROWSER = pytest.mark.needs("chromium", "chromedriver")
NETWORKS = pytest.mark.needs("root", "ip", "network namespaces")
MOUNTS = pytest.mark.needs("root", "unshare", "mount", "mounts")

_PLACES = os.pathsep + "/usr/sbin" + os.pathsep + "/sbin"
_SAYS = re.compile(r"(?:Skipped: )?needs (.+), which this machine lacks")


def missing(*names: str) -> list[str]:
    """Those of the programs and rights that are not here."""
    return [name for name in names if name in _hidden() or not _is_here(name)]


def require(*names: str) -> None:
    """Skip the test that asks, if something is missing."""
    if lacks := missing(*names):
        lacking(*lacks)


def lacking(*names: str) -> NoReturn:
    """Skip the test that asks, because these are missing."""
    pytest.skip(f"needs {', '.join(names)}, which this machine lacks")


def lacked(reason: str) -> list[str]:
    """The names in a skipped test's reason; none if it was skipped for something else."""
    said = _SAYS.fullmatch(reason)
    return said[1].split(", ") if said else []


def find_program(name: str) -> str:
    """The path of a program. The test that asks is skipped where there is none."""
    require(name)
    path = _path(name)
    assert path is not None
    return path


def packages() -> dict[str, str]:
    """Debian's package of each program, or of each pattern of paths."""
    lines = (Path(__file__).parent / "programs.txt").read_text().splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Runs before the fixtures of a marked test: they start servers."""
    require(*dict.fromkeys(name for mark in item.iter_markers("needs") for name in mark.args))


def _hidden() -> list[str]:
    return os.environ.get("GLUTEN_TEST_HIDE", "").split(",")


def _is_here(name: str) -> bool:
    if right := RIGHTS.get(name):
        return right()
    return _path(name) is not None


def _path(name: str) -> str | None:
    if name in FROM_PYPI:
        return _beside_modules(FROM_PYPI[name], name)
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath) + _PLACES)
    return found or max(_matches(name), default=None)


def _beside_modules(package: str, name: str) -> str | None:
    found = importlib.util.find_spec(package)
    path = Path(found.origin).with_name(name) if found and found.origin else None
    return str(path) if path and os.access(path, os.X_OK) else None


def _matches(name: str) -> Iterable[str]:
    known = packages()
    patterns = [place for place in known if place.rpartition("/")[2] == name]
    assert patterns, f"{name} is not in tests/support/programs.txt"
    return (path for pattern in patterns if pattern.startswith("/") for path in glob(pattern))


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0
    except OSError:
        return False


def _is_root() -> bool:
    return os.geteuid() == 0


@functools.cache
def _has_networks() -> bool:
    name = f"gluten-probe-{os.getpid()}"
    if not _works("ip", "netns", "add", name):
        return False
    try:
        return _works("ip", "netns", "exec", name, "true")
    finally:
        _works("ip", "netns", "del", name)


@functools.cache
def _has_mounts() -> bool:
    script = "mount -t tmpfs none /mnt"
    return _works("unshare", "--mount", "--propagation", "private", "sh", "-c", script)


@functools.cache
def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def _has_shares() -> bool:
    return cpu_groups() is not None


def cpu_groups() -> Path | None:
    """The folder in which a cgroup with a share of the CPU can be made, or None."""
    places = (Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), Path("/sys/fs/cgroup/cpu.max"))
    found = next((place for place in places if place.exists()), None)
    return None if found is None or not os.access(found.parent, os.W_OK) else found.parent


FROM_PYPI = {"rotel-agent": "rotel"}
"""Programs that a package of `requirements-dev.in` has beside its modules: the program, and the package."""
RIGHTS: dict[str, Callable[[], bool]] = {
    "root": _is_root,
    "network namespaces": _has_networks,
    "mounts": _has_mounts,
    "IPv6": _has_ipv6,
    "shares of the CPU": _has_shares,
}
"""What a machine may refuse or not have, though every program is there."""
