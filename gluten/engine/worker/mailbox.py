"""What the hub hands over to a session's greenlet: small types for `match`, and the mailbox that carries them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.chunks import Chunks
from gluten.engine.worker.http1.framing import Framing


@dataclass(frozen=True, slots=True)
class Arrived:
    """Bytes that were read; b"" is the target's orderly end."""

    data: bytes


@dataclass(frozen=True, slots=True)
class OddChunks:
    """A chunked body goes on in an odd form: feed `chunks` with `rest`, which came after `before` bytes."""

    chunks: Chunks
    rest: bytes
    framing: Framing
    before: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A read failed. With BlockingIOError there was nothing to read."""

    error: OSError


@dataclass(frozen=True, slots=True)
class Due:
    """Send the request that was due at `at` (monotonic seconds)."""

    at: float


@dataclass(frozen=True, slots=True)
class Unsent:
    """Only `written` bytes of the request in flight were written. Then came `error`, if there was one."""

    written: int
    error: OSError | None = None


@dataclass(frozen=True, slots=True)
class Undialled:
    """The request in flight has no connection yet."""

    fault: Fault


class Signal(Enum):
    EXPIRED = "the request is past its deadline"
    ENDED = "nothing is in flight, and nothing more is to be sent"
    WRITABLE = "more of the request can be written"


HandOver = Arrived | OddChunks | Broken | Due | Unsent | Undialled | Signal


class Mailbox:
    """The hub puts into it, and one greenlet waits for it. `switch` resumes the greenlet, `leave` the hub."""

    __slots__ = ("_leave", "_switch", "_waiting")

    def __init__(self, switch: Callable[[HandOver], Any], leave: Callable[[], HandOver]) -> None:
        self._switch, self._leave = switch, leave
        self._waiting = False

    def put(self, what: HandOver) -> None:
        """Wake the greenlet with this if it waits."""
        if self._waiting:
            self._waiting = False
            self._switch(what)

    def wait(self) -> HandOver:
        self._waiting = True
        return self._leave()
