"""Reads and writes locks: requirements files of pip that name each wheel of one target with its version and hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from builder.errors import BuildError


@dataclass(frozen=True, order=True)
class Locked:
    """One wheel: normalised name of the project, version, name of the file, and SHA-256 of the file."""

    name: str
    version: str
    file: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


def read_lock(path: Path) -> list[Locked]:
    """The wheels of a lock. Raises BuildError if the lock is missing, or is not as write_lock writes it."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        raise BuildError(f"{path} is missing: write it with `python3 build_zipapp.py lock`") from None
    files = [line.removeprefix("#: ") for line in lines if line.startswith("#: ")]
    requirements = [line for line in lines if line and not line.startswith("#")]
    if len(files) != len(requirements):
        counts = f"{len(requirements)} requirements but {len(files)} file names"
        raise BuildError(f"{path}: {counts}: renew it with `lock`")
    return [_parsed(path, file, requirement) for file, requirement in zip(files, requirements, strict=True)]


def _parsed(path: Path, file: str, requirement: str) -> Locked:
    project, separator, sha256 = requirement.partition(" --hash=sha256:")
    name, equals, version = project.partition("==")
    if not (separator and equals and "/" not in file):
        raise BuildError(f"{path}: not a locked requirement: {requirement}")
    return Locked(name, version, file, sha256)


def write_lock(path: Path, key: str, wheels: Iterable[Locked]) -> None:
    """Writes the lock of the target `key`. Requirements are sorted, and the name of its file is above each."""
    lines = [f"# {key}, made by `python3 build_zipapp.py lock` from requirements.in. Do not edit.", ""]
    for wheel in sorted(wheels):
        lines += [f"#: {wheel.file}", wheel.requirement]
    path.write_text("\n".join(lines) + "\n")


def write_union(path: Path, locks: Mapping[str, tuple[str, list[Locked]]]) -> None:
    """Writes one lock for several targets. `locks` is `{key: (marker of the target, its wheels)}`."""
    hashes: dict[tuple[str, str], dict[str, set[str]]] = {}
    for key, (_, wheels) in locks.items():
        for wheel in wheels:
            hashes.setdefault((wheel.name, wheel.version), {}).setdefault(wheel.sha256, set()).add(key)
    sources = "requirements-dev.in and requirements.in"
    lines = [f"# All targets, made by `python3 build_zipapp.py lock` from {sources}. Do not edit.", ""]
    for (name, version), by_hash in sorted(hashes.items()):
        users = set().union(*by_hash.values())
        marker = " or ".join(sorted(locks[key][0] for key in users)) if len(users) < len(locks) else ""
        lines.append(f"{name}=={version}" + (f" ; {marker}" if marker else "") + " \\")
        lines += [f"    --hash=sha256:{digest} \\" for digest in sorted(by_hash)]
        lines[-1] = lines[-1].removesuffix(" \\")
    path.write_text("\n".join(lines) + "\n")
