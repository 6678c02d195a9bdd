"""A master's pushing: a process and a courier for each server."""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluten.engine.channel import Decoder, encode
from gluten.push.address import Destination
from gluten.push.process import READ, spawn

if TYPE_CHECKING:
    from gluten.cluster.master.master import Master
    from gluten.cluster.ports import AsyncStore
    from gluten.cluster.pushing.courier import Courier

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds in which a master that ends waits for what is under way. The next master pushes the rest."""
PAUSE = 1.0
"""Seconds between two steps of the couriers while something is under way."""
REST = 5.0
"""The same while nothing is."""

Spawned = Sequence[tuple[Destination, socket.socket]]


def spawn_all(destinations: Sequence[Destination]) -> Spawned:
    """Fork the processes. Call before anything else is imported."""
    return [(destination, spawn(destination, 0.0)[0]) for destination in destinations]


class PushFeed:
    """The node's end of one process. `pushed`: run -> the last second that the server has taken or refused."""

    def __init__(self, destination: Destination, channel: socket.socket) -> None:
        import gevent
        import gevent.socket

        self._shown = destination.shown
        channel.setblocking(False)
        self._socket = gevent.socket.socket(channel.family, channel.type, 0, fileno=channel.detach())
        self.pushed: dict[str, int] = {}
        self._reader = gevent.spawn(self._read)

    def send(self, message: dict[str, Any]) -> None:
        """Only the calling greenlet waits, for the process and never for the server."""
        with contextlib.suppress(OSError):  # `_read` reports it
            self._socket.sendall(encode(message))

    def close(self) -> None:
        """End the process."""
        self._reader.kill()
        self._socket.close()

    def _read(self) -> None:
        decoder = Decoder()
        try:
            while data := self._socket.recv(READ):
                for message in decoder.feed(data):
                    self._handle(message)
        except OSError:
            pass
        log.error("%s: the process that pushes has died: restart the master; it then pushes the rest", self._shown)

    def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "pushed":
                self.pushed[message["run"]] = message["second"]
            case "trouble" if message["text"]:
                log.warning("%s: %s; it is tried again, nothing is lost", self._shown, message["text"])
            case "trouble":
                log.info("%s: it is reached again", self._shown)
            case "refused":
                log.error("%s: %s", self._shown, message["text"])


class PushPart:
    """`step` is called again and again in a greenlet of its own."""

    def __init__(self, spawned: Spawned, master: Master, store: AsyncStore, data: Path, node: str) -> None:
        from gluten.cluster.pushing.courier import Courier
        from gluten.push.kept import KeptFile

        self._master, self._rest = master, 0.0
        self._feeds = [PushFeed(*each) for each in spawned]
        self._couriers: list[Courier] = []
        for (destination, _), feed in zip(spawned, self._feeds, strict=True):
            file = KeptFile(data / f"push-{destination.kind}.json", destination.shown)
            self._couriers.append(Courier(master, store, feed, time.time, node, file.read(), file.write))

    def step(self) -> None:
        """Pass on what is there. While nothing is on, it looks seldom."""
        import gevent

        gevent.sleep(PAUSE)
        if self._master.busy or not self.idle or time.monotonic() >= self._rest:
            self._rest = time.monotonic() + REST
            for courier in self._couriers:
                courier.step()

    @property
    def idle(self) -> bool:
        return all(courier.idle for courier in self._couriers)

    def finish(self) -> None:
        """The master is about to end: give what is under way a moment."""
        import gevent

        until = time.monotonic() + PATIENCE
        for courier in self._couriers:
            courier.closing = True
        while time.monotonic() < until:
            for courier in self._couriers:
                courier.step()
            if self.idle:
                break
            gevent.sleep(0.05)

    def close(self) -> None:
        """End the processes."""
        for feed in self._feeds:
            feed.close()
