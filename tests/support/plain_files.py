"""The files of a node for tests: the real ones in a folder of their own, with everything done where it is asked for."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from gluten.cluster.no_files import DoneJob
from gluten.errors import GlutenError
from gluten.store.files.files import Files, Part

T = TypeVar("T")


class PlainDownload:
    """Like `store.async_files.Download`."""

    waiting = 0

    def __init__(self, part: Part) -> None:
        self._part = part
        self.done = False
        self.problem = ""

    def write(self, data: bytes) -> None:
        self._try(lambda: self._part.write(data))

    def finish(self) -> None:
        self._try(self._part.finish)
        self.done = not self.problem

    def drop(self) -> None:
        self._part.drop()

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except GlutenError as error:
            self.problem = self.problem or str(error)


class PlainFiles:
    """Like `store.async_files.AsyncFiles`. The folder is made when it is asked for, and goes with this object."""

    @cached_property
    def _made(self) -> tuple[Files, tempfile.TemporaryDirectory[str]]:
        folder = tempfile.TemporaryDirectory(prefix="gluten-files-")
        return Files(Path(folder.name) / "files"), folder

    @property
    def real(self) -> Files:
        return self._made[0]

    @property
    def names(self) -> list[str]:
        """The names of all files on the disk."""
        folder = Path(self._made[1].name) / "files"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def add(self, data: bytes) -> str:
        """Store these bytes; their SHA-256."""
        sha = hashlib.sha256(data).hexdigest()
        part = self.real.part(sha)
        part.write(data)
        part.finish()
        return sha

    def remove(self, sha: str) -> None:
        """As if somebody had removed it from the disk."""
        if self.has(sha):
            Path(self.path(sha)).unlink()

    def has(self, sha: str) -> bool:
        return self.real.has(sha)

    def path(self, sha: str) -> str:
        return self.real.path(sha)

    def size(self, sha: str) -> int | None:
        return self.real.size(sha)

    def touch(self, sha: str) -> bool:
        return self.real.touch(sha)

    def keep(self, owner: str, files: Mapping[str, bool]) -> None:
        self.real.keep(owner, files)

    def release(self, owner: str) -> None:
        self.real.release(owner)

    def read(self, sha: str, offset: int, most: int) -> bytes:
        return self.real.read(sha, offset, most)

    def upload(self, sha: str, size: int | None = None) -> Part:
        return self.real.part(sha, size)

    def download(self, sha: str, size: int, secret: bool, then: Callable[[], None]) -> PlainDownload:
        return PlainDownload(self.real.part(sha, size, secret))

    def apart(self, work: Callable[[], T]) -> T:
        return work()

    def begin(self, work: Callable[[], T], then: Callable[[], None]) -> DoneJob[T]:
        return DoneJob(work)
