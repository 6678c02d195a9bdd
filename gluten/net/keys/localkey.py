"""Files in which a master leaves its key for the same user's commands and slaves on this host.

They are in a directory of mode 0700 that belongs to the user: `$XDG_RUNTIME_DIR/gluten`, else `gluten-UID` in the
directory for temporary files. A file is named after the address that its master listens on: `ADDRESS-PORT` or
`any-PORT`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gluten.errors import ConfigError
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey

log = logging.getLogger(__name__)

ANY = ("0.0.0.0", "::", "")


def find(host: str, port: int) -> Path | None:
    """The file with the key of the master at HOST:PORT. None if that is another machine, or if there is no file."""
    addresses = here(host)
    folder = _folder() if addresses else None
    if folder is None:
        return None
    names = [folder / f"{address}-{port}" for address in (*addresses, "any")]
    return next((path for path in names if path.is_file()), None)


def here(host: str) -> list[str]:
    """The addresses of `host` that belong to this machine."""
    try:
        found = {info[4][0]: info[0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)}
    except (OSError, UnicodeError):
        return []
    return [str(address) for address, family in found.items() if _is_own(family, str(address))]


def _is_own(family: int, address: str) -> bool:
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((address, 0))
        except OSError:
            return False
    return True


class LocalKeyFiles:
    """One master's key files, one for each address and port.

    If the directory cannot be made, there are none. Commands then need the key as an option.
    """

    def __init__(self, bind: str, ports: Sequence[int]) -> None:
        folder = _folder(make=True)
        addresses = ["any"] if bind in ANY else here(bind)
        self._paths = [folder / f"{at}-{port}" for at in addresses for port in ports] if folder else []

    def write(self, key: ClusterKey) -> None:
        try:
            for path in self._paths:
                keyfile.write(path, key)
        except ConfigError as error:
            log.warning("commands on this host need the key as an option: %s", error)

    def remove(self) -> None:
        for path in self._paths:
            with contextlib.suppress(OSError):
                path.unlink()


def _folder(make: bool = False) -> Path | None:
    """The directory, or None if there is none that only this user can enter."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    path = Path(runtime) / "gluten" if runtime else Path(tempfile.gettempdir()) / f"gluten-{os.getuid()}"
    try:
        if make:
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=0o700)
        about = path.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077
    return path if own else None
