"""What this machine says of itself: limits, counters, clocks."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

from gluten.task.host_checks import Machine

_PORTS = "/proc/sys/net/ipv4/ip_local_port_range"
_CLOCKSOURCE = "/sys/devices/system/clocksource/clocksource0/current_clocksource"


def read(root: Path = Path("/")) -> Machine:
    """As it is now; `root` is where /proc and /sys are looked for."""
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
        reading=_price_of_reading(),
    )


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _text(root: Path, path: str) -> str:
    try:
        return (root / path.lstrip("/")).read_text().strip()
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


def _quota(root: Path) -> float | None:
    """Cores, by version 2 of control groups, else by version 1."""
    quota, _, period = _text(root, "/sys/fs/cgroup/cpu.max").partition(" ")
    if not quota:
        quota = _text(root, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
        period = _text(root, "/sys/fs/cgroup/cpu/cpu.cfs_period_us")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _memory(root: Path) -> int | None:
    """Version 1 says an absurdly large number for no limit."""
    text = _text(root, "/sys/fs/cgroup/memory.max") or _text(root, "/sys/fs/cgroup/memory/memory.limit_in_bytes")
    return int(text) if text.isdigit() and int(text) < 1 << 60 else None


def _price_of_reading() -> float:
    began = time.perf_counter()
    for _ in range(1000):
        time.monotonic()
    return (time.perf_counter() - began) / 1000
