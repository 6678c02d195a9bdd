"""The hosts for which a zipapp can be built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from builder.errors import BuildError
from gluten_bootstrap.host import GLIBC_FLOOR, host_key, platform_name

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACOS_FLOOR = 14


@dataclass(frozen=True)
class Platform:
    """An operating system on a processor, with the tags of wheels that it accepts, best first."""

    name: str
    sys_platform: str
    machine: str
    tags: tuple[str, ...]


def _linux(machine: str) -> Platform:
    minors = range(GLIBC_FLOOR[1], 4, -1)
    legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    tags = []
    for minor in minors:
        tags.append(f"manylinux_{GLIBC_FLOOR[0]}_{minor}_{machine}")
        if minor in legacy:
            tags.append(f"{legacy[minor]}_{machine}")
    return Platform(f"linux-{machine}", "linux", machine, tuple(tags))


def _macos() -> Platform:
    versions = [f"{major}_0" for major in range(MACOS_FLOOR, 10, -1)]
    tags = [f"macosx_{version}_{kind}" for version in versions for kind in ("arm64", "universal2")]
    tags += [f"macosx_10_{minor}_universal2" for minor in range(16, 8, -1)]
    return Platform("macos-arm64", "darwin", "arm64", tuple(tags))


PLATFORMS = (_linux("x86_64"), _linux("aarch64"), _macos())


@dataclass(frozen=True)
class Target:
    """One platform with one version of CPython."""

    platform: Platform
    python: str

    @property
    def python_tag(self) -> str:
        return "cp" + self.python.replace(".", "")

    @property
    def key(self) -> str:
        """The name of the lock. The bootstrap uses the same name for this host."""
        return f"{self.platform.name}-{self.python_tag}"

    def markers(self) -> dict[str, str]:
        """The environment in which PEP 508 markers are evaluated for this target."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.platform.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Darwin" if self.platform.sys_platform == "darwin" else "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": self.platform.sys_platform,
        }


TARGETS = tuple(Target(platform, python) for platform in PLATFORMS for python in PYTHONS)


ALL, HERE = "all", "here"
"""Names of several targets: all of them; this platform with each Python."""
RELEASED = ("linux-x86_64", "linux-aarch64")
"""The platforms of a release, if no others are given."""


def targets_named(names: Iterable[str]) -> list[Target]:
    """The targets with these keys or of these platforms, in the order of TARGETS. Raises BuildError for an unknown
    name."""
    wanted = {platform_name() if name == HERE else name for name in names}
    known = [*(target.key for target in TARGETS), *(platform.name for platform in PLATFORMS), HERE, ALL]
    unknown = wanted - set(known)
    if unknown:
        raise BuildError(f"target {sorted(unknown)[0]}: not one of {', '.join(known)}")
    return [target for target in TARGETS if wanted & {target.key, target.platform.name, ALL}]


def running_target() -> Target:
    """The target of this interpreter. Raises BuildError if no file can be built for it."""
    return targets_named([host_key()])[0]
