"""`gluten doctor`: checks whether this host can generate load. Each line is ok, warn or bad, and says how to fix it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from gluten import units
from gluten.cli.arguments import Arguments
from gluten.cli.clusterkey import has_slave_key
from gluten.cli.commands.show import PLAIN
from gluten.cli.commands.skew import skew
from gluten.cli.commands.speed import speed
from gluten.cli.connect import connect, master_addresses, masters, tls_of
from gluten.cli.data_directory import data_directory
from gluten.cli.output import check_format
from gluten.config import address, port
from gluten.daemon import machine as machines
from gluten.errors import GlutenError, Unreachable
from gluten.task import host_checks
from gluten.task.host_checks import Finding, Machine

FOR_SLAVES = "by a slave's key, which does not show its nodes"
_MAX_SKEW = 2.0
"""In seconds. The clocks are compared by dates in whole seconds."""
_SLOW = 5000.0
"""Requests/s. A host below this is too slow to be useful."""


def doctor(arguments: Arguments) -> int:
    """Print the findings. Returns exit code 1 if one of them is bad. Raises UsageError."""
    wanted = check_format(arguments, PLAIN)
    findings = list(examine(arguments))
    if wanted == "json":
        print(json.dumps({"checks": [finding._asdict() for finding in findings]}, indent=2))
    else:
        for finding in findings:
            remedy = f"  -> {finding.mend}" if finding.mend else ""
            print(f"{finding.level:<4}  {finding.what:<16}  {finding.found}{remedy}")
    return 1 if any(finding.level == "bad" for finding in findings) else 0


def examine(arguments: Arguments) -> Iterator[Finding]:
    """All checks, with the basic ones first."""
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
    return Finding("warn", "data directory", found, "free some disk space")


def _cache() -> Finding:
    """Where this program is unpacked, and whether that directory is writable and permanent."""
    home = Path(__file__).resolve().parents[3]
    if not os.access(home, os.W_OK):
        return Finding("warn", "cache", f"{home}: not writable, so it cannot be repaired", "set GLUTEN_CACHE=DIR")
    temporary = any(home.is_relative_to(place) for place in ("/tmp", "/var/tmp", "/dev/shm"))
    remedy = "set GLUTEN_CACHE=DIR to a permanent directory of mode 0700" if temporary else ""
    return Finding("warn" if temporary else "ok", "cache", str(home), remedy)


def _loopback() -> Finding:
    """Whether this host can connect to itself, and how long a byte takes."""
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
    """Whether the master can be reached, and how far its clock differs from this one."""
    try:
        shown, where = _shown_by(arguments)
        difference = skew(address(where), tls_of(arguments) is not None)
        if difference is None and shown == FOR_SLAVES:
            raise Unreachable(f"the master at {where} does not answer")
    except GlutenError as error:
        yield Finding("warn", "master", str(error), "only needed in a cluster")
        return
    yield Finding("ok", "master", f"{where} can be reached, {shown}")
    if difference is not None:
        found = f"{difference:.1f} s apart" if difference >= 1 else "less than a second apart"
        close = difference <= _MAX_SKEW
        remedy = "" if close else "timedatectl set-ntp true; this affects dates only, not the timing of runs"
        yield Finding("ok" if close else "warn", "clock of master", found, remedy)


def _shown_by(arguments: Arguments) -> tuple[str, str]:
    """What the master shows of its nodes, and its address. To who has a slave's key it shows nothing."""
    if has_slave_key(arguments, masters(arguments)):
        return FOR_SLAVES, master_addresses(arguments)[0]
    with connect(arguments) as client:
        return f"{len(client.nodes())} nodes", client.address


def _speed(machine: Machine) -> Finding:
    try:
        rate = speed(machine.cores)
    except GlutenError as error:
        return Finding("bad", "speed", f"no load could be generated: {error}", "gluten.pyz doctor --debug")
    found = f"about {units.format_count(rate)} requests/s, with the target on this host too"
    return Finding("ok" if rate >= _SLOW else "warn", "speed", found, "" if rate >= _SLOW else "use a faster host")
