"""Reads this machine's limits, counters and clocks."""

from __future__ import annotations

import contextlib
import os
import resource
import time

from gluten.task.host_checks import Machine

_PORTS = "/proc/sys/net/ipv4/ip_local_port_range"
_OPEN_MAX = 10_240
_Root = str | os.PathLike[str]
_CLOCKSOURCE = "/sys/devices/system/clocksource/clocksource0/current_clocksource"


def read(root: _Root = "/") -> Machine:
    """The machine's state now. `root` is the directory that holds /proc and /sys."""
    low, _, high = _text(root, _PORTS).partition("\t")
    return Machine(
        files=_hard_limit(),
        cores=cores(),
        ports=(int(low), int(high)) if high else None,
        time_wait=_time_wait(_text(root, "/proc/net/sockstat")),
        quota=_quota(root),
        memory=_memory(root),
        clocksource=_text(root, _CLOCKSOURCE),
        tick=time.get_clock_info("monotonic").resolution,
        reading=_clock_cost(),
    )


def raise_file_limit() -> int:
    """Let this process open as many files as it may, and return how many that are."""
    most = _hard_limit()
    for wanted in (min(most, _OPEN_MAX), most):  # macOS refuses more than its OPEN_MAX
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if soft == resource.RLIM_INFINITY else soft


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _text(root: _Root, path: str) -> str:
    try:
        with open(os.path.join(root, path.lstrip("/"))) as file:
            return file.read().strip()
    except OSError:
        return ""


def _hard_limit() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 20 if hard == resource.RLIM_INFINITY else hard


def _time_wait(sockstat: str) -> int | None:
    for line in sockstat.splitlines():
        words = line.split()
        if words[0] == "TCP:" and "tw" in words:
            return int(words[words.index("tw") + 1])
    return None


def _quota(root: _Root) -> float | None:
    """The limit in cores, from control groups version 2, else from version 1."""
    quota, _, period = _text(root, "/sys/fs/cgroup/cpu.max").partition(" ")
    if not quota:
        quota = _text(root, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
        period = _text(root, "/sys/fs/cgroup/cpu/cpu.cfs_period_us")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _memory(root: _Root) -> int | None:
    """The limit in bytes. Version 1 reports a very large number if there is no limit."""
    text = _text(root, "/sys/fs/cgroup/memory.max") or _text(root, "/sys/fs/cgroup/memory/memory.limit_in_bytes")
    return int(text) if text.isdigit() and int(text) < 1 << 60 else None


def _clock_cost() -> float:
    """Seconds for one reading of the clock."""
    began = time.perf_counter()
    for _ in range(1000):
        time.monotonic()
    return (time.perf_counter() - began) / 1000
