"""The libraries for the browser: npm packages, locked by npm's integrity hashes. A few files of each are used."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from builder.errors import BuildError
from builder.npm import npm_command
from builder.pip import run

PLACE = "gluten/webui/static/vendor"
"""The folder of these files, in the unpacked zipapp and in a source tree."""


@dataclass(frozen=True)
class WebPackage:
    """One npm package. `files` maps a path in it to the name of our file. `license` is an SPDX expression."""

    name: str
    version: str
    license: str
    integrity: str
    files: dict[str, str]

    @property
    def archive(self) -> str:
        return f"{self.name}-{self.version}.tgz"


def read_web_lock(path: Path) -> list[WebPackage]:
    """The packages of the lock. Raises BuildError if it is missing or malformed."""
    try:
        return [WebPackage(name=name, **fields) for name, fields in sorted(json.loads(path.read_text()).items())]
    except (OSError, ValueError, TypeError) as error:
        raise BuildError(f"{path}: {error}") from error


def has_integrity(path: Path, package: WebPackage) -> bool:
    """Whether the file exists and is the locked one. Raises BuildError if it is another one."""
    if not path.is_file():
        return False
    algorithm, _, expected = package.integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, path.read_bytes()).digest()).decode()
    if found != expected:
        raise BuildError(f"{path} is not the file that vendor/locks/web.json names: delete it, and fetch again")
    return True


def fetch(package: WebPackage, directory: Path) -> None:
    """Fetches the package with npm into `directory`. Raises BuildError."""
    with tempfile.TemporaryDirectory() as scratch, npm_command() as npm:
        run(
            [*npm, "pack", f"{package.name}@{package.version}", "--silent"],
            f"npm pack {package.name}",
            Path(scratch),
        )
        fetched = Path(scratch, package.archive)
        if not has_integrity(fetched, package):
            raise BuildError(f"npm pack {package.name}: it did not write {package.archive}")
        directory.mkdir(parents=True, exist_ok=True)
        temporary = directory / f".{package.archive}-{os.getpid()}"
        shutil.copyfile(fetched, temporary)
        os.replace(temporary, directory / package.archive)


def carried(package: WebPackage, directory: Path) -> dict[str, bytes]:
    """Our files of the package, by name. has_integrity() has checked the archive."""
    with tarfile.open(directory / package.archive) as archive:
        contents = {}
        for inside, name in package.files.items():
            member = archive.extractfile(f"package/{inside}")
            if member is None:
                raise BuildError(f"{package.archive}: the file {inside} is missing")
            contents[name] = member.read()
        return contents
