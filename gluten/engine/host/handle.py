"""The node's side of its engine. It sends commands and receives events in the node's hub, and never blocks it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import gevent
import gevent.socket
from gevent.queue import Queue

from gluten.engine.channel import Decoder, encode
from gluten.engine.host.host import READ
from gluten.engine.host.zygote import chore_to_map, job_to_map
from gluten.plan.chores import Chore, ChoreDone
from gluten.plan.job import HostTask, LoadEnded, NodeEvent, PackedDelta, WorkerLost

PATIENCE = 5.0
"""Seconds to wait for another engine process."""


class Engine:
    """Drives the engine's process over `channel`. Its events go to `on_event`, in order.

    `on_death(text)` is called if that process ends by itself. It may `reopen` this with the channel of another one.
    """

    def __init__(
        self, channel: socket.socket, on_event: Callable[[NodeEvent], None], on_death: Callable[[str], None]
    ) -> None:
        self._on_event, self._on_death = on_event, on_death
        self._out: Queue[dict[str, Any]] = Queue()
        self.reopen(channel)

    def reopen(self, channel: socket.socket) -> None:
        """Drive the process at the other end of `channel`. It gets what was ordered since the last one died."""
        channel.setblocking(False)
        self._socket = gevent.socket.socket(channel.family, channel.type, 0, fileno=channel.detach())
        self._greenlets = [gevent.spawn(self._write), gevent.spawn(self._read)]

    def start(self, job: HostTask) -> None:
        self._out.put({"type": "start", "job": job_to_map(job)})

    def adjust(self, run: str, epoch: int, rate: float, second: float) -> None:
        """From run-second `second` on, the whole cluster's rate is `rate` requests/s."""
        self._out.put({"type": "adjust", "run": run, "epoch": epoch, "rate": rate, "second": second})

    def stop(self, run: str, epoch: int) -> None:
        """Send nothing more, and await the responses to requests in flight."""
        self._out.put({"type": "stop", "run": run, "epoch": epoch})

    def abort(self, run: str, epoch: int) -> None:
        """End at once."""
        self._out.put({"type": "abort", "run": run, "epoch": epoch})

    def do(self, chore: Chore) -> None:
        """Do setup or teardown. The event `ChoreDone` says what came of it."""
        self._out.put({"type": "chore", "chore": chore_to_map(chore)})

    def end_chore(self, run: str, kind: str) -> None:
        """End it at once."""
        self._out.put({"type": "end_chore", "run": run, "kind": kind})

    def renew(self, until: float) -> None:
        """Load is allowed until the monotonic instant `until`. Then the engine ends it by itself."""
        self._out.put({"type": "lease", "until": until})

    def close(self) -> None:
        """End the engine's process and every worker."""
        gevent.killall(self._greenlets)
        self._socket.close()

    def _write(self) -> None:
        while True:
            message = self._out.get()
            try:
                self._socket.sendall(encode(message))
            except OSError:
                return

    def _read(self) -> None:
        decoder = Decoder()
        while True:
            try:
                data = self._socket.recv(READ)
            except OSError:
                data = b""
            if not data:
                return self._died()
            for message in decoder.feed(data):
                self._on_event(_event(message))

    def _died(self) -> None:
        """Forget what was for the dead process."""
        self._greenlets[0].kill()
        self._socket.close()
        self._out = Queue()
        self._on_death("the engine of this node died")


class Keeper:
    """Asks the keeper (`keeper`) for engine processes."""

    def __init__(self, control: socket.socket) -> None:
        control.setblocking(False)
        self._control = control

    def engine(self) -> socket.socket | None:
        """The channel of a new engine process; None if there is no keeper. Only the calling greenlet waits."""
        try:
            self._control.send(b"e")
            gevent.socket.wait_read(self._control.fileno(), PATIENCE)
            found = socket.recv_fds(self._control, 1, 1)[1]
        except OSError:
            return None
        return socket.socket(fileno=found[0]) if found else None

    def close(self) -> None:
        """End the keeper, and the engine processes that it forked."""
        self._control.close()


def _event(message: dict[str, Any]) -> NodeEvent:
    if message["type"] == "chore":
        return ChoreDone(**{name: message[name] for name in ChoreDone._fields})
    run, epoch = message["run"], message["epoch"]
    if message["type"] == "delta":
        return PackedDelta(run, epoch, message["second"], message["backlog"], message["connections"], message["body"])
    if message["type"] == "lost":
        return WorkerLost(run, epoch, message["text"], message["gap"])
    return LoadEnded(
        run, epoch, message["state"], message["reason"], message["ended"], message["kind"], tuple(message["addresses"])
    )
