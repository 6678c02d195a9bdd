"""The zipapp as a person starts it: the made-up one, in a process of its own."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from builder.target import TARGETS, running_target
from tests.packaging.conftest import REPOSITORY, WHEEL, Project


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("gluten.pyz: ")
    return result.stderr


def test_it_runs_from_the_cache_and_hands_on_the_exit_code(built: Project, tmp_path: Path) -> None:
    result = built.start("7", GLUTEN_CACHE=tmp_path / "cache")
    assert (result.returncode, result.stderr) == (7, "")
    assert result.stdout.startswith(f"gluten 42 {tmp_path}/cache/")


def test_a_later_start_writes_nothing_but_bytecode(built: Project, tmp_path: Path) -> None:
    built.start(GLUTEN_CACHE=tmp_path / "cache")
    before = {path: path.stat().st_ino for path in (tmp_path / "cache").rglob("*")}
    assert built.start(GLUTEN_CACHE=tmp_path / "cache").returncode == 0
    assert {path: path.stat().st_ino for path in (tmp_path / "cache").rglob("*")} == before


def test_first_starts_at_once_share_one_copy(built: Project, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "GLUTEN_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, str(built.output)]
    starts = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
    assert [start.communicate(timeout=60)[0][:9] for start in starts] == [b"gluten 42"] * 4
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_home_that_cannot_be_written_is_passed_over(built: Project, tmp_path: Path) -> None:
    no_directory = built.write("not-a-directory", "")
    result = built.start(HOME=no_directory, TMPDIR=tmp_path, XDG_CACHE_HOME="relative/is/not/followed")
    assert result.returncode == 0
    assert not (tmp_path / "relative").exists()


def test_a_file_for_another_host_says_which_and_what_this_is(project: Project, tmp_path: Path) -> None:
    other = next(target for target in TARGETS if target.platform != running_target().platform)
    project.lock(other, project.wheel("made_up-1.0-py3-none-any.whl", WHEEL))
    project.build("--target", other.key)
    line = one_line(project.start(GLUTEN_CACHE=tmp_path / "cache"))
    assert f"is for CPython {other.python} on {other.platform.name}" in line
    assert f"this is CPython {running_target().python} on {running_target().platform.name}" in line


def test_a_damaged_file_says_so(built: Project, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.output) as archive:
        info = max(
            (i for i in archive.infolist() if i.filename.startswith("o/")), key=lambda i: i.compress_size
        )
    content = bytearray(built.output.read_bytes())
    content[info.header_offset + 100] ^= 0xFF
    built.output.write_bytes(content)
    assert "damaged" in one_line(built.start(GLUTEN_CACHE=tmp_path / "cache"))
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("module", ["__main__", "start", "host"])
def test_old_pythons_can_read_as_far_as_the_refusal(module: str) -> None:
    source = (REPOSITORY / "gluten_bootstrap" / f"{module}.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source


@pytest.mark.slow
@pytest.mark.alone
def test_the_real_zipapp_first_costs_a_second_at_most_and_later_80_ms_above_bare_python(
    tmp_path: Path,
) -> None:
    output = tmp_path / "gluten.pyz"
    command = [sys.executable, str(REPOSITORY / "build_zipapp.py"), "--offline", "--output", str(output)]
    built = subprocess.run(command, capture_output=True, text=True)
    if "is missing" in built.stderr:
        pytest.skip("vendor/ is not filled: python3 build_zipapp.py vendor")
    assert built.returncode == 0, built.stderr
    version = [sys.executable, str(output), "--version"]
    environment = {**os.environ, "GLUTEN_CACHE": str(tmp_path / "cache")}
    assert cpu(version, environment) < 1.0, "the first start unpacks; measured 0.4 s"
    assert (
        "0.1.0" in subprocess.run(version, env=environment, capture_output=True, text=True, check=True).stdout
    )
    above_bare = sorted(
        cpu(version, environment) - cpu([sys.executable, "-c", "pass"], environment) for _ in range(9)
    )
    assert above_bare[4] < 0.080


def cpu(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of CPU, user and system, of one run."""
    before = os.times()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
