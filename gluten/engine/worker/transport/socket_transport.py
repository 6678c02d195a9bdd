"""The transport over sockets. gevent's loop tells it when it is readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gluten.engine.worker.transport.dialer import Dialer
from gluten.engine.worker.transport.stream import streams
from gluten.engine.worker.transport.transport import Count, ReadCallback, Recv, Send, State, unconnected

_READ, _WRITE = 1, 2
_CLOSED, _DIALLING, _OPEN, _PAUSED = State.CLOSED, State.DIALLING, State.OPEN, State.PAUSED


class SocketTransport:
    """See `Transport`."""

    __slots__ = ("_callback", "_dialer", "_loop", "_scratch", "_sock", "_watcher", "discard", "fill", "recv", "send",
                 "state")  # fmt: skip

    def __init__(self, dialer: Dialer, loop: Any, scratch: bytearray) -> None:
        self._dialer, self._loop, self._scratch = dialer, loop, scratch
        self.state = _CLOSED
        self.recv: Recv = unconnected
        self.send: Send = unconnected
        self.fill: Count = unconnected
        self.discard: Count = unconnected
        self._callback: ReadCallback = unconnected
        self._sock: Any = None
        self._watcher: Any = None

    def __repr__(self) -> str:
        number = "" if self._sock is None else f", fd {self._sock.fileno()}"
        return f"<SocketTransport {self.state.value}{number}>"

    def connect(self, callback: ReadCallback) -> None:
        self.state = _DIALLING
        try:
            self._sock = sock = self._dialer.open()
        except BaseException:
            self.state = _CLOSED
            raise
        self.recv, self.send, self.fill, self.discard = streams(sock, self._scratch)
        self._listen(callback)
        self.state = _OPEN

    def dial(self, callback: ReadCallback) -> None:
        self._sock = sock = self._dialer.start()
        self.recv, self.send = sock.recv, sock.send
        self._listen(callback)
        self.state = _DIALLING

    def _listen(self, callback: ReadCallback) -> None:
        if self._watcher is None:
            self._watcher = self._loop.io(self._sock.fileno(), _READ)
        else:
            self._watcher.fd = self._sock.fileno()
        self._callback = callback
        self._watcher.start(callback)

    def watch(self, callback: ReadCallback) -> None:
        self._callback = callback
        if self.state is not _PAUSED:
            self._watcher.callback = callback

    def pause(self) -> None:
        self._watcher.stop()
        self.state = _PAUSED

    def resume(self) -> None:
        self._watcher.start(self._callback)
        self.state = _OPEN

    def when_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        # Reading rests meanwhile: nobody would take what comes, and the watcher would spin.
        before = self.state
        self.pause()
        watcher = self._loop.io(self._sock.fileno(), _WRITE)
        watcher.start(wake)

        def end() -> None:
            watcher.stop()
            watcher.close()
            self.resume()
            self.state = before

        return end

    def hang_up(self) -> None:
        self._watcher.stop()
        self._sock.close()
        self._sock = None
        self.state = _CLOSED

    def close(self) -> None:
        self.state = _CLOSED
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        if self._sock is not None:
            self._sock.close()
            self._sock = None
