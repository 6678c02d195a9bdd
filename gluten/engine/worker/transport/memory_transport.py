"""The transport's twin in memory. It has no socket, no loop and no time. A test plays the target.

What the test sends (`say`, `end`, `break_off`) is read when `deliver` calls the session's callback. `deliver` calls it
as often as a loop would: until all is read. What the session sends is in `sent`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from gluten.engine.fault import Fault
from gluten.engine.worker.transport.transport import Count, ReadCallback, Recv, Send, State, unconnected

_TURNS = 1000


class MemoryTransport:
    """See `Transport`. `room` is how many more bytes the target takes. `refusal` is raised by the next connect,
    `unwritable` by the next send. `dials` counts connections, `seconds` is how long the last connect could take, and
    `reads` is the most that one read gives."""

    shared = False

    def __init__(self, scratch: bytearray | None = None) -> None:
        self.state = State.CLOSED
        self.sent = bytearray()
        self.room: int | None = None
        self.reads = 1 << 20
        self.refusal: Fault | None = None
        self.unwritable: OSError | None = None
        self.dials = 0
        self.seconds: float | None = None
        self.recv: Recv = self._recv
        self.send: Send = self._send
        self.fill: Count = self._fill
        self.discard: Count = self._discard
        self._scratch = bytearray(1 << 16) if scratch is None else scratch
        self._coming: deque[bytes | OSError] = deque()
        self._callback: ReadCallback = unconnected
        self._wake: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<MemoryTransport {self.state.value}, {len(self.sent)} bytes sent>"

    # The session's end.

    def connect(self, callback: ReadCallback, seconds: float | None = None) -> None:
        self.seconds = seconds
        self._open(callback, State.OPEN)

    def dial(self, callback: ReadCallback) -> None:
        self._open(callback, State.DIALLING)

    def _open(self, callback: ReadCallback, state: State) -> None:
        self.dials += 1
        refusal, self.refusal = self.refusal, None
        if refusal is not None:
            raise refusal
        self._coming.clear()
        self.state, self._callback = state, callback

    def watch(self, callback: ReadCallback) -> None:
        self._callback = callback

    def pause(self) -> None:
        self.state = State.PAUSED

    def resume(self) -> None:
        self.state = State.OPEN

    def when_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        self.pause()
        self._wake = wake

        def end() -> None:
            self._wake = None
            self.resume()

        return end

    def also_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        self._wake = wake

        def end() -> None:
            self._wake = None

        return end

    def hang_up(self) -> None:
        self.close()

    def close(self) -> None:
        self.state = State.CLOSED
        self._coming.clear()

    def _recv(self, count: int) -> bytes:
        if not self._coming:
            raise BlockingIOError
        first = self._coming[0]
        if isinstance(first, OSError):
            raise first
        if not first:
            return b""
        self._coming.popleft()
        most = min(count, self.reads)
        if len(first) > most:
            self._coming.appendleft(first[most:])
        return first[:most]

    def _send(self, data: Any) -> int:
        failure, self.unwritable = self.unwritable, None
        if failure is not None:
            raise failure
        if self.room == 0:
            raise BlockingIOError
        taken = bytes(data[: self.room])
        if self.room is not None:
            self.room -= len(taken)
        self.sent += taken
        return len(taken)

    def _fill(self, count: int) -> int:
        data = self._recv(count)
        self._scratch[: len(data)] = data
        return len(data)

    def _discard(self, count: int) -> int:
        return len(self._recv(count))

    # The target's end.

    def say(self, data: bytes) -> None:
        """The target sends bytes."""
        self._coming.append(data)

    def end(self) -> None:
        """The target closes the connection in order."""
        self._coming.append(b"")

    def break_off(self, error: OSError) -> None:
        """The connection breaks."""
        self._coming.append(error)

    def deliver(self) -> None:
        """Call the session for the bytes that have arrived, and for room to write."""
        for _ in range(_TURNS):
            if self._wake is not None and self.room != 0:
                self._wake()
            if not self._coming or self.state in (State.CLOSED, State.PAUSED):
                return
            self._callback()
        raise RuntimeError(f"the session does not read what has come: {self._coming!r}")
