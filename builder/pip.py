"""pip, by which alone wheels are looked up and fetched: from whatever index the user's pip is set up for."""

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
    """The options that make pip choose wheels for `target`, whatever it runs on itself."""
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
    """pip's own report of what it would install for `target`, one entry a distribution. Raises BuildError."""
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
    """Fetches exactly these locked requirement lines, each with its hash. Raises BuildError."""
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
    """A command that is pip: this interpreter's, or if it has none that of a passing virtual environment."""
    own = [sys.executable, "-m", "pip"]
    quiet = ["--quiet", "--disable-pip-version-check"]
    if subprocess.run([*own, "--version"], capture_output=True).returncode == 0:
        yield [*own, *quiet]
        return
    with tempfile.TemporaryDirectory() as scratch:
        run(
            [sys.executable, "-m", "venv", scratch],
            "making a virtual environment for pip (Debian: apt install python3-venv)",
        )
        yield [str(Path(scratch, "bin", "python")), "-m", "pip", *quiet]


def run(command: Sequence[str], doing: str, cwd: Path | None = None) -> str:
    """Runs a tool and returns its output. Raises BuildError with the last line that it complained with."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        complaint = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        errors = [line for line in complaint if line.startswith("ERROR")] or complaint
        raise BuildError(f"{doing}: {errors[-1]}")
    return done.stdout
