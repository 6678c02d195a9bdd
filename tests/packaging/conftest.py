"""A made-up project: a package of two modules, one wheel, one npm package. Building it takes milliseconds."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import build_zipapp
from builder.lock import Locked, write_lock
from builder.target import Target, running_target
from tests.support.onefile import REPOSITORY

MAIN = """
import sys, made_up
def main(argv=None):
    print("gluten", made_up.VALUE, __file__)
    return int(sys.argv[1]) if sys.argv[1:] else 0
"""

WHEEL = {
    "made_up/__init__.py": "VALUE = 42\n" + "# padding, so that deflating pays\n" * 100,
    "made_up/speed.c": "int main;",
    "made_up-1.0.data/purelib/made_up/extra.py": "",
    "made_up-1.0.data/scripts/made-up": "#!python",
    "made_up-1.0.dist-info/METADATA": "Name: made-up",
    "made_up-1.0.dist-info/licenses/LICENSE": "do as you like",
}

BROWSER = {"dist/chart.js": "chart.js", "LICENSE": "chart.LICENSE"}


class Project:
    """The made-up source tree with its vendor/, and its zipapp once it is built."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.vendor = root / "vendor"
        self.output = root / "dist" / "gluten.pyz"
        (self.vendor / "locks").mkdir(parents=True)
        self.write("LICENSE", "MIT")
        self.write("gluten/__init__.py", "")
        self.write("gluten/version.py", '__version__ = "1.2.3"\n')
        self.write("gluten/__main__.py", MAIN)
        self.write("gluten/webui/static/app.js", "go()")
        shutil.copytree(REPOSITORY / "gluten_bootstrap", root / "gluten_bootstrap")
        self.lock(running_target(), self.wheel("made_up-1.0-py3-none-any.whl", WHEEL))
        self.web_package()

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def wheel(self, name: str, files: Mapping[str, str]) -> Locked:
        path = self.vendor / "wheels" / name
        path.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            for inside, text in files.items():
                # The same bytes whenever it is made: a test may make it again for another lock.
                wheel.writestr(zipfile.ZipInfo(inside), text, zipfile.ZIP_DEFLATED)
        project, version, *_ = name.split("-")
        return Locked(project.replace("_", "-"), version, name, hashlib.sha256(path.read_bytes()).hexdigest())

    def lock(self, target: Target, *wheels: Locked) -> None:
        write_lock(self.vendor / "locks" / f"{target.key}.txt", target.key, wheels)

    def web_package(self) -> None:
        path = self.vendor / "web" / "chart-1.0.tgz"
        path.parent.mkdir(exist_ok=True)
        with tarfile.open(path, "w:gz") as archive:
            for inside in BROWSER:
                member = tarfile.TarInfo(f"package/{inside}")
                member.size = 6
                archive.addfile(member, io.BytesIO(b"draw()"))
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        chart = {"version": "1.0", "license": "MIT", "integrity": integrity, "files": dict(BROWSER)}
        (self.vendor / "locks" / "web.json").write_text(json.dumps({"chart": chart}))

    def build(self, *more: str, command: str = "build") -> int:
        """Builds offline in this process; returns the builder's exit code."""
        places = ["--root", str(self.root), "--vendor", str(self.vendor), "--output", str(self.output)]
        return build_zipapp.main([command, "--offline", *places, *more])

    def start(self, *arguments: str, **environ: str | Path) -> subprocess.CompletedProcess[str]:
        """Runs the zipapp with nothing in its environment but PATH and `environ`."""
        environment = {"PATH": os.environ["PATH"], **{key: str(value) for key, value in environ.items()}}
        command = [sys.executable, str(self.output), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def built(project: Project) -> Project:
    assert project.build() == 0
    return project
