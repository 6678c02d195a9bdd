"""The transport over sockets. A poller tells it when it is readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gluten.engine.worker.reactor.poller import Poller
from gluten.engine.worker.transport.dialer import Dialer
from gluten.engine.worker.transport.stream import streams
from gluten.engine.worker.transport.transport import Count, ReadCallback, Recv, Send, State, unconnected

_WRITE = 2
_CLOSED, _DIALLING, _OPEN, _PAUSED = State.CLOSED, State.DIALLING, State.OPEN, State.PAUSED


class SocketTransport:
    """See `Transport`."""

    __slots__ = ("_callback", "_dialer", "_fd", "_poller", "_scratch", "_sock", "discard", "fill", "recv", "send",
                 "state")  # fmt: skip
    shared = False

    def __init__(self, dialer: Dialer, poller: Poller, scratch: bytearray) -> None:
        self._dialer, self._poller, self._scratch = dialer, poller, scratch
        self.state = _CLOSED
        self.recv: Recv = unconnected
        self.send: Send = unconnected
        self.fill: Count = unconnected
        self.discard: Count = unconnected
        self._callback: ReadCallback = unconnected
        self._sock: Any = None
        self._fd = -1

    def __repr__(self) -> str:
        number = "" if self._sock is None else f", fd {self._fd}"
        return f"<SocketTransport {self.state.value}{number}>"

    def connect(self, callback: ReadCallback, seconds: float | None = None) -> None:
        self.state = _DIALLING
        try:
            self._sock = sock = self._dialer.open(seconds)
        except BaseException:
            self.state = _CLOSED
            raise
        self.recv, self.send, self.fill, self.discard = streams(sock, self._scratch)
        self._listen(callback)
        self.state = _OPEN

    def dial(self, callback: ReadCallback) -> None:
        self._sock = sock = self._dialer.start()
        self.recv, self.send = sock.recv, sock.send
        # As `_listen`, without the call: this happens once a request.
        self._fd, self._callback = sock.fileno(), callback
        self._poller.watch(self._fd, callback)
        self.state = _DIALLING

    def _listen(self, callback: ReadCallback) -> None:
        self._fd, self._callback = self._sock.fileno(), callback
        self._poller.watch(self._fd, callback)

    def watch(self, callback: ReadCallback) -> None:
        self._callback = callback
        if self.state is not _PAUSED:
            self._poller.rebind(self._fd, callback)

    def pause(self) -> None:
        self._poller.unwatch(self._fd)
        self.state = _PAUSED

    def resume(self) -> None:
        self._poller.watch(self._fd, self._callback)
        self.state = _OPEN

    def when_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        # Reading rests meanwhile: nobody would take what comes, and the poller would spin.
        before = self.state
        self.pause()
        watcher = self._poller.loop.io(self._fd, _WRITE)
        watcher.start(wake)

        def end() -> None:
            watcher.stop()
            watcher.close()
            self.resume()
            self.state = before

        return end

    def also_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        watcher = self._poller.loop.io(self._fd, _WRITE)
        watcher.start(wake)

        def end() -> None:
            watcher.stop()
            watcher.close()

        return end

    def hang_up(self) -> None:
        # Before the close: the next descriptor may get the same number.
        self._poller.forget(self._fd)
        self._sock.close()
        self._sock = None
        self.state = _CLOSED

    def close(self) -> None:
        if self._sock is not None:
            self.hang_up()
        self.state = _CLOSED
