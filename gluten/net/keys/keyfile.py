"""Where a cluster's key lies: a file of mode 0600 that belongs to the user alone."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

from gluten.errors import ConfigError
from gluten.net.keys.keys import LONGEST, ClusterKey

NAME = "key"
"""Of the file in a node's data directory."""


def read(path: Path, where: str = "--key-file") -> ClusterKey:
    """The key in the file. Raises `ConfigError`: not there, readable by others, a link, another's, no key."""
    return ClusterKey.parse(_text(path, where), f"{where} {path}")


def find(path: Path, where: str = "--data") -> ClusterKey | None:
    """The key in the file, None where there is no file. Raises `ConfigError` as `read`."""
    return read(path, where) if os.path.lexists(path) else None


def write(path: Path, key: ClusterKey) -> None:
    """Put the key there, in one step, in place of another. Raises `ConfigError`."""
    try:
        temporary = _beside(path, key)
        try:
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise _unwritable(path, error) from None


def make(path: Path) -> ClusterKey:
    """The key in the file; a new one where there is none, and of two who make it at once the first's. Raises
    `ConfigError`."""
    found = find(path)
    if found is not None:
        return found
    try:
        temporary = _beside(path, ClusterKey.make())
        try:
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)  # unlike a rename, it never takes the place of another's
        finally:
            os.unlink(temporary)
    except OSError as error:
        raise _unwritable(path, error) from None
    return read(path, "--data")


class Watched:
    """A key's file that may be rotated by somebody else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._state()

    def changed(self) -> ClusterKey | None:
        """The key, if the file is another one than when it was looked at last. Raises `ConfigError`, once a change."""
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
        return about.st_ino, about.st_ctime_ns  # not mtime: a mode that was mended counts, too


def _beside(path: Path, key: ClusterKey) -> str:
    """A whole file (0600) in the same directory, under a name that is not yet the key's."""
    handle, name = tempfile.mkstemp(prefix=".key-", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(key.text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return name


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: the cluster's key cannot be written: {error.strerror}; name another place with --data")


def _text(path: Path, where: str) -> str:
    try:
        # O_NONBLOCK: a pipe that lies there must not hold us up.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise ConfigError(f"{where} {path}: the key cannot be read: {reason}") from None
    try:
        _check(path, where, os.fstat(handle))
        return os.read(handle, LONGEST).decode("ascii", "replace")
    finally:
        os.close(handle)


def _check(path: Path, where: str, about: os.stat_result) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise ConfigError(f"{where} {path}: the key cannot be read: it is not a file")
    if about.st_uid not in (os.getuid(), 0):
        raise ConfigError(f"{where} {path}: the key belongs to another user: copy it, or name another file")
    if about.st_mode & 0o077:
        raise ConfigError(f"{where} {path}: others may read this key: chmod 600 {path}, and think of rotating it")
