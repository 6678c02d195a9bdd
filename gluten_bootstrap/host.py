"""Which host this is. Old Pythons read this module too: no syntax newer than 3.6."""

import os
import sys

GLIBC_FLOOR = (2, 28)


class Refusal(Exception):
    """Why this file cannot run here, in one line for a person."""


def host_key() -> str:
    """This host's name among the targets of a file, as `linux-x86_64-cp311`."""
    return f"{platform_name()}-{python_tag()}"


def platform_name() -> str:
    """Operating system and processor, as `linux-x86_64` or `macos-arm64`."""
    uname = getattr(os, "uname", None)
    if uname is None:
        return sys.platform
    system = str(uname().sysname).lower()
    bits = "" if sys.maxsize > 2**32 else "-32bit"
    return f"{'macos' if system == 'darwin' else system}-{uname().machine}{bits}"


def python_tag() -> str:
    """Implementation and version, as `cp311`; a build without the GIL ends in `t`."""
    name = sys.implementation.name
    short = "cp" if name == "cpython" else name
    major, minor = sys.version_info[:2]
    return f"{short}{major}{minor}" + ("t" if "t" in sys.abiflags else "")


def check_libc() -> None:
    """Raises Refusal where Linux has no glibc, or one older than the wheels were built for."""
    if not sys.platform.startswith("linux"):
        return
    needed = f"glibc {GLIBC_FLOOR[0]}.{GLIBC_FLOOR[1]} or newer"
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):
        name = version = ""
    if name != "glibc":
        raise Refusal(f"this file needs {needed}; this system has another libc (musl?)")
    if tuple(map(int, version.split(".")[:2])) < GLIBC_FLOOR:
        raise Refusal(f"this file needs {needed}; this system has glibc {version}")
