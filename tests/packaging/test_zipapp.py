"""The builder carries only locked files and all of them, and makes the same bytes every time."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from builder.target import TARGETS, running_target
from tests.packaging.conftest import WHEEL, Project
from tests.support.needs import lacking
from tests.support.onefile import REPOSITORY, OneFile
from tests.support.pythons import pythons


def paths_in(project: Project) -> set[str]:
    with zipfile.ZipFile(project.output) as archive:
        manifest = archive.read(f"manifest/{running_target().key}").decode()
    return {line.split(" ", 2)[2] for line in manifest.splitlines()}


def test_two_builds_of_one_tree_are_the_same_bytes(project: Project, tmp_path: Path) -> None:
    project.build()
    first = project.output.read_bytes()
    for file in project.root.rglob("*.py"):
        os.utime(file, (1, 1))
        file.chmod(0o755)
    (project.root / "gluten" / "__pycache__").mkdir()
    project.write("gluten/__pycache__/junk.cpython-311.pyc", "junk")
    project.build()
    assert project.output.read_bytes() == first


def test_the_file_is_a_sound_zip_that_can_be_executed(built: Project) -> None:
    with zipfile.ZipFile(built.output) as archive:
        assert archive.testzip() is None
    assert built.output.stat().st_mode & 0o777 == 0o755
    assert built.output.read_bytes().startswith(b"#!/usr/bin/env python3\n")


def test_a_release_has_one_file_for_each_platform_with_all_its_pythons(project: Project) -> None:
    for target in TARGETS:
        project.lock(target, project.wheel("made_up-1.0-py3-none-any.whl", WHEEL))
    assert project.build(command="release") == 0
    assert {path.name: served(path) for path in project.output.parent.iterdir()} == {
        "gluten-linux-x86_64.pyz": {f"linux-x86_64-cp3{minor}" for minor in (11, 12, 13, 14)},
        "gluten-linux-aarch64.pyz": {f"linux-aarch64-cp3{minor}" for minor in (11, 12, 13, 14)},
    }


def test_a_release_for_others_is_made_on_request(project: Project) -> None:
    for target in TARGETS:
        project.lock(target, project.wheel("made_up-1.0-py3-none-any.whl", WHEEL))
    assert project.build("--target", "macos-arm64", "--target", "all", command="release") == 0
    files = {path.name: served(path) for path in project.output.parent.iterdir()}
    assert files["gluten-all.pyz"] == {target.key for target in TARGETS}
    assert files["gluten-macos-arm64.pyz"] == {f"macos-arm64-cp3{minor}" for minor in (11, 12, 13, 14)}
    assert len(files) == 2


def served(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {line.split()[0] for line in archive.read("targets").decode().splitlines()}


@pytest.mark.slow
def test_the_real_tree_gives_the_same_bytes_under_every_python(one_file: OneFile, tmp_path: Path) -> None:
    """Each builds for this host; where the machine has one Python alone, there is nothing to compare."""
    others = {version: path for version, path in pythons().items() if version != running_target().python}
    if not others:
        lacking("a second Python of 3.11 to 3.14")
    for version, python in others.items():
        output = tmp_path / f"{version}.pyz"
        command = [python, str(REPOSITORY / "build_zipapp.py"), "--offline", "--output", str(output)]
        subprocess.run([*command, "--target", running_target().key], check=True, capture_output=True)
        assert output.read_bytes() == one_file.path.read_bytes(), version


@pytest.mark.slow
def test_a_platform_s_file_with_four_pythons_is_at_most_70_mb(platform_file: OneFile) -> None:
    assert platform_file.path.stat().st_size < 70 * 2**20
    assert len(served(platform_file.path)) == 4


def test_package_wheels_and_browser_files_are_carried_and_what_is_never_imported_is_not(
    built: Project,
) -> None:
    assert paths_in(built) == {
        "LICENSE",
        "gluten/__init__.py",
        "gluten/__main__.py",
        "gluten/notices/licences.txt",
        "gluten/notices/sbom.json",
        "gluten/version.py",
        "gluten/webui/static/app.js",
        "gluten/webui/static/vendor/chart.LICENSE",
        "gluten/webui/static/vendor/chart.js",
        "made_up/__init__.py",
        "made_up/extra.py",
        "made_up-1.0.dist-info/licenses/LICENSE",
    }


def test_the_browser_files_of_a_source_tree_come_from_the_locked_package_alone(project: Project) -> None:
    project.write("gluten/webui/static/vendor/chart.js", "edited by hand")
    project.write("gluten/webui/static/vendor/other.js", "by hand")
    project.build()
    assert "gluten/webui/static/vendor/other.js" not in paths_in(project)
    assert "edited by hand" not in project.output.read_bytes().decode("latin-1")


def test_offline_names_the_missing_file(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = project.vendor / "wheels" / "made_up-1.0-py3-none-any.whl"
    wheel.unlink()
    assert project.build() == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert f"{wheel} is missing" in complaint
    assert not project.output.exists()


def test_offline_names_the_missing_browser_package(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (project.vendor / "web" / "chart-1.0.tgz").unlink()
    assert project.build() == 2
    assert "chart-1.0.tgz is missing" in capsys.readouterr().err


@pytest.mark.parametrize("file", ["wheels/made_up-1.0-py3-none-any.whl", "web/chart-1.0.tgz"])
def test_a_file_that_is_not_the_locked_one_is_refused(
    project: Project, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project.vendor / file
    path.write_bytes(path.read_bytes() + b"!")
    assert project.build() == 2
    assert f"{path} is not the file" in capsys.readouterr().err


def test_two_wheels_that_claim_one_path_are_refused(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    first = project.wheel("made_up-1.0-py3-none-any.whl", WHEEL)
    rival = {"made_up/__init__.py": "VALUE = 43", "rival-1.0.dist-info/licenses/LICENSE": "mine"}
    second = project.wheel("rival-1.0-py3-none-any.whl", rival)
    project.lock(running_target(), first, second)
    assert project.build() == 2
    assert "made_up/__init__.py exists already" in capsys.readouterr().err


def test_one_file_can_serve_several_hosts_and_holds_equal_contents_once(project: Project) -> None:
    other = next(target for target in TARGETS if target != running_target())
    project.lock(other, project.wheel("made_up-1.0-py3-none-any.whl", WHEEL))
    project.lock(running_target(), project.wheel("made_up-1.0-py3-none-any.whl", WHEEL))
    assert project.build("--target", other.key, "--target", running_target().key) == 0
    with zipfile.ZipFile(project.output) as archive:
        names, contents = archive.namelist(), archive.read("index").split(b"\n")
    assert len(contents) == len(set(contents))
    assert {f"manifest/{other.key}", f"manifest/{running_target().key}"} <= set(names)


def test_a_start_reads_few_names(project: Project) -> None:
    """Python reads each entry of the zip at each start, so their number is not that of the files."""
    for number in range(100):
        project.write(f"gluten/webui/static/{number}.js", f"go({number})")
    assert project.build() == 0
    with zipfile.ZipFile(project.output) as archive:
        assert len(archive.namelist()) < 20


def test_an_unknown_target_is_refused_with_the_known_ones(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.build("--target", "vax-cp311") == 2
    assert "vax-cp311: not one of linux-x86_64-cp311" in capsys.readouterr().err
