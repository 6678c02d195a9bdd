"""A node that keeps no files: for what only delivers counts, and for tests without workloads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Generic, NoReturn, TypeVar

from gluten.errors import StoreError

T = TypeVar("T")


class DoneJob(Generic[T]):
    """Work that is done where its result is asked for, once."""

    done = True

    def __init__(self, work: Callable[[], T]) -> None:
        self.result: Callable[[], T] = cache(work)


class NoFiles:
    def has(self, sha: str) -> bool:
        return False

    def path(self, sha: str) -> str:
        self._refuse()

    def size(self, sha: str) -> int | None:
        return None

    def touch(self, sha: str) -> bool:
        return False

    def keep(self, owner: str, files: Mapping[str, bool]) -> None:
        """There is nothing to keep."""

    def release(self, owner: str) -> None:
        """There is nothing to release."""

    def read(self, sha: str, offset: int, most: int) -> bytes:
        self._refuse()

    def upload(self, sha: str, size: int | None = None) -> NoReturn:
        self._refuse()

    def download(self, sha: str, size: int, secret: bool, then: Callable[[], None]) -> NoReturn:
        self._refuse()

    def apart(self, work: Callable[[], T]) -> T:
        return work()

    def begin(self, work: Callable[[], T], then: Callable[[], None]) -> DoneJob[T]:
        return DoneJob(work)

    def _refuse(self) -> NoReturn:
        raise StoreError("this node keeps no files")
