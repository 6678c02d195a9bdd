"""A directory for a process's sockets that nobody else can enter, and that does not outlive it for long.

A node that is killed cannot remove its own; the next one of the same user does. Which are dead is told by a lock
(flock), which the kernel lets go with the process, however that ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

PREFIX = "gluten-"
LOCK = "lock"
YOUNG = 10.0
"""Seconds; one that is being made has no lock yet."""


class PrivateFolder:
    """`path` is there until `remove`. Raises OSError where none can be made."""

    def __init__(self, parent: Path | None = None) -> None:
        parent = Path(tempfile.gettempdir()) if parent is None else parent
        sweep(parent)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep(parent: Path) -> None:
    """Remove what dead processes of this user have left in `parent`."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if _ours(folder) and _dead(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _ours(folder: Path) -> bool:
    """A directory (not a link to one) of this user that a node made a while ago."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return False
    lock = (folder / LOCK).lstat()
    return stat.S_ISREG(lock.st_mode) and abs(time.time() - lock.st_mtime) > YOUNG


def _dead(folder: Path) -> bool:
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
