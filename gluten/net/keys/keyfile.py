"""The file with a cluster's key. It has mode 0600 and belongs to the user."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

from gluten.errors import ConfigError
from gluten.net.keys import slavekey
from gluten.net.keys.keys import MAX_TEXT, ClusterKey
from gluten.net.keys.slavekey import AnyKey

NAME = "key"
"""The file's name in a node's data directory."""


def read(path: Path, where: str = "--key-file") -> ClusterKey:
    """The key in the file.

    Raises `ConfigError` if the file is missing, a link, another user's, readable by others, or not a key.
    """
    return ClusterKey.parse(_text(path, where), f"{where} {path}")


def read_any(path: Path, where: str = "--key-file") -> AnyKey:
    """The same for a file that may hold a slave's key."""
    return slavekey.parse(_text(path, where), f"{where} {path}")


def find(path: Path, where: str = "--data") -> ClusterKey | None:
    """The key in the file, or None if there is no file. Raises `ConfigError` as `read` does."""
    return read(path, where) if os.path.lexists(path) else None


def write(path: Path, key: ClusterKey) -> None:
    """Write the key in one step. It replaces an older file. Raises `ConfigError`."""
    try:
        temporary = _write_temporary(path, key)
        try:
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise _write_error(path, error) from None


def make(path: Path) -> ClusterKey:
    """The key in the file. If there is no file, make a new key; if two processes do that at once, the first one wins.

    Raises `ConfigError`.
    """
    found = find(path)
    if found is not None:
        return found
    try:
        temporary = _write_temporary(path, ClusterKey.make())
        try:
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)  # unlike a rename, a link never replaces another's file
        finally:
            os.unlink(temporary)
    except OSError as error:
        raise _write_error(path, error) from None
    return read(path, "--data")


class WatchedKeyFile:
    """A key's file that another program may rotate."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._state()

    def changed(self) -> ClusterKey | None:
        """The key if the file has changed since the last call, or None. Raises `ConfigError`, once for each change."""
        state = self._state()
        if state in (self._seen, None):
            return None
        self._seen = state
        return read(self._path, "--data")

    def _state(self) -> tuple[int, int] | None:
        try:
            about = self._path.lstat()
        except OSError:
            return None
        return about.st_ino, about.st_ctime_ns  # not mtime, because a corrected mode counts as a change


def _write_temporary(path: Path, key: ClusterKey) -> str:
    """Write a whole file (0600) in the same directory, under a temporary name. Returns the name."""
    handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(key.text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return name


def _write_error(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{path}: the cluster's key cannot be written: {error.strerror}; choose another directory with --data"
    )


def _text(path: Path, where: str) -> str:
    try:
        # O_NONBLOCK: opening a pipe must not block.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise ConfigError(f"{where} {path}: the key cannot be read: {reason}") from None
    try:
        _check(path, where, os.fstat(handle))
        return os.read(handle, MAX_TEXT).decode("ascii", "replace")
    finally:
        os.close(handle)


def _check(path: Path, where: str, about: os.stat_result) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise ConfigError(f"{where} {path}: the key cannot be read: it is not a file")
    if about.st_uid not in (os.getuid(), 0):
        raise ConfigError(f"{where} {path}: the file belongs to another user: copy it, or name another file")
    if about.st_mode & 0o077:
        raise ConfigError(
            f"{where} {path}: others may read this key: run chmod 600 {path}, and consider rotating the key"
        )
