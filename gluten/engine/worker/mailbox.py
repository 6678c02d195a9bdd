"""What the hub hands over to a session's greenlet: small types for `match`, and the mailbox that carries them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.chunks import Chunks
from gluten.engine.worker.http1.framing import Framing


class Arrived(NamedTuple):
    """Bytes that were read; b"" is the target's orderly end."""

    data: bytes


class OddChunks(NamedTuple):
    """A chunked body goes on in an odd form: feed `chunks` with `rest`, which came after `before` bytes."""

    chunks: Chunks
    rest: bytes
    framing: Framing
    before: int


class Broken(NamedTuple):
    """A read failed. With BlockingIOError there was nothing to read."""

    error: OSError


class Due(NamedTuple):
    """Send the request that was due at `at` (monotonic seconds)."""

    at: float


class Unsent(NamedTuple):
    """Only `written` bytes of the request in flight were written. Then came `error`, if there was one."""

    written: int
    error: OSError | None = None


class Undialled(NamedTuple):
    """The request in flight has no connection yet."""

    fault: Fault


class Refused(NamedTuple):
    """The target has not begun with the request in flight, so it may be sent again; at once where it gets on
    (`soon`)."""

    why: str
    soon: bool


class Signal(Enum):
    EXPIRED = "the request is past its deadline"
    ENDED = "nothing is in flight, and nothing more is to be sent"
    WRITABLE = "more of the request can be written"
    ANSWERED = "the request in flight has its response"
    WOKEN = "a pause is over"
    CUT = "the session under way ends now"


HandOver = Arrived | OddChunks | Broken | Due | Unsent | Undialled | Refused | Signal


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
