"""Whether a host is fit to make load. Each check is ok, warn or bad, and says how to mend it.

`doctor` shows all checks. `run`, and each node for its part, refuse a task for which a check is bad, in the same words.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from gluten.units import format_size

RESERVE = 64
"""File descriptors that a process needs beside its connections."""
LEAST_MEMORY = 256 << 20
SLOW_CLOCK = 1e-6
"""Seconds: reading a clock that is a device, not a register of the processor, takes longer."""


class Finding(NamedTuple):
    """`level` is ok, warn or bad. `mend` is a command or a step; empty when all is well."""

    level: str
    what: str
    found: str
    mend: str = ""


class Machine(NamedTuple):
    """What a machine reports about itself. None: not known here, or not limited.

    `files` is the hard limit of open files, `ports` the range for outgoing connections, `time_wait` the number of
    sockets in TIME-WAIT. `quota` are the cores and `memory` the bytes that the control group allows. `tick` is the
    resolution of the monotonic clock and `reading` the time that it takes to read it, in seconds.
    """

    files: int
    cores: int
    ports: tuple[int, int] | None = None
    time_wait: int | None = None
    quota: float | None = None
    memory: int | None = None
    clocksource: str = ""
    tick: float = 1e-9
    reading: float = 1e-7


def unfit(connections: int, threads: int, machine: Machine) -> str:
    """Why this host cannot open so many connections from so many threads, in words. Empty: it can."""
    workers = min(threads, machine.cores)
    for finding in (files(connections, workers, machine), ports(connections, machine)):
        if finding.level == "bad":
            return f"not fit: {finding.what}: {finding.found}: {finding.mend}"
    return ""


def room(threads: int, machine: Machine) -> int:
    """How many connections this host can open from so many threads. Each thread has an equal share."""
    workers = max(1, min(threads, machine.cores))
    each = (machine.files - RESERVE) // -(-threads // workers)
    if machine.ports is not None:
        each = min(each, (machine.ports[1] - machine.ports[0] + 1) // threads)
    return max(1, each) * threads


def python(version: Sequence[int] = sys.version_info[:3]) -> Finding:
    fit = (3, 11) <= tuple(version[:2]) <= (3, 14)
    found = ".".join(map(str, version[:3]))
    return Finding("ok" if fit else "bad", "python", found, "" if fit else "use CPython 3.11 to 3.14")


def files(connections: int, workers: int, machine: Machine) -> Finding:
    """Each worker is a process that opens its share of the connections. Each connection is an open file."""
    needed = -(-connections // max(1, workers)) + RESERVE
    found = f"{machine.files} open files a process; {connections} connections from {workers} workers need {needed}"
    if machine.files >= needed:
        return Finding("ok", "file limit", found)
    return Finding("bad", "file limit", found, f"ulimit -n {needed} as root, or LimitNOFILE={needed} in the unit")


def ports(connections: int, machine: Machine) -> Finding:
    """Each connection to one address and port of a target needs a local port of its own."""
    if machine.ports is None:
        return Finding("ok", "ephemeral ports", "not known on this system")
    count = machine.ports[1] - machine.ports[0] + 1
    found = f"{count} for one address and port of a target, {connections} connections wanted"
    mend = "sysctl -w net.ipv4.ip_local_port_range='1024 65535'"
    if count < connections:
        return Finding("bad", "ephemeral ports", found, mend)
    roomy = count >= 2 * connections
    return Finding("ok" if roomy else "warn", "ephemeral ports", found, "" if roomy else mend)


def time_wait(machine: Machine) -> Finding:
    """The ports of closed connections stay in use for a minute. So they can run out with --no-keepalive."""
    if machine.time_wait is None or machine.ports is None:
        return Finding("ok", "time-wait", "not known on this system")
    count = machine.ports[1] - machine.ports[0] + 1
    found = f"{machine.time_wait} closed connections hold a port of {count}"
    if machine.time_wait < count // 2:
        return Finding("ok", "time-wait", found)
    return Finding("warn", "time-wait", found, "sysctl -w net.ipv4.tcp_tw_reuse=1")


def cores(machine: Machine) -> Finding:
    count, quota = machine.cores, machine.quota
    if quota is not None and quota < count:
        return Finding("warn", "cores", f"{count}, but its cgroup may use {quota:g}", "raise the container's CPU limit")
    return Finding("ok" if count > 1 else "warn", "cores", str(count), "" if count > 1 else "one core does all work")


def memory(machine: Machine) -> Finding:
    if machine.memory is None:
        return Finding("ok", "memory limit", "none")
    found = f"its cgroup may use {format_size(machine.memory)}"
    if machine.memory >= LEAST_MEMORY:
        return Finding("ok", "memory limit", found)
    mend = f"raise the container's memory to {format_size(LEAST_MEMORY)} or more"
    return Finding("warn", "memory limit", found, mend)


def clock(machine: Machine) -> Finding:
    source = f", by {machine.clocksource}" if machine.clocksource else ""
    found = f"{machine.tick * 1e9:g} ns resolution, {machine.reading * 1e9:.0f} ns a reading{source}"
    if machine.tick <= 1e-6 and machine.reading <= SLOW_CLOCK:
        return Finding("ok", "clock", found)
    return Finding("warn", "clock", found, "boot with clocksource=tsc, or use another host: times are coarse here")
