"""`gluten doctor`: is this host fit to load from? Each line is ok, warn or bad, with what mends it."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gluten import units
from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect
from gluten.cli.cores import cores
from gluten.cli.output import check_format
from gluten.cli.show import PLAIN
from gluten.config import data_directory, port
from gluten.errors import GlutenError, UsageError

_RESERVE = 64
"""File descriptors that a node needs beside its connections."""


@dataclass(frozen=True)
class Finding:
    """`level` is ok, warn or bad; `mend` a command or a step, empty when all is well."""

    level: str
    what: str
    found: str
    mend: str = ""


def doctor(arguments: Arguments) -> int:
    """Exit code 1 when something is bad. Raises UsageError."""
    wanted = check_format(arguments, PLAIN)
    findings = list(examine(arguments))
    if wanted == "json":
        print(json.dumps({"checks": [asdict(finding) for finding in findings]}, indent=2))
    else:
        for finding in findings:
            mend = f"  -> {finding.mend}" if finding.mend else ""
            print(f"{finding.level:<4}  {finding.what:<16}  {finding.found}{mend}")
    return 1 if any(finding.level == "bad" for finding in findings) else 0


def examine(arguments: Arguments) -> Iterator[Finding]:
    """Every check, in the order in which a person would ask."""
    try:
        connections = units.parse_count(arguments.get("connections", "1000"))
    except units.UnitError as error:
        raise UsageError(f"--connections: {error}") from None
    yield _python()
    yield _files(connections)
    yield _ephemeral(connections)
    yield _cores()
    yield _clock()
    yield _data(arguments)
    yield _cache()
    for option, default in (("web-port", "8888"), ("rpc-port", "9090")):
        yield _listen(option, port(arguments.get(option, default), f"--{option}"))
    yield _master(arguments)


def _python() -> Finding:
    version = sys.version.split()[0]
    fit = (3, 11) <= sys.version_info[:2] <= (3, 14)
    return Finding("ok" if fit else "bad", "python", version, "" if fit else "use CPython 3.11 to 3.14")


def _files(connections: int) -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = f"{hard} files may be open ({soft} without asking), {connections} connections wanted"
    if hard >= connections + _RESERVE:
        return Finding("ok", "file limit", found)
    return Finding("bad", "file limit", found, f"ulimit -n {connections + _RESERVE}")


def _ephemeral(connections: int) -> Finding:
    path = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not path.exists():
        return Finding("ok", "ephemeral ports", "not known on this system")
    low, high = map(int, path.read_text().split())
    count, found = high - low + 1, f"{high - low + 1} for one target address and port"
    if count >= connections * 2:
        return Finding("ok", "ephemeral ports", found)
    mend = "sysctl -w net.ipv4.ip_local_port_range='1024 65535'"
    return Finding("warn" if count > connections else "bad", "ephemeral ports", found, mend)


def _cores() -> Finding:
    count = cores()
    quota = _quota()
    if quota is not None and quota < count:
        return Finding("warn", "cores", f"{count}, but its cgroup may use {quota:g}", "raise the container's CPU limit")
    return Finding("ok" if count > 1 else "warn", "cores", str(count), "" if count > 1 else "one core does all work")


def _quota() -> float | None:
    """Cores that cgroup v2 allows, None for no limit."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        return None


def _clock() -> Finding:
    resolution = time.get_clock_info("monotonic").resolution
    return Finding("ok" if resolution <= 1e-6 else "warn", "clock", f"monotonic, {resolution:g} s resolution")


def _data(arguments: Arguments) -> Finding:
    try:
        path = data_directory(arguments.get("data"), os.environ)
    except GlutenError as error:
        return Finding("bad", "data directory", str(error), "name another one with --data DIR")
    free = shutil.disk_usage(path).free
    found = f"{path}, {units.format_size(free)} free"
    if free > 1 << 30:
        return Finding("ok", "data directory", found)
    return Finding("warn", "data directory", found, "free some disk")


def _cache() -> Finding:
    """Where this program was unpacked to, and whether that is a place that lasts."""
    home = Path(__file__).resolve().parents[2]
    if not os.access(home, os.W_OK):
        return Finding("warn", "cache", f"{home}: not writable, so it cannot be repaired", "set GLUTEN_CACHE=DIR")
    passing = any(home.is_relative_to(place) for place in ("/tmp", "/var/tmp", "/dev/shm"))
    mend = "set GLUTEN_CACHE=DIR to a lasting directory of mode 0700" if passing else ""
    return Finding("warn" if passing else "ok", "cache", str(home), mend)


def _listen(option: str, number: int) -> Finding:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("0.0.0.0", number))
        except OSError as error:
            return Finding("warn", option, f"{number}: {error.strerror}", f"a master here needs another --{option}")
    return Finding("ok", option, f"{number} is free")


def _master(arguments: Arguments) -> Finding:
    try:
        with connect(arguments) as client:
            nodes = client.nodes()
    except GlutenError as error:
        return Finding("warn", "master", str(error), "only needed in a cluster")
    return Finding("ok", "master", f"reached, {len(nodes)} nodes")
