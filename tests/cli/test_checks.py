"""The checks of a host, on machines that are made up; the machine itself, from a made-up /proc and /sys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gluten.cli import checks
from gluten.cli.machine import Machine
from gluten.cli.skew import apart
from gluten.errors import ConfigError
from gluten.load.ask import ask

GOOD = Machine(files=20_000, cores=4, ports=(32768, 60999), time_wait=10)


@pytest.mark.parametrize(
    ("connections", "workers", "files", "level"),
    [
        (1000, 4, 250 + 64, "ok"),  # 1000 / 4 = 250 connections a process, and 64 files beside them
        (1000, 4, 250 + 63, "bad"),
        (1001, 4, 251 + 63, "bad"),  # one of the four has 251
        (1000, 1, 1063, "bad"),
    ],
)
def test_files_are_counted_by_process(connections: int, workers: int, files: int, level: str) -> None:
    found = checks.files(connections, workers, replace(GOOD, files=files))
    assert found.level == level
    assert ("ulimit -n" in found.mend) is (level == "bad")


@pytest.mark.parametrize(("connections", "level"), [(50, "ok"), (51, "warn"), (100, "warn"), (101, "bad")])
def test_a_connection_needs_a_port(connections: int, level: str) -> None:
    found = checks.ports(connections, replace(GOOD, ports=(20_000, 20_099)))
    assert found.level == level
    assert ("ip_local_port_range" in found.mend) is (level != "ok")


@pytest.mark.parametrize(("waiting", "level"), [(49, "ok"), (50, "warn"), (None, "ok")])
def test_ports_that_wait_are_told_when_they_are_half_of_all(waiting: int | None, level: str) -> None:
    assert checks.time_wait(replace(GOOD, ports=(20_000, 20_099), time_wait=waiting)).level == level


@pytest.mark.parametrize(
    ("machine", "level", "words"),
    [
        (GOOD, "ok", "4"),
        (replace(GOOD, quota=4.0), "ok", "4"),
        (replace(GOOD, quota=1.5), "warn", "4, but its cgroup may use 1.5"),
        (replace(GOOD, cores=1), "warn", "1"),
    ],
)
def test_a_control_group_takes_cores_away(machine: Machine, level: str, words: str) -> None:
    assert (checks.cores(machine).level, checks.cores(machine).found) == (level, words)


@pytest.mark.parametrize(("memory", "level"), [(None, "ok"), (256 << 20, "ok"), ((256 << 20) - 1, "warn")])
def test_little_memory_is_told(memory: int | None, level: str) -> None:
    assert checks.memory(replace(GOOD, memory=memory)).level == level


@pytest.mark.parametrize(("tick", "reading", "level"), [(1e-9, 1e-7, "ok"), (1e-3, 1e-7, "warn"), (1e-9, 2e-6, "warn")])
def test_a_coarse_or_slow_clock_is_told(tick: float, reading: float, level: str) -> None:
    assert checks.clock(replace(GOOD, tick=tick, reading=reading)).level == level


@pytest.mark.parametrize(("minor", "level"), [(10, "bad"), (11, "ok"), (14, "ok"), (15, "bad")])
def test_a_python_without_packages_is_told(minor: int, level: str) -> None:
    assert checks.python((3, minor, 1)).level == level


def test_a_task_is_refused_in_the_doctors_words() -> None:
    machine = replace(GOOD, files=100)
    task = ask("http://a.test/", {"threads": "8", "connections": "400"}, b"")
    expected = checks.files(400, 4, machine)  # eight threads, but four cores: four processes
    with pytest.raises(ConfigError) as caught:
        checks.refuse_unfit(task, machine)
    assert str(caught.value) == f"this host is not fit: {expected.what}: {expected.found}: {expected.mend}"
    checks.refuse_unfit(task, GOOD)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # asked at 100.2, answered at 100.4: a date of 99 s would be 99.0 to 99.99, one of 101 s has not begun
        (100, 0.0),
        (99, 0.2),
        (101, 0.6),
        (40, 59.2),
        (160, 59.6),
    ],
)
def test_clocks_are_apart_by_what_a_whole_second_cannot_explain(told: float, expected: float) -> None:
    assert apart(told, departed=100.2, arrived=100.4) == pytest.approx(expected)


def test_a_machine_is_read_from_proc_and_sys(tmp_path: Path) -> None:
    def write(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
    write("proc/net/sockstat", "sockets: used 9\nTCP: inuse 5 orphan 0 tw 7 alloc 10 mem 1\n")
    write("sys/fs/cgroup/cpu.max", "150000 100000\n")
    write("sys/fs/cgroup/memory.max", "134217728\n")
    machine = Machine.read(tmp_path)
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
    machine = Machine.read(tmp_path)
    assert (machine.quota, machine.memory) == expected
