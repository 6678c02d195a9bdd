"""The Pythons of this machine, for what has to work under each."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from glob import glob

from builder.target import PYTHONS


def pythons() -> dict[str, str]:
    """Those that GLuTEN supports, by version."""
    found = {version: python(version) for version in PYTHONS}
    return {version: path for version, path in found.items() if path}


def python(version: str) -> str | None:
    """The real path of a Python that starts: a name on PATH may be a shim that leads nowhere, or to another one."""
    script = "import os, sys; print('%d.%d' % sys.version_info[:2]); print(os.path.realpath(sys.executable))"
    for path in _places(version):
        told = subprocess.run([path, "-c", script], capture_output=True, text=True)
        if told.returncode == 0 and told.stdout.splitlines()[0] == version:
            return told.stdout.splitlines()[1]
    return None


def _places(version: str) -> Iterator[str]:
    named = shutil.which(f"python{version}")
    yield from [named] if named else []
    yield from glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python"))
