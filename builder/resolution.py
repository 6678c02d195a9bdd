"""Renews the locks: the wheels that each target needs, with all dependencies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from builder.errors import BuildError
from builder.lock import Locked, write_lock, write_union
from builder.pip import resolve
from builder.target import TARGETS, Target

Report = list[dict[str, Any]]


def renew(vendor: Path) -> None:
    """Resolves every target again and writes vendor/locks/. Raises BuildError if a target cannot be resolved."""
    locks = vendor / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    runtime = _requirements(vendor / "requirements.in")
    development = _requirements(vendor / "requirements-dev.in")
    union = {}
    for target in TARGETS:
        wheels = _locked(target, runtime)
        write_lock(locks / f"{target.key}.txt", target.key, wheels)
        pinned = [f"{wheel.name}=={wheel.version}" for wheel in wheels]
        union[target.key] = (_marker(target), _locked(target, [*pinned, *development]))
        print(f"{target.key}: {len(wheels)} wheels", flush=True)
    write_union(locks / "dev.txt", union)


def _requirements(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def _marker(target: Target) -> str:
    platform = target.platform
    where = f'sys_platform == "{platform.sys_platform}" and platform_machine == "{platform.machine}"'
    return f'({where} and python_version == "{target.python}")'


def _locked(target: Target, top: Sequence[str]) -> list[Locked]:
    """The wheels of `top` with all dependencies, for `target`.

    pip evaluates markers (`; python_version < "3.12"`) for the Python that it runs on, not for the target. So they are
    evaluated here. Packages that pip left out are requested, and packages that the target does not need are dropped.
    """
    from pip._vendor.packaging.requirements import Requirement

    wanted = [str(_bare(each)) for each in map(Requirement, top) if _applies(each, target, "")]
    while True:
        report = resolve(target, wanted)
        needed, missing = _closure(target, report, wanted)
        if not missing:
            return sorted(_wheel(entry) for entry in report if _name(entry) in needed)
        wanted += missing


def _closure(target: Target, report: Report, wanted: Sequence[str]) -> tuple[set[str], list[str]]:
    """(names of the packages that `target` needs, requirements that the report lacks)."""
    from pip._vendor.packaging.requirements import Requirement
    from pip._vendor.packaging.utils import canonicalize_name

    found = {_name(entry): entry["metadata"] for entry in report}
    needed: set[str] = set()
    missing: list[str] = []
    queue = [(Requirement(each), "") for each in wanted]
    seen: set[tuple[str, str]] = set()
    while queue:
        requirement, asked_extra = queue.pop()
        name = canonicalize_name(requirement.name)
        if not _applies(requirement, target, asked_extra):
            continue
        if name not in found:
            missing.append(str(_bare(requirement)))
            continue
        needed.add(name)
        for extra in {"", *requirement.extras} - {extra for of, extra in seen if of == name}:
            seen.add((name, extra))
            queue += [(Requirement(each), extra) for each in found[name].get("requires_dist", [])]
    return needed, missing


def _bare(requirement: Any) -> Any:
    requirement.marker = None
    return requirement


def _applies(requirement: Any, target: Target, extra: str) -> bool:
    return requirement.marker is None or bool(requirement.marker.evaluate({**target.markers(), "extra": extra}))


def _name(entry: dict[str, Any]) -> str:
    from pip._vendor.packaging.utils import canonicalize_name

    return str(canonicalize_name(entry["metadata"]["name"]))


def _wheel(entry: dict[str, Any]) -> Locked:
    """The wheel of an entry. Only the file's name is taken from its URL, so that locks name no host."""
    download = entry["download_info"]
    file = unquote(urlsplit(download["url"]).path).rpartition("/")[2]
    try:
        sha256 = download["archive_info"]["hashes"]["sha256"]
    except KeyError:
        raise BuildError(f"{file}: the index has no SHA-256 of it") from None
    return Locked(_name(entry), entry["metadata"]["version"], file, sha256)
