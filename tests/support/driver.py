"""A process for the tests that runs an engine host, as a node's zygote does: no hub, no threads, no pytest in it.

Run as `python -m tests.support.driver FD`. Over the socket FD come `start`, `adjust`, `stop`, `abort`, `renew`,
`chore`, `end_chore`; back go the host's events. One run at a time.
"""

from __future__ import annotations

import resource
import socket
import sys
from functools import partial
from typing import Any

from gluten.engine.channel import Decoder, encode
from gluten.engine.host.host import Host
from gluten.engine.trial.chore import do
from gluten.plan.chores import Chore, ChoreDone
from gluten.plan.job import DeltaReady, EngineEvent, HostTask, WorkerLost
from gluten.plan.split import PlanNode, split
from gluten.task.policy import Policy, read_patterns
from gluten.task.task import Task


class Driver:
    """Carries out what the test says, until its end of the socket is closed."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel, self._decoder = channel, Decoder()
        self._host: Host | None = None
        self.over = False

    def run(self) -> None:
        while not self.over:
            if self._host is None:
                self._read()
            else:
                for event in self._host.poll(0.5):
                    self._tell(event)

    def _read(self) -> None:
        try:
            data = self._channel.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        self.over = not data
        for message in self._decoder.feed(data):
            self._obey(message)

    def _obey(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "start":
                self._start(message)
            case "chore":
                self._do(message)
            case kind if self._host is not None:
                self._steer(self._host, kind, message)

    def _steer(self, host: Host, kind: str, message: dict[str, Any]) -> None:
        match kind:
            case "adjust":
                host.adjust("run", 1, message["rate"], message["second"])
            case "stop":
                host.stop("run", 1)
            case "abort":
                host.abort("run", 1)
            case "renew":
                host.renew(message["until"])
            case "end_chore":
                host.end_chore("run", message["kind"])

    def _start(self, message: dict[str, Any]) -> None:
        if message["files"]:
            resource.setrlimit(resource.RLIMIT_NOFILE, (message["files"], message["files"]))
        task = Task.from_map(message["task"]).resolved(2)
        part = split(task, [PlanNode("node", "node", message["cores"])])[0]
        adjustments = tuple((second, rate) for second, rate in message["adjustments"])
        self._host = Host(message["cores"], Policy(read_patterns(message["allow"])))
        self._host.watch(self._channel, self._read)
        self._host.start(HostTask("run", 1, part, message["start_at"], adjustments, message["room"], message["paths"]))

    def _do(self, message: dict[str, Any]) -> None:
        policy = Policy(read_patterns(message["allow"]))
        chore = Chore("run", message["kind"], Task.from_map(message["task"]), message["paths"], message["taken"])
        self._host = Host(1, policy)
        self._host.watch(self._channel, self._read)
        self._host.do(chore, partial(do, policy))

    def _tell(self, event: EngineEvent) -> None:
        if isinstance(event, DeltaReady):
            self._say({"type": "delta", "delta": event.delta.to_map()})
            return
        if isinstance(event, WorkerLost):
            self._say({"type": "lost", "text": event.text, "gap": event.gap})
            return
        if isinstance(event, ChoreDone):
            self._say({"type": "chore", "done": event._asdict() | {"taken": dict(event.taken)}})
        else:
            words = {"state": event.state, "reason": event.reason, "ended": event.ended, "kind": event.kind}
            self._say({"type": "ended", **words, "addresses": list(event.addresses)})
        assert self._host is not None
        self._host.close()
        self._host = None

    def _say(self, message: dict[str, Any]) -> None:
        self._channel.sendall(encode(message))


def main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        Driver(channel).run()


if __name__ == "__main__":
    main()
