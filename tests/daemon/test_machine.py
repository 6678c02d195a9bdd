"""What a machine says of itself, from a made-up /proc and /sys."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from gluten.daemon.machine import raise_file_limit, read


def test_a_machine_is_read_from_proc_and_sys(tmp_path: Path) -> None:
    def write(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
    write("proc/net/sockstat", "sockets: used 9\nTCP: inuse 5 orphan 0 tw 7 alloc 10 mem 1\n")
    write("sys/fs/cgroup/cpu.max", "150000 100000\n")
    write("sys/fs/cgroup/memory.max", "134217728\n")
    machine = read(tmp_path)
    assert (machine.ports, machine.time_wait) == ((32768, 60999), 7)
    assert (machine.quota, machine.memory) == (1.5, 128 << 20)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "max 100000", "memory.max": "max"}, (None, None)),
        ({"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, (0.5, None)),
        ({"cpu/cpu.cfs_quota_us": "-1", "memory/memory.limit_in_bytes": "9223372036854771712"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_both_versions_of_control_groups_are_read(
    tmp_path: Path, files: dict[str, str], expected: tuple[float | None, int | None]
) -> None:
    for name, text in files.items():
        path = tmp_path / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    machine = read(tmp_path)
    assert (machine.quota, machine.memory) == expected


@pytest.mark.parametrize(
    ("before", "after"), [((100, 200), 200), ((200, 200), 200), ((100, resource.RLIM_INFINITY), 1 << 20)]
)
def test_the_limit_of_open_files_is_raised_as_far_as_it_may_be(
    monkeypatch: pytest.MonkeyPatch, before: tuple[int, int], after: int
) -> None:
    now = before

    def change(_: int, wanted: tuple[int, int]) -> None:
        nonlocal now
        now = wanted

    monkeypatch.setattr(resource, "getrlimit", lambda _: now)
    monkeypatch.setattr(resource, "setrlimit", change)
    assert raise_file_limit() == after
    assert now == (after, before[1])
