"""Identifies this host. Old Pythons read this module too, so it has no syntax newer than 3.6."""

import os
import sys

GLIBC_FLOOR = (2, 28)


class Refusal(Exception):
    """This file cannot run here. The message is one line for a person."""


def host_key() -> str:
    """The key of this host among the targets of a file, such as `linux-x86_64-cp311`."""
    return f"{platform_name()}-{python_tag()}"


def platform_name() -> str:
    """Operating system and processor, such as `linux-x86_64` or `macos-arm64`."""
    uname = getattr(os, "uname", None)
    if uname is None:
        return sys.platform
    system = str(uname().sysname).lower()
    bits = "" if sys.maxsize > 2**32 else "-32bit"
    return f"{'macos' if system == 'darwin' else system}-{uname().machine}{bits}"


def python_tag() -> str:
    """Implementation and version, such as `cp311`. A build without the GIL ends in `t`."""
    name = sys.implementation.name
    short = "cp" if name == "cpython" else name
    major, minor = sys.version_info[:2]
    return f"{short}{major}{minor}" + ("t" if "t" in sys.abiflags else "")


def check_libc() -> None:
    """Raises Refusal if this is a Linux without glibc, or with an older one than the wheels need."""
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
