"""The files of a node for greenlets: what may take long runs on native threads.

`Upload` and `apart` make the calling greenlet wait; `Download` and `begin` make nobody wait, and say when they are
done. The rest is what `Files` does in an instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import gevent
from gevent.threadpool import ThreadPool

from gluten.errors import GlutenError, Refused
from gluten.store.files.files import TOTAL, Files, Part
from gluten.store.files.native_thread import outcome, unpacked

T = TypeVar("T")

UPLOADS = 16
"""Files that may be on their way to this node's master at once."""


class Job(Generic[T]):
    """Work on a native thread. `done` once it has ended; `result` gives its result, or raises its error."""

    def __init__(self, pool: ThreadPool, work: Callable[[], T], then: Callable[[], None] | None = None) -> None:
        """`then` is called in the hub once it is done."""
        self._found = pool.spawn(outcome, work)
        if then is not None:
            self._found.rawlink(lambda _found: gevent.spawn(then))

    @property
    def done(self) -> bool:
        return bool(self._found.ready())

    def result(self) -> T:
        """Wait for it. Raises what the work raises."""
        found: tuple[bool, Any] = self._found.get()  # type: ignore[assignment]  # gevent's types say None
        result: T = unpacked(found)
        return result


class Upload:
    """A file that somebody sends. Only the calling greenlet waits."""

    def __init__(self, pool: ThreadPool, part: Part, ended: Callable[[], None]) -> None:
        self._pool, self._part, self._ended = pool, part, ended
        self._working = 0
        self._dropped = False

    def write(self, data: bytes) -> None:
        """Raises TooLarge, StoreError."""
        self._work(lambda: self._part.write(data))

    def finish(self) -> None:
        """Raises UsageError for other bytes than were promised, StoreError."""
        self._work(self._part.finish)

    def drop(self) -> None:
        """Leave nothing of what is not finished. Whoever opened it calls this once."""
        self._dropped = True
        self._ended()
        self._settle()

    def _work(self, work: Callable[[], None]) -> None:
        self._working += 1
        Job(self._pool, work, self._worked).result()

    def _worked(self) -> None:
        self._working -= 1
        self._settle()

    def _settle(self) -> None:
        """The thread may still be writing although nobody waits for it any more."""
        if self._dropped and not self._working:
            self._part.drop()


class Download:
    """A file that comes in parts. Nobody waits: `waiting` parts are still to be written. `problem`: why it failed."""

    def __init__(self, pool: ThreadPool, part: Part, then: Callable[[], None]) -> None:
        """`then` is called in the hub after each step."""
        self._pool, self._part, self._then = pool, part, then
        self._jobs: list[Job[None]] = []
        self._finishing = False
        self._problem = ""

    @property
    def problem(self) -> str:
        self._look()
        return self._problem

    @property
    def waiting(self) -> int:
        self._look()
        return len(self._jobs)

    @property
    def done(self) -> bool:
        """All bytes came, their hash is right, and the file is in its place."""
        self._look()
        return self._finishing and not self._jobs and not self._problem

    def write(self, data: bytes) -> None:
        self._do(lambda: self._part.write(data))

    def finish(self) -> None:
        self._finishing = True
        self._do(self._part.finish)

    def drop(self) -> None:
        self._do(self._part.drop)

    def _do(self, work: Callable[[], None]) -> None:
        self._jobs.append(Job(self._pool, work, self._then))

    def _look(self) -> None:
        while self._jobs and self._jobs[0].done:
            try:
                self._jobs.pop(0).result()
            except GlutenError as error:
                self._problem = self._problem or str(error)
            except OSError as error:  # it was written to after it was dropped
                self._problem = self._problem or str(error.strerror)


class AsyncFiles:
    """The files below `folder`, for the hub in which it is made."""

    def __init__(self, folder: Path, total: int = TOTAL) -> None:
        self._files = Files(folder, total)
        # Parts of a file are written in their order, so downloads have one thread.
        self._disk, self._downloads, self._apart = ThreadPool(2), ThreadPool(1), ThreadPool(1)
        self._uploads = 0

    def has(self, sha: str) -> bool:
        return self._files.has(sha)

    def path(self, sha: str) -> str:
        """Raises StoreError."""
        return self._files.path(sha)

    def size(self, sha: str) -> int | None:
        return self._files.size(sha)

    def touch(self, sha: str) -> bool:
        return self._files.touch(sha)

    def keep(self, owner: str, files: Mapping[str, bool]) -> None:
        self._files.keep(owner, files)

    def release(self, owner: str) -> None:
        self._files.release(owner)

    def read(self, sha: str, offset: int, most: int) -> bytes:
        return Job(self._disk, lambda: self._files.read(sha, offset, most)).result()

    def upload(self, sha: str, size: int | None = None) -> Upload:
        """Raises Refused, TooLarge, StoreError."""
        if self._uploads >= UPLOADS:
            raise Refused(f"{UPLOADS} files at once are the limit of this master: try again later")
        made = Upload(self._disk, self._files.part(sha, size), self._uploaded)
        self._uploads += 1
        return made

    def download(self, sha: str, size: int, secret: bool, then: Callable[[], None]) -> Download:
        """Raises TooLarge, StoreError."""
        return Download(self._downloads, self._files.part(sha, size, secret), then)

    def apart(self, work: Callable[[], T]) -> T:
        """Do the work on a native thread. Only the calling greenlet waits."""
        return Job(self._apart, work).result()

    def begin(self, work: Callable[[], T], then: Callable[[], None]) -> Job[T]:
        """Do the work on a native thread. Nobody waits; `then` is called in the hub."""
        return Job(self._apart, work, then)

    def sweep(self) -> None:
        """Remove what no run has named for a day."""
        self._disk.spawn(self._files.sweep)

    def close(self) -> None:
        """Remove secret files. The threads end with the process: what one of them reads may take long."""
        self._files.close()

    def _uploaded(self) -> None:
        self._uploads -= 1
