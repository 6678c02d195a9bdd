"""`gluten doctor`: is this host fit to load from? Each line is ok, warn or bad, with what mends it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from gluten import units
from gluten.cli.arguments import Arguments
from gluten.cli.commands.show import PLAIN
from gluten.cli.commands.skew import skew
from gluten.cli.commands.speed import speed
from gluten.cli.connect import connect, master_address, tls_of
from gluten.cli.output import check_format
from gluten.config import address, data_directory, port
from gluten.daemon import machine as machines
from gluten.errors import GlutenError
from gluten.task import host_checks
from gluten.task.host_checks import Finding, Machine

_MOST_SKEW = 2.0
"""Seconds; the clocks are compared by whole seconds."""
_SLOW = 5000.0
"""Requests/s below which a host is hardly worth its place."""


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
    connections = arguments.read("connections", units.parse_count, 1000)
    machine = machines.read()
    yield host_checks.python()
    yield host_checks.files(connections, machine.cores, machine)
    yield host_checks.ports(connections, machine)
    yield host_checks.time_wait(machine)
    yield host_checks.cores(machine)
    yield host_checks.memory(machine)
    yield host_checks.clock(machine)
    yield _data(arguments)
    yield _cache()
    yield _loopback()
    for option, default in (("web-port", "8888"), ("rpc-port", "9090")):
        yield _listen(option, port(arguments.get(option, default), f"--{option}"))
    yield from _master(arguments)
    yield _speed(machine)


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
    home = Path(__file__).resolve().parents[3]
    if not os.access(home, os.W_OK):
        return Finding("warn", "cache", f"{home}: not writable, so it cannot be repaired", "set GLUTEN_CACHE=DIR")
    passing = any(home.is_relative_to(place) for place in ("/tmp", "/var/tmp", "/dev/shm"))
    mend = "set GLUTEN_CACHE=DIR to a lasting directory of mode 0700" if passing else ""
    return Finding("warn" if passing else "ok", "cache", str(home), mend)


def _loopback() -> Finding:
    """A connection to this host itself, there and back."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            began = time.perf_counter()
            with socket.create_connection(server.getsockname(), 2.0) as here, server.accept()[0] as there:
                here.sendall(b"?")
                there.recv(1)
            took = time.perf_counter() - began
    except OSError as error:
        return Finding("bad", "loopback", f"127.0.0.1: {error.strerror or error}", "ip link set lo up")
    return Finding("ok", "loopback", f"127.0.0.1 answers in {units.format_micros(took * 1e6)}")


def _listen(option: str, number: int) -> Finding:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("0.0.0.0", number))
        except OSError as error:
            return Finding("warn", option, f"{number}: {error.strerror}", f"a master here needs another --{option}")
    return Finding("ok", option, f"{number} is free")


def _master(arguments: Arguments) -> Iterator[Finding]:
    """Its reach, and once it is reached, how far the clocks are apart."""
    where = master_address(arguments)
    try:
        with connect(arguments) as client:
            nodes = client.nodes()
        apart = skew(address(where), tls_of(arguments) is not None)
    except GlutenError as error:
        yield Finding("warn", "master", str(error), "only needed in a cluster")
        return
    yield Finding("ok", "master", f"{where} is reached, {len(nodes)} nodes")
    if apart is not None:
        found = f"{apart:.1f} s apart" if apart >= 1 else "less than a second apart"
        fit = apart <= _MOST_SKEW
        mend = "" if fit else "timedatectl set-ntp true: runs are timed by another clock, but dates differ"
        yield Finding("ok" if fit else "warn", "clock of master", found, mend)


def _speed(machine: Machine) -> Finding:
    try:
        rate = speed(machine.cores)
    except GlutenError as error:
        return Finding("bad", "speed", f"no load could be made: {error}", "gluten.pyz doctor --debug")
    found = f"about {units.format_count(rate)} requests/s, while the target took its part of this host"
    return Finding("ok" if rate >= _SLOW else "warn", "speed", found, "" if rate >= _SLOW else "use a faster host")
