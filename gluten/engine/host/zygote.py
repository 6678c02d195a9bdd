"""The engine's process of a node: a host that serves a channel. It is forked before the node has hub, zmq or grpc.

A fork of the node itself would copy greenlets and gRPC's threads into the workers. The zygote has neither. It receives
`start`, `adjust`, `stop`, `abort`, `lease`, `chore` and `end_chore`, and sends `delta`, `lost`, `ended` and `chore`. It
ends when the channel does.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from gluten.engine.channel import Decoder, encode, pair, receive
from gluten.engine.host.host import READ, Host
from gluten.engine.host.process import fork
from gluten.plan.chores import Chore, ChoreDone
from gluten.plan.job import DeltaReady, EngineEvent, HostTask, PackedDelta, WorkerLost
from gluten.plan.split import NodeTask
from gluten.task.policy import Policy
from gluten.task.task import Task

HURRY = 0.05
"""Seconds between tries to send what the node has not read."""


DoChore = Callable[[Policy, Chore, socket.socket], None]
"""What a chore's process does (`engine.trial.chore.do`)."""


def spawn(cores: int, policy: Policy, do_chore: DoChore, of_parent: socket.socket | None = None) -> socket.socket:
    """Fork the engine's process. Returns the node's end of its channel. Call before anything else is imported.

    The process closes `of_parent`, a socket that is its parent's alone.
    """
    ours, theirs = pair()

    def serve() -> None:
        ours.close()
        if of_parent is not None:
            of_parent.close()
        Zygote(theirs, cores, policy, do_chore).serve()

    fork("gluten-engine", serve)
    theirs.close()
    return ours


def job_to_map(job: HostTask) -> dict[str, Any]:
    """The job as plain values for the channel."""
    return {
        "run": job.run,
        "epoch": job.epoch,
        "node_task": job.node_task.to_map(),
        "start_at": job.start_at,
        "adjustments": [list(pair) for pair in job.adjustments],
        "room": job.room,
        "files": dict(job.files),
        "taken": dict(job.taken),
    }


def job_from_map(plain: dict[str, Any]) -> HostTask:
    adjustments = tuple((float(second), float(rate)) for second, rate in plain["adjustments"])
    part = NodeTask.from_map(plain["node_task"])
    return HostTask(
        plain["run"],
        plain["epoch"],
        part,
        plain["start_at"],
        adjustments,
        plain["room"],
        plain["files"],
        plain["taken"],
    )


def chore_to_map(chore: Chore) -> dict[str, Any]:
    """The same of a chore."""
    plain = {"files": dict(chore.files), "taken": dict(chore.taken), "task": chore.task.to_map()}
    return chore._asdict() | plain


def chore_from_map(plain: dict[str, Any]) -> Chore:
    return Chore(**plain)._replace(task=Task.from_map(plain["task"]))


def event_to_map(event: EngineEvent) -> dict[str, Any]:
    if isinstance(event, ChoreDone):
        return event._asdict() | {"type": "chore", "taken": dict(event.taken)}
    plain: dict[str, Any] = {"run": event.run, "epoch": event.epoch}
    if isinstance(event, DeltaReady):
        packed = PackedDelta.of(event.run, event.epoch, event.delta)
        return plain | {
            "type": "delta",
            "second": packed.second,
            "backlog": packed.backlog,
            "connections": packed.connections,
            "body": packed.body,
        }
    if isinstance(event, WorkerLost):
        return plain | {"type": "lost", "text": event.text, "gap": event.gap}
    return plain | {
        "type": "ended",
        "state": event.state,
        "reason": event.reason,
        "ended": event.ended,
        "kind": event.kind,
        "addresses": list(event.addresses),
    }


class Zygote:
    """The process's loop."""

    def __init__(self, channel: socket.socket, cores: int, policy: Policy, do_chore: DoChore) -> None:
        self._channel, self._host, self._decoder = channel, Host(cores, policy), Decoder()
        do = partial(do_chore, policy)
        self._open = True
        self._unsaid = bytearray()
        self._commands: dict[str, Callable[[dict[str, Any]], None]] = {
            "start": lambda m: self._host.start(job_from_map(m["job"])),
            "adjust": lambda m: self._host.adjust(m["run"], m["epoch"], m["rate"], m["second"]),
            "stop": lambda m: self._host.stop(m["run"], m["epoch"]),
            "abort": lambda m: self._host.abort(m["run"], m["epoch"]),
            "lease": lambda m: self._host.renew(m["until"]),
            "chore": lambda m: self._host.do(chore_from_map(m["chore"]), do),
            "end_chore": lambda m: self._host.end_chore(m["run"], m["kind"]),
        }

    def serve(self) -> None:
        """Serve until the node closes the channel."""
        self._host.watch(self._channel, self._read)
        while self._open:
            for event in self._host.poll(HURRY if self._unsaid else 0.5 if self._host.busy else 30.0):
                self._unsaid += encode(event_to_map(event))
            self._tell()
        self._host.close()

    def _read(self) -> None:
        data = receive(self._channel, READ)
        self._open = bool(data)
        for message in self._decoder.feed(data):
            self._commands[message["type"]](message)

    def _tell(self) -> None:
        """Send what the node reads. A node that is stopped must not keep this process from watching the lease."""
        try:
            while self._unsaid:
                del self._unsaid[: self._channel.send(self._unsaid, socket.MSG_DONTWAIT)]
        except BlockingIOError:
            return
        except OSError:
            self._open = False
