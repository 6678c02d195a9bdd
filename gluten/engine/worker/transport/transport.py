"""A connection to the target as a session sees it. `socket_transport` is the real one, `memory_transport` its twin.

A transport finds out by itself when it is readable. The session only gives it a callback.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

Recv = Callable[[int], bytes]
Send = Callable[[Any], int]
"""Writes what the kernel takes of the bytes; says how many that were."""
Count = Callable[[int], int]
"""Reads at most so many bytes; says how many came."""
ReadCallback = Callable[[], None]


class State(Enum):
    """`DIALLING`: a connect has begun. `PAUSED`: open, but nobody is told of what comes."""

    CLOSED = "closed"
    DIALLING = "dialling"
    OPEN = "open"
    PAUSED = "paused"


class Transport(Protocol):
    """One connection at a time. `recv`, `send`, `fill` and `discard` never wait: they raise BlockingIOError when they
    would have to, and another OSError when the connection broke. b"" or 0 is the target's orderly end.

    They are plain functions, and another connection has others: a read callback binds them. What `fill` reads lies at
    the beginning of the worker's scratch memory; what `discard` reads is nowhere.
    """

    @property
    def state(self) -> State: ...

    @property
    def shared(self) -> bool:
        """Whether others use the connection, too. Then its end is not this session's business."""

    @property
    def recv(self) -> Recv: ...

    @property
    def send(self) -> Send: ...

    @property
    def fill(self) -> Count: ...

    @property
    def discard(self) -> Count: ...

    def connect(self, callback: ReadCallback, seconds: float | None = None) -> None:
        """Connect, and wait until that is done. `callback` is called whenever there is something to read. `seconds`:
        how long it may take; None: as long as the task says.

        Raises `Fault` (connect, tls, timeout)."""

    def dial(self, callback: ReadCallback) -> None:
        """Begin to connect; the first read or write tells how that went. Raises `Fault` (connect)."""

    def watch(self, callback: ReadCallback) -> None:
        """From now on call `callback` instead."""

    def pause(self) -> None:
        """Tell nobody of what comes, until `resume`."""

    def resume(self) -> None:
        """Go on telling."""

    def when_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Pause, and call `wake` whenever bytes can be written, until the function that is returned is called."""

    def also_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        """The same, but what comes is told meanwhile."""

    def hang_up(self) -> None:
        """End the connection; the next one follows at once, so what it can use is kept."""

    def close(self) -> None:
        """End the connection, if there is one, and give everything back."""


MakeTransport = Callable[[int], Transport]
"""Makes the transport to the host of this number."""


def unconnected(*_: Any) -> Any:
    """In place of a socket's functions before there is one."""
    raise BlockingIOError
