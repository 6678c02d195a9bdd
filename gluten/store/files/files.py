"""A node's files by their content: the feeds and bodies that workloads name, each once, under its SHA-256.

The directory `DATA/files` may be shared by all nodes of a host. A file that is on its way has a name of its own
(`part-…`), and gets its place once its hash is right, by one rename. A file of a secret feed ends with `.secret`.
Whoever needs a file keeps it open with a shared flock, and nobody removes a file that somebody holds. The kernel frees
the locks of a dead process, so what it left can be known. All calls are short, but for those of `Part`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from gluten.errors import StoreError, TooLarge, UsageError
from gluten.task.limits import MAX_FEED

TOTAL = 16 << 30
"""Bytes that all files may have."""
KEPT = 86400.0
"""Seconds for which a file stays that no run names."""
SECRET, PART = ".secret", "part-"


class Part:
    """A file on its way. Its methods may take long; they may be called from a thread, one after the other."""

    def __init__(self, folder: Path, sha: str, place: Path) -> None:
        self._sha, self._place = sha, place
        self._path = folder / f"{PART}{uuid.uuid4().hex}"
        self._hash = hashlib.sha256()
        self.size = 0
        with _in_words(folder):
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def write(self, data: bytes) -> None:
        """Raises TooLarge, StoreError; then the file is gone."""
        with self._or_drop():
            if self.size + len(data) > MAX_FEED:
                raise TooLarge(f"the file has more than {MAX_FEED >> 30} GiB")
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
            self._hash.update(data)
            self.size += len(data)

    def finish(self) -> None:
        """Give it its place. Raises UsageError for other bytes than were promised, StoreError; then it is gone."""
        with self._or_drop():
            if self._hash.hexdigest() != self._sha:
                raise UsageError(f"the bytes have the SHA-256 {self._hash.hexdigest()}, and not {self._sha}")
            os.fsync(self._file)
            os.rename(self._path, self._place)
        self._close()

    def drop(self) -> None:
        """Leave nothing. Of a file that is dropped or finished, this does nothing."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        self._close()

    def _close(self) -> None:
        file, self._file = self._file, -1  # never a number that another file has by now
        if file >= 0:
            os.close(file)

    @contextlib.contextmanager
    def _or_drop(self) -> Iterator[None]:
        try:
            with _in_words(self._path.parent):
                yield
        except BaseException:
            self.drop()
            raise


class Files:
    """The files of one node. `total` is how many bytes all may have. What dead processes left is removed at once."""

    def __init__(self, folder: Path, total: int = TOTAL) -> None:
        self._folder, self._total = folder, total
        self._held: dict[str, int] = {}
        """The open files, by SHA-256."""
        self._owners: dict[str, Mapping[str, bool]] = {}
        """What each owner needs: SHA-256, and whether it is secret."""
        self._sweep_left()

    def has(self, sha: str) -> bool:
        return self._find(sha) is not None

    def path(self, sha: str) -> str:
        """Where the file is. Raises StoreError."""
        found = self._find(sha)
        if found is None:
            raise StoreError(f"{self._folder / sha}: is gone")
        return str(found)

    def size(self, sha: str) -> int | None:
        """None: it is not here."""
        try:
            return os.stat(self.path(sha)).st_size
        except (OSError, StoreError):
            return None

    def read(self, sha: str, offset: int, most: int) -> bytes:
        """Raises StoreError."""
        with _in_words(self._folder), open(self.path(sha), "rb") as file:
            return os.pread(file.fileno(), most, offset)

    def touch(self, sha: str) -> bool:
        """Whether the file is here; then it stays for a day."""
        found = self._find(sha)
        if found is None:
            return False
        with contextlib.suppress(OSError):
            os.utime(found)
        return True

    def part(self, sha: str, size: int | None = None, secret: bool = False) -> Part:
        """A file on its way. Raises TooLarge, StoreError."""
        if (size or 0) > MAX_FEED:
            raise TooLarge(f"the file has {size:,} bytes; at most {MAX_FEED >> 30} GiB")
        with _in_words(self._folder):
            self._folder.mkdir(0o700, parents=True, exist_ok=True)
        used = self._used()
        if used + (size or 0) > self._total:
            why = f"has {used >> 20:,} MiB of the {self._total >> 20:,} MiB that it may have"
            raise StoreError(f"{self._folder}: {why}: remove files that no run needs, or wait a day")
        return Part(self._folder, sha, self._folder / (sha + SECRET if secret else sha))

    def keep(self, owner: str, files: Mapping[str, bool]) -> None:
        """The owner needs these files (SHA-256, and whether it is secret) until `release`. What is not here is kept
        once it is, by another call."""
        self._owners[owner] = {**self._owners.get(owner, {}), **files}
        for sha, secret in files.items():
            self._hold(sha, secret)

    def release(self, owner: str) -> None:
        """The owner needs nothing any more. A secret file that nobody needs is removed."""
        for sha in self._owners.pop(owner, {}):
            needed = any(sha in files for files in self._owners.values())
            if not needed and (held := self._held.pop(sha, None)) is not None:
                self.touch(sha)
                os.close(held)
                _remove_unheld(self._folder / (sha + SECRET))

    def close(self) -> None:
        for owner in list(self._owners):
            self.release(owner)

    def sweep(self, now: float | None = None) -> None:
        """Remove what no run has named for a day. `now` is Unix time."""
        oldest = (time.time() if now is None else now) - KEPT
        for path in self._all():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    _remove_unheld(path)

    def _sweep_left(self) -> None:
        for path in self._all():
            if path.name.startswith(PART) or path.name.endswith(SECRET):
                _remove_unheld(path)
        self.sweep()

    def _hold(self, sha: str, secret: bool) -> None:
        found = self._find(sha)
        if found is None:
            return
        if sha not in self._held:
            with _in_words(self._folder):
                self._held[sha] = os.open(found, os.O_RDONLY | os.O_CLOEXEC)
                fcntl.flock(self._held[sha], fcntl.LOCK_SH)
        if secret and not found.name.endswith(SECRET):
            with contextlib.suppress(FileNotFoundError):
                os.rename(found, self._folder / (sha + SECRET))

    def _find(self, sha: str) -> Path | None:
        paths = (self._folder / sha, self._folder / (sha + SECRET))
        return next((path for path in paths if path.exists()), None)

    def _used(self) -> int:
        used = 0
        for path in self._all():
            with contextlib.suppress(OSError):  # it was removed just now
                used += path.stat().st_size
        return used

    def _all(self) -> list[Path]:
        try:
            return list(self._folder.iterdir())
        except OSError:
            return []


def _remove_unheld(path: Path) -> None:
    """Remove the file, unless a living process holds it."""
    with contextlib.suppress(OSError):
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(file)


@contextlib.contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "its disk is full: make room, or give --data another" if full else error.strerror or error
        raise StoreError(f"{folder}: {why}") from None
