"""Allows one master at a time on a SQLite database. A second one would take over the runs of the first, and end them.

The lock is a flock on a file beside the database, `FILE-master`, which contains the number of the process. The kernel
frees it when the process is gone, however it died. The database's own file cannot be used, because SQLite loses its
locks when this process closes any descriptor of that file. Symbolic links are followed, as SQLite does. A file with
more than one name (hard links) is no database of a master (`database_url`).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from gluten.errors import StoreConfigError

SUFFIX = "-master"


class SingleMasterLock:
    """The lock. It is held until `release`, or until the process ends."""

    def __init__(self, file: int) -> None:
        self._file = file

    @classmethod
    def acquire(cls, database: Path) -> Self:
        """Take the lock. Raises StoreConfigError if another process holds it, or its file cannot be written."""
        try:
            file = os.open(f"{os.path.realpath(database)}{SUFFIX}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise StoreConfigError(f"database sqlite://{database}: {SUFFIX} beside it: {reason}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 20, 0).decode("ascii", "replace")
            os.close(file)
            raise StoreConfigError(
                f"database sqlite://{database}: the master with process {holder or '?'} uses it: "
                "stop that master, or give this one another --data or --db"
            ) from None
        except OSError:  # a file system without locks: go on without one
            return cls(file)
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        return cls(file)

    def release(self) -> None:
        """Release the lock. The file stays, because another process may have just opened it; then two could lock."""
        os.close(self._file)
