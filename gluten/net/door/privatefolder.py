"""A directory for the sockets of a process. No other user can enter it.

A node that is killed cannot remove its directory. The next node of the same user removes it. Each directory has a lock
(flock). The kernel releases the lock when the process ends, so a directory without a held lock belongs to nobody.
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
"""Seconds. A younger directory may still be in the making, without its lock."""


class PrivateFolder:
    """`path` exists until `remove`. Raises OSError if it cannot be made."""

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
    """Remove the directories that dead processes of this user left in `parent`."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if _is_ours(folder) and _is_dead(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether it is a directory of this user (not a link) that a node made more than `YOUNG` seconds ago."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return False
    lock = (folder / LOCK).lstat()
    return stat.S_ISREG(lock.st_mode) and abs(time.time() - lock.st_mtime) > YOUNG


def _is_dead(folder: Path) -> bool:
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
