"""The browser's libraries: npm packages, locked by npm's own integrity, of which a few files are carried."""

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
"""Where the pages look for the files, in the unpacked zipapp as in a source tree."""


@dataclass(frozen=True)
class WebPackage:
    """One npm package: `files` maps a path in it to the name under which it is carried; `license` is SPDX's word."""

    name: str
    version: str
    license: str
    integrity: str
    files: dict[str, str]

    @property
    def archive(self) -> str:
        return f"{self.name}-{self.version}.tgz"


def read_web_lock(path: Path) -> list[WebPackage]:
    """Raises BuildError where the lock is missing or malformed."""
    try:
        return [WebPackage(name=name, **fields) for name, fields in sorted(json.loads(path.read_text()).items())]
    except (OSError, ValueError, TypeError) as error:
        raise BuildError(f"{path}: {error}") from error


def has_integrity(path: Path, package: WebPackage) -> bool:
    """Whether the file is there and is the locked one. Raises BuildError if it is another one."""
    if not path.is_file():
        return False
    algorithm, _, expected = package.integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, path.read_bytes()).digest()).decode()
    if found != expected:
        raise BuildError(f"{path} is not the file that vendor/locks/web.json names: delete it, and fetch again")
    return True


def fetch(package: WebPackage, directory: Path) -> None:
    """Fetches the package into `directory` with npm. Raises BuildError."""
    with tempfile.TemporaryDirectory() as scratch, npm_command() as npm:
        run(
            [*npm, "pack", f"{package.name}@{package.version}", "--silent"],
            f"npm pack {package.name}",
            Path(scratch),
        )
        fetched = Path(scratch, package.archive)
        if not has_integrity(fetched, package):
            raise BuildError(f"npm pack {package.name}: it made no {package.archive}")
        directory.mkdir(parents=True, exist_ok=True)
        arriving = directory / f".{package.archive}-{os.getpid()}"
        shutil.copyfile(fetched, arriving)
        os.replace(arriving, directory / package.archive)


def carried(package: WebPackage, directory: Path) -> dict[str, bytes]:
    """The package's carried files by name. The archive has been checked by has_integrity()."""
    with tarfile.open(directory / package.archive) as archive:
        contents = {}
        for inside, name in package.files.items():
            member = archive.extractfile(f"package/{inside}")
            if member is None:
                raise BuildError(f"{package.archive}: no file {inside}")
            contents[name] = member.read()
        return contents
