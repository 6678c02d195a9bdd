"""Directories as hosts have them: read-only homes, noexec, full disks; real mounts, in a namespace of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from builder.target import running_target
from tests.packaging.conftest import Project
from tests.support.needs import MOUNTS, lacking

pytestmark = MOUNTS

SHARED = ("/var/tmp", "/tmp", "/dev/shm")
PYTHON = str(Path(sys.executable).resolve())
"""Not that of a virtual environment, which may lie where the tests mount other things."""


def unshare(script: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", script, "sh", *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"]})


@pytest.fixture
def heavy(project: Project) -> Project:
    """A zipapp of which a small disk cannot hold the tree."""
    project.write("gluten/webui/static/large.js", "x" * 300_000)
    assert project.build() == 0
    return project


def start(project: Project, mounts: list[str], *environ: str) -> subprocess.CompletedProcess[str]:
    """Starts a copy below /mnt after these mounts. Returns the directory of the cache that was used."""
    script = f"""
        mount -t tmpfs none /mnt
        cp "$1" /mnt/gluten.pyz
        mkdir /mnt/home
        {"; ".join(mounts)}
        cd /mnt
        env -i HOME=/mnt/home PATH="$PATH" {" ".join(environ)} "$2" /mnt/gluten.pyz
        find {" ".join(SHARED)} /mnt -name ".new-*"
    """
    return unshare(script, str(project.output), PYTHON)


def tmpfs(options: str, *places: str) -> list[str]:
    return [f"mount -t tmpfs -o {options} none {place}" for place in places]


def test_a_read_only_home_is_passed_over(built: Project) -> None:
    done = start(built, [*tmpfs("ro", "/mnt/home"), *tmpfs("mode=1777", *SHARED)])
    assert (done.returncode, done.stderr) == (0, "")
    assert "/var/tmp/gluten-0/" in done.stdout


def test_directories_mounted_noexec_are_passed_over(built: Project) -> None:
    noexec = tmpfs("noexec,mode=1777", *SHARED[:2])
    done = start(built, [*tmpfs("ro", "/mnt/home"), *noexec, *tmpfs("size=1m", "/dev/shm")])
    assert (done.returncode, done.stderr) == (0, "")
    assert "/dev/shm/gluten-0/" in done.stdout


def test_a_full_disk_is_passed_over_and_nothing_is_left_on_it(heavy: Project) -> None:
    done = start(heavy, [*tmpfs("size=100k", "/mnt/home"), *tmpfs("mode=1777", *SHARED)])
    assert (done.returncode, done.stderr) == (0, "")
    assert "/var/tmp/gluten-0/" in done.stdout
    assert ".new-" not in done.stdout


def test_where_every_disk_is_full_one_line_says_so(heavy: Project) -> None:
    done = start(heavy, tmpfs("size=100k", "/mnt/home", *SHARED))
    assert (done.returncode, done.stdout) == (2, "")
    full = "/mnt/home/.cache/gluten (No space left on device), /var/tmp/gluten-0 (No space left on device), "
    assert done.stderr.startswith(f"gluten.pyz: no directory to unpack into: {full}")
    assert done.stderr.endswith(": set GLUTEN_CACHE to one of your own, mode 0700\n")
    assert done.stderr.count("\n") == 1


def test_where_no_directory_may_hold_programs_one_line_says_so(built: Project) -> None:
    done = start(built, tmpfs("noexec", "/mnt/home", *SHARED))
    assert done.returncode == 2
    assert done.stderr.count("(mounted noexec)") == 4


def test_a_directory_planted_by_another_user_is_passed_over(built: Project) -> None:
    plant = [f"mkdir -m 700 {place}/gluten-0; chown 1234 {place}/gluten-0" for place in SHARED[:2]]
    done = start(built, [*tmpfs("ro", "/mnt/home"), *tmpfs("mode=1777", *SHARED), *plant])
    assert (done.returncode, done.stderr) == (0, "")
    assert "/dev/shm/gluten-0/" in done.stdout


@pytest.mark.needs("setpriv")
def test_each_user_of_one_file_has_a_cache_of_its_own(built: Project) -> None:
    script = f"""
        mount -t tmpfs -o mode=755 none /mnt
        cp "$1" /mnt/gluten.pyz
        {"; ".join(tmpfs("mode=1777", "/var/tmp"))}
        for user in 1001 1002; do
            setpriv --reuid $user --clear-groups env -i HOME=/nonexistent "$2" /mnt/gluten.pyz
        done
        stat -c "%u %a %n" /var/tmp/*
    """
    python = "/usr/bin/python3"
    if running_target().python not in subprocess.getoutput(f"{python} --version"):
        lacking(f"a Python {running_target().python} that every user may start")
    done = unshare(script, str(built.output), python)
    assert done.stderr == ""
    assert done.stdout.splitlines()[2:] == ["1001 700 /var/tmp/gluten-1001", "1002 700 /var/tmp/gluten-1002"]


def test_the_cache_is_used_where_it_cannot_be_written_any_more(built: Project) -> None:
    done = unshare(
        """
        mount -t tmpfs none /mnt
        cp "$1" /mnt/gluten.pyz
        export GLUTEN_CACHE=/mnt/cache
        mkdir -m 700 /mnt/cache
        mount -t tmpfs -o mode=700 none /mnt/cache
        "$2" /mnt/gluten.pyz
        mount -o remount,ro /mnt/cache
        "$2" /mnt/gluten.pyz
        """,
        str(built.output),
        PYTHON,
    )
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first == second
    assert Path(second.split()[-1]).is_relative_to("/mnt/cache")
