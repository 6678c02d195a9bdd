"""Native threads for what would block the hub. An error of the work is raised where its result is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gevent.threadpool import ThreadPool

T = TypeVar("T")


class OwnThread:
    """One native thread. Calls come from the hub that made it, and run one after the other."""

    def __init__(self) -> None:
        self._pool: Any = ThreadPool(1)

    def call(self, work: Callable[[], T]) -> T:
        """Only the calling greenlet waits. Raises what the work raises."""
        found: T = unpacked(self._pool.apply(outcome, (work,)))
        return found

    def end(self) -> None:
        self._pool.kill()


def outcome(work: Callable[[], Any]) -> tuple[bool, Any]:
    """(True, result) or (False, error). gevent would print the traceback of an error that leaves its thread."""
    try:
        return True, work()
    except Exception as error:
        return False, error


def unpacked(found: tuple[bool, Any]) -> Any:
    """The result of an outcome. Raises its error."""
    worked, value = found
    if not worked:
        raise value
    return value
