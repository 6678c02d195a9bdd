"""The contents of a zipapp: our package, the wheels without what is never imported, and the browser's files."""

from __future__ import annotations

import fnmatch
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from builder.archive import Blob, copied, stored
from builder.errors import BuildError
from builder.notices import notices
from builder.target import Target
from builder.vendor import Vendor
from builder.web import PLACE
from builder.wheel import is_licence

PACKAGE_DATA = ("*.py", "webui/static/**", "webui/templates/**", "net/gluten.proto")
"""The files of gluten/ that are included. pyproject.toml names the same for `pip install`."""

DROPPED = (
    # Sources and headers of compiled modules, and what only type checkers and editors read.
    "*.asm", "*.c", "*.cmd", "*.cpp", "*.h", "*.hpp", "*.obj", "*.pxd", "*.pyx", "*.pxi", "*.pyi",
    "*/py.typed", "*.proto",
    # Test suites of the packages.
    "gevent/tests/*", "gevent/testing/*", "greenlet/tests/*", "zope/interface/tests/*",
    "zope/interface/common/tests/*", "zope/event/tests.py", "zmq/tests/*",
    # gevent's other loops and resolvers. Only settings that we never use choose them.
    "gevent/libuv/*", "gevent/resolver/cares.*", "gevent/_ffi/*.so",
    # Of geventhttpclient only the parser is used, of zmq neither the backend for PyPy nor the devices, of peewee's
    # extensions none. Each start looks at every file.
    "geventhttpclient/[!_]*", "zmq/backend/cffi/*", "zmq/devices/*", "zmq/eventloop/*", "zmq/green/eventloop/*",
    "playhouse/*",
    # grpc's interface from before 1.0, and command line tools.
    "grpc/beta/*", "pwiz.py", "peewee-stubs/*",
)  # fmt: skip


def tree(root: Path, vendor: Vendor, target: Target) -> dict[str, Blob]:
    """All files that `target` needs, by their path in the unpacked tree. Raises BuildError if two wheels differ in one
    file."""
    files = own_files(root)
    files |= {f"{PLACE}/{name}": stored(content) for name, content in vendor.web_files().items()}
    files |= {path: stored(content) for path, content in notices(root, vendor, target).items()}
    for wheel in vendor.carried(target):
        for path, blob in wheel_files(vendor.wheels / wheel.file):
            if files.setdefault(path, blob).digest != blob.digest:
                raise BuildError(f"{wheel.file}: {path} exists already with other content")
    return files


def own_files(root: Path) -> dict[str, Blob]:
    """The files of our package in the source tree, and our licence."""
    package = root / "gluten"
    files = {"LICENSE": stored((root / "LICENSE").read_bytes())}
    for path in package.rglob("*"):
        inside = path.relative_to(package).as_posix()
        if path.is_file() and _is_data(inside):
            files[f"gluten/{inside}"] = stored(path.read_bytes())
    return files


def _is_data(inside: str) -> bool:
    fetched = PLACE.removeprefix("gluten/") + "/"
    hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.split("/"))
    return not hidden and not inside.startswith(fetched) and _matches(inside, PACKAGE_DATA)


def wheel_files(wheel: Path) -> Iterator[tuple[str, Blob]]:
    """The files of a wheel that are included, with the paths where an installer would put them."""
    with zipfile.ZipFile(wheel) as source:
        for info in source.infolist():
            path = _installed_path(info.filename)
            if not info.is_dir() and path and not _matches(path, DROPPED):
                yield path, copied(source, wheel, info)


def _installed_path(name: str) -> str:
    """The path of the entry below site-packages, or an empty text if it is not installed.

    Source: PyPA's specification of the binary distribution format.
    """
    parts = name.split("/")
    if parts[0].endswith(".data"):
        return "/".join(parts[2:]) if parts[1] in ("purelib", "platlib") else ""
    if parts[0].endswith(".dist-info"):
        return name if is_licence(parts[1:]) else ""
    return "" if name.endswith(".pth") else name


def _matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)
