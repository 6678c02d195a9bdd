"""One master at a time on a SQLite database: a second one would take up the runs of the first, and end them.

A file beside the database, `FILE-master`, is locked (flock: free as soon as the process is gone, however it died) and
holds the process's number. The database's own file cannot serve: SQLite loses its locks when anybody closes it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from gluten.errors import StoreConfigError

SUFFIX = "-master"


class SingleMasterLock:
    """Held from here until `release`, or until the process ends."""

    def __init__(self, file: int) -> None:
        self._file = file

    @classmethod
    def hold(cls, database: Path) -> Self:
        """Raises StoreConfigError where another process holds it, or the file beside `database` cannot be written."""
        try:
            file = os.open(f"{database}{SUFFIX}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise StoreConfigError(f"database sqlite://{database}: {SUFFIX} beside it: {reason}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 20, 0).decode("ascii", "replace")
            os.close(file)
            raise StoreConfigError(
                f"database sqlite://{database}: the master that is process {holder or '?'} works with it: "
                "stop that one, or give this one another --data or --db"
            ) from None
        except OSError:  # a file system without locks: as good as it gets
            return cls(file)
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        return cls(file)

    def release(self) -> None:
        """The file stays: whoever removes one that another has just opened lets two in."""
        os.close(self._file)
