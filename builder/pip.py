"""Calls pip, which finds and fetches all wheels. So the index is the one that the user has configured for pip."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from builder.errors import BuildError
from builder.target import Target


def target_options(target: Target) -> list[str]:
    """The options that make pip choose wheels for `target`, not for the host that it runs on."""
    tags = [option for tag in target.platform.tags for option in ("--platform", tag)]
    abis = ["--abi", target.python_tag, "--abi", "abi3", "--abi", "none"]
    return [
        "--only-binary",
        ":all:",
        "--python-version",
        target.python,
        "--implementation",
        "cp",
        *abis,
        *tags,
    ]


def resolve(target: Target, requirements: Sequence[str]) -> list[dict[str, Any]]:
    """pip's report of what it would install for `target`, with one entry for each package. Raises BuildError."""
    with tempfile.TemporaryDirectory() as scratch, pip_command() as pip:
        report = Path(scratch, "report.json")
        command = [
            *pip,
            "install",
            "--dry-run",
            "--ignore-installed",
            "--target",
            scratch,
            "--report",
            str(report),
        ]
        run([*command, *target_options(target), *requirements], f"resolving {target.key}")
        installs: list[dict[str, Any]] = json.loads(report.read_text())["install"]
        return installs


def download(target: Target, lines: Sequence[str], directory: Path) -> None:
    """Fetches the wheels of these locked requirement lines, and checks their hashes. Raises BuildError."""
    with tempfile.TemporaryDirectory() as scratch, pip_command() as pip:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text("\n".join(lines) + "\n")
        command = [*pip, "download", "--no-deps", "--require-hashes", "--dest", str(directory)]
        run(
            [*command, *target_options(target), "--requirement", str(requirements)],
            f"fetching for {target.key}",
        )


@contextmanager
def pip_command() -> Iterator[list[str]]:
    """The command that runs pip: this interpreter's, or that of a temporary virtual environment if it has none."""
    own = [sys.executable, "-m", "pip"]
    quiet = ["--quiet", "--disable-pip-version-check"]
    if subprocess.run([*own, "--version"], capture_output=True).returncode == 0:
        yield [*own, *quiet]
        return
    with tempfile.TemporaryDirectory() as scratch:
        run(
            [sys.executable, "-m", "venv", scratch],
            "creating a virtual environment for pip (on Debian: apt install python3-venv)",
        )
        yield [str(Path(scratch, "bin", "python")), "-m", "pip", *quiet]


def run(command: Sequence[str], activity: str, cwd: Path | None = None) -> str:
    """Runs a tool and returns its output. If it fails, raises BuildError with the last line of its errors."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        errors = [line for line in lines if line.startswith("ERROR")] or lines
        raise BuildError(f"{activity}: {errors[-1]}")
    return done.stdout
