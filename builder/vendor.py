"""The folder vendor/: finds and fetches its files. Every file is checked before it is used."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from builder import web
from builder.errors import BuildError
from builder.lock import Locked, read_lock
from builder.pip import download
from builder.target import Target

NOT_CARRIED = frozenset({"brotli", "certifi"})
"""Packages that are locked because the metadata of a wheel requires them, but that are never imported.

geventhttpclient requires both for parts that are not used here.
"""


class Vendor:
    """The locks, which are committed, and the files that they name, which are fetched and never committed."""

    def __init__(self, root: Path) -> None:
        self.locks = root / "locks"
        self.wheels = root / "wheels"
        self.web = root / "web"

    def locked(self, target: Target) -> list[Locked]:
        return read_lock(self.locks / f"{target.key}.txt")

    def carried(self, target: Target) -> list[Locked]:
        """The locked wheels that a file for `target` contains."""
        return [wheel for wheel in self.locked(target) if wheel.name not in NOT_CARRIED]

    def web_packages(self) -> list[web.WebPackage]:
        return web.read_web_lock(self.locks / "web.json")

    def web_files(self) -> dict[str, bytes]:
        """All files for the browser, by name."""
        return {k: v for package in self.web_packages() for k, v in web.carried(package, self.web).items()}

    def check(self, targets: Sequence[Target]) -> None:
        """Raises BuildError, which names the first file that is missing or is not the locked one."""
        wheels = {wheel: None for target in targets for wheel in self.locked(target)}
        missing = [self.wheels / wheel.file for wheel in wheels if not self._has(wheel)]
        for package in self.web_packages():
            if not web.has_integrity(self.web / package.archive, package):
                missing.append(self.web / package.archive)
        if missing:
            more = f" (and {len(missing) - 1} more)" if missing[1:] else ""
            raise BuildError(f"{missing[0]} is missing{more}: fetch with `python3 build_zipapp.py vendor`")

    def fetch(self, targets: Sequence[Target]) -> None:
        """Fetches missing files. Raises BuildError if that fails, or if an existing file is not the locked one."""
        for target in targets:
            missing = [wheel for wheel in self.locked(target) if not self._has(wheel)]
            if missing:
                print(f"{target.key}: fetching {len(missing)} wheels", flush=True)
                self._fetch_wheels(target, missing)
        for package in self.web_packages():
            if not web.has_integrity(self.web / package.archive, package):
                print(f"fetching {package.archive}", flush=True)
                web.fetch(package, self.web)
        self.check(targets)

    def _fetch_wheels(self, target: Target, wheels: Sequence[Locked]) -> None:
        self.wheels.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.wheels, prefix=".fetching-") as scratch:
            download(target, [wheel.requirement for wheel in wheels], Path(scratch))
            for fetched in Path(scratch).iterdir():
                os.replace(fetched, self.wheels / fetched.name)

    def _has(self, wheel: Locked) -> bool:
        path = self.wheels / wheel.file
        if not path.is_file():
            return False
        if hashlib.sha256(path.read_bytes()).hexdigest() != wheel.sha256:
            raise BuildError(f"{path} is not the file that is locked: delete it, and fetch again")
        return True
