"""The connections of one session to several hosts, as one transport: that of the host that is asked now."""

from __future__ import annotations

from collections.abc import Callable

from gluten.engine.worker.transport.transport import Count, ReadCallback, Recv, Send, State, Transport


def _nobody() -> None:
    """Nothing is awaited yet."""


class HostsTransport:
    """`make` makes the transport to a host, when it is first asked. A connection is idle while another host is asked.
    It is closed when its target closes it, or says something; `dropped` is called then."""

    def __init__(self, make: Callable[[int], Transport], dropped: Callable[[], None]) -> None:
        self._make, self._now, self._dropped = make, 0, dropped
        self._all = {0: make(0)}
        self._callback: ReadCallback = _nobody

    def choose(self, host: int) -> None:
        """From now on the connection to this host is meant."""
        if host == self._now:
            return
        before = self._all[self._now]
        if before.state is not State.CLOSED:
            before.watch(lambda: self._drop(before))
        self._now = host
        if host not in self._all:
            self._all[host] = self._make(host)
        if self._all[host].state is not State.CLOSED:
            self._all[host].watch(self._callback)

    def _drop(self, transport: Transport) -> None:
        if transport.state is not State.CLOSED:
            transport.close()
            if not transport.shared:
                self._dropped()

    def close_others(self) -> None:
        """End the connections to the hosts that are not asked now."""
        for host, transport in self._all.items():
            if host != self._now:
                self._drop(transport)

    @property
    def current(self) -> Transport:
        return self._all[self._now]

    @property
    def state(self) -> State:
        return self.current.state

    @property
    def shared(self) -> bool:
        return self.current.shared

    @property
    def recv(self) -> Recv:
        return self.current.recv

    @property
    def send(self) -> Send:
        return self.current.send

    @property
    def fill(self) -> Count:
        return self.current.fill

    @property
    def discard(self) -> Count:
        return self.current.discard

    def connect(self, callback: ReadCallback, seconds: float | None = None) -> None:
        self._callback = callback
        self.current.connect(callback, seconds)

    def dial(self, callback: ReadCallback) -> None:
        self._callback = callback
        self.current.dial(callback)

    def watch(self, callback: ReadCallback) -> None:
        self._callback = callback
        self.current.watch(callback)

    def pause(self) -> None:
        self.current.pause()

    def resume(self) -> None:
        self.current.resume()

    def when_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        return self.current.when_writable(wake)

    def also_writable(self, wake: Callable[[], None]) -> Callable[[], None]:
        return self.current.also_writable(wake)

    def hang_up(self) -> None:
        self.current.hang_up()

    def close(self) -> None:
        self.current.close()
