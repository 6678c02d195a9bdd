"""The checks of a host, on machines that are made up."""

from __future__ import annotations

import pytest

from gluten.task import host_checks
from gluten.task.host_checks import Machine

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
    found = host_checks.files(connections, workers, GOOD._replace(files=files))
    assert found.level == level
    assert ("ulimit -n" in found.mend) is (level == "bad")


@pytest.mark.parametrize(("connections", "level"), [(50, "ok"), (51, "warn"), (100, "warn"), (101, "bad")])
def test_a_connection_needs_a_port(connections: int, level: str) -> None:
    found = host_checks.ports(connections, GOOD._replace(ports=(20_000, 20_099)))
    assert found.level == level
    assert ("ip_local_port_range" in found.mend) is (level != "ok")


@pytest.mark.parametrize(("waiting", "level"), [(49, "ok"), (50, "warn"), (None, "ok")])
def test_ports_in_time_wait_are_reported_when_they_are_half_of_all(waiting: int | None, level: str) -> None:
    assert host_checks.time_wait(GOOD._replace(ports=(20_000, 20_099), time_wait=waiting)).level == level


@pytest.mark.parametrize(
    ("machine", "level", "words"),
    [
        (GOOD, "ok", "4"),
        (GOOD._replace(quota=4.0), "ok", "4"),
        (GOOD._replace(quota=1.5), "warn", "4, but its cgroup may use 1.5"),
        (GOOD._replace(cores=1), "warn", "1"),
    ],
)
def test_a_control_group_takes_cores_away(machine: Machine, level: str, words: str) -> None:
    assert (host_checks.cores(machine).level, host_checks.cores(machine).found) == (level, words)


@pytest.mark.parametrize(("memory", "level"), [(None, "ok"), (256 << 20, "ok"), ((256 << 20) - 1, "warn")])
def test_little_memory_is_told(memory: int | None, level: str) -> None:
    assert host_checks.memory(GOOD._replace(memory=memory)).level == level


@pytest.mark.parametrize(("tick", "reading", "level"), [(1e-9, 1e-7, "ok"), (1e-3, 1e-7, "warn"), (1e-9, 2e-6, "warn")])
def test_a_coarse_or_slow_clock_is_told(tick: float, reading: float, level: str) -> None:
    assert host_checks.clock(GOOD._replace(tick=tick, reading=reading)).level == level


@pytest.mark.parametrize(("minor", "level"), [(10, "bad"), (11, "ok"), (14, "ok"), (15, "bad")])
def test_a_python_without_packages_is_told(minor: int, level: str) -> None:
    assert host_checks.python((3, minor, 1)).level == level


def test_a_part_is_refused_in_the_doctors_words() -> None:
    machine = GOOD._replace(files=100)
    found = host_checks.files(400, 4, machine)  # eight threads, but four cores: four processes
    assert host_checks.unfit(400, 8, machine) == f"not fit: {found.what}: {found.found}: {found.mend}"
    found = host_checks.ports(400, GOOD._replace(ports=(20_000, 20_099)))
    assert host_checks.unfit(400, 8, GOOD._replace(ports=(20_000, 20_099))) == (
        f"not fit: {found.what}: {found.found}: {found.mend}"
    )
    assert host_checks.unfit(400, 8, GOOD) == ""
