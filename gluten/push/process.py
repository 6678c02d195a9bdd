"""The process that pushes to one server. It is forked before its parent has a hub, zmq or grpc, and ends with it.

Packing points and waiting for a server cost the parent no time. A thread reads what comes, so the parent never waits
for a server that is away. That is kept in this process's memory.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from typing import Any

from gluten.engine.channel import Decoder, encode, pair
from gluten.engine.host.process import fork
from gluten.push.address import OTLP, Destination
from gluten.push.collector import Collector
from gluten.push.influx_push import InfluxPush
from gluten.push.otlp_push import OtlpPush
from gluten.push.pusher import Pusher, Way
from gluten.push.sender import Sender

READ = 1 << 20


def spawn(destination: Destination, patience: float) -> tuple[socket.socket, int]:
    """Fork the process. Returns our end of its channel, and its pid. Once we have closed our end it goes on for
    `patience` seconds at most, where something is left to deliver."""
    ours, theirs = pair()

    def run() -> None:
        ours.close()
        serve(theirs, destination, patience)

    pid = fork("gluten-push", run)
    theirs.close()
    return ours, pid


class Deadline:
    """The instant at which delivery has to end. It is not known before the parent has closed its end."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._begun = threading.Event()
        self._at = 0.0

    def begin(self) -> None:
        self._at = time.monotonic() + self._patience
        self._begun.set()

    def wait(self, seconds: float) -> bool:
        """Wait so long, at most until the deadline. False: it is past."""
        until = time.monotonic() + seconds
        if self._begun.wait(seconds):
            time.sleep(max(0.0, min(until, self._at) - time.monotonic()))
        return not self.past

    @property
    def past(self) -> bool:
        return self._begun.is_set() and time.monotonic() >= self._at


def serve(channel: socket.socket, destination: Destination, patience: float) -> None:
    """Push until the parent has closed its end, and everything is delivered or the time for it is over."""
    deadline, inbox = Deadline(patience), queue.SimpleQueue[dict[str, Any] | None]()
    threading.Thread(target=_read, args=(channel, inbox, deadline), daemon=True).start()

    def answer(message: dict[str, Any]) -> None:
        try:
            channel.sendall(encode(message))
        except OSError:
            os._exit(0)  # the parent has ended

    def say(trouble: str) -> None:
        answer({"type": "trouble", "text": trouble})

    collector = Collector(destination)
    sender = Sender(collector, deadline.wait, say)
    way: Way = OtlpPush(sender) if destination.kind == OTLP else InfluxPush(sender)
    pusher = Pusher(way, lambda: sender.given_up, answer)
    while (message := inbox.get()) is not None:
        pusher.take(message)
    answer({"type": "lost", "seconds": pusher.lost})
    collector.close()


def _read(channel: socket.socket, inbox: queue.SimpleQueue[dict[str, Any] | None], deadline: Deadline) -> None:
    decoder = Decoder()
    while data := _received(channel):
        for message in decoder.feed(data):
            inbox.put(message)
    deadline.begin()
    inbox.put(None)


def _received(channel: socket.socket) -> bytes:
    try:
        return channel.recv(READ)
    except OSError:
        return b""
