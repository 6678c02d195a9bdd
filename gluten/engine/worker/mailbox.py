"""What the hub hands over to a session's greenlet, and how: small types, to be told apart by `match`."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from gluten.engine.fault import Fault


class Arrived(NamedTuple):
    """Bytes that were read; b"" is the target's orderly end."""

    data: bytes


class Broken(NamedTuple):
    """A read failed. BlockingIOError: there was nothing to read after all."""

    error: OSError


class Due(NamedTuple):
    """Send the request that was due at `at` (monotonic seconds)."""

    at: float


class Unsent(NamedTuple):
    """A request that is in flight was not written whole: `written` bytes were, and then `error`, if there was one."""

    written: int
    error: OSError | None = None


class Undialled(NamedTuple):
    """A request that is in flight has no connection."""

    fault: Fault


class Signal(Enum):
    EXPIRED = "the request is past its deadline"
    ENDED = "nothing is in flight, and nothing more is to be sent"
    WRITABLE = "more of the request can be written"


HandOver = Arrived | Broken | Due | Unsent | Undialled | Signal


class Mailbox:
    """Between the hub, which puts, and one greenlet, which waits. `switch` resumes the greenlet, `leave` the hub."""

    __slots__ = ("_leave", "_switch", "_waiting")

    def __init__(self, switch: Callable[[HandOver], Any], leave: Callable[[], HandOver]) -> None:
        self._switch, self._leave = switch, leave
        self._waiting = False

    def put(self, what: HandOver) -> None:
        """Wake the greenlet with it, if it waits."""
        if self._waiting:
            self._waiting = False
            self._switch(what)

    def wait(self) -> HandOver:
        self._waiting = True
        return self._leave()
