"""The zipapp as a person starts it: the made-up one, in a process of its own."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from builder.target import TARGETS, running_target
from gluten.report.formats.webpage import assets
from tests.packaging.conftest import WHEEL, Project
from tests.support.needs import lacking
from tests.support.onefile import REPOSITORY, OneFile
from tests.support.pythons import python
from tests.support.reports import closed


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
        info = archive.getinfo("contents")
    content = bytearray(built.output.read_bytes())
    content[info.header_offset + 100] ^= 0xFF
    built.output.write_bytes(content)
    assert "damaged" in one_line(built.start(GLUTEN_CACHE=tmp_path / "cache"))
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("module", ["__main__", "start", "host", "words"])
def test_old_pythons_can_read_as_far_as_the_refusal(module: str) -> None:
    source = (REPOSITORY / "gluten_bootstrap" / f"{module}.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.10"])
def test_an_older_python_is_refused_with_the_version_that_is_needed(built: Project, version: str) -> None:
    old = python(version)
    if old is None:
        lacking(f"python{version}")
    result = subprocess.run([old, str(built.output)], capture_output=True, text=True)
    assert result.stdout == ""
    assert result.returncode in (1, 2)
    assert re.fullmatch(r"gluten\.pyz: this file is for CPython 3\.11.*; this is (CP|P)ython .*\n", result.stderr)


def test_a_python_without_all_of_its_library_is_told(built: Project, tmp_path: Path) -> None:
    """Such as python3-minimal, which has no shutil."""
    script = "import runpy, sys; sys.modules['shutil'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"
    result = subprocess.run(
        [sys.executable, "-c", script, str(built.output)],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "GLUTEN_CACHE": str(tmp_path / "cache")},
    )
    assert "apt install python3" in one_line(result)


@pytest.mark.parametrize("size", [100, 1000, -30])
def test_a_copy_that_was_cut_off_says_so(built: Project, size: int) -> None:
    built.output.write_bytes(built.output.read_bytes()[:size])
    result = built.start()
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].endswith("this-file-is-incomplete--copy-it-again")


@pytest.mark.slow
@pytest.mark.parametrize("which", ["one_file", "platform_file"])
def test_the_real_zipapp_unpacks_once(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """`bench/bounds.py` measures what its starts take."""
    real: OneFile = request.getfixturevalue(which)
    version = [sys.executable, str(real.path), "--version"]
    environment = {**os.environ, "GLUTEN_CACHE": str(tmp_path / "cache")}
    made = []
    for _ in range(2):
        subprocess.run(version, env=environment, stdout=subprocess.DEVNULL, check=True)
        made.append({path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*.py")})
    assert made[0] == made[1] != {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_unpacks_is_one_line_and_leaves_nothing(
    one_file: OneFile, tmp_path: Path, number: signal.Signals
) -> None:
    environment = {**os.environ, "GLUTEN_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-S", str(one_file.path), "help"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment) as it:
        while it.poll() is None and not any((tmp_path / "cache").glob(".new-*/*")):
            pass
        it.send_signal(number)
        _, said = it.communicate(timeout=60)
    assert (it.returncode, said) in ((130, "gluten: interrupted\n"), (0, ""))
    assert not list((tmp_path / "cache").glob(".new-*"))


def test_a_report_that_the_one_file_writes_has_its_script(one_file: OneFile, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(closed()))
    written = one_file.run("report", str(tmp_path / "old.json"), "--format", "html")
    assert (written.returncode, written.stderr) == (0, "")
    assert f"<script>{assets.script()}</script>" in written.stdout
    assert "uPlot.js" in written.stdout
