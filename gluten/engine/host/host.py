"""The engine host: forks workers for a job, merges their seconds, and says when the node's part is over.

It runs where no hub, no zmq and no grpc exist: in the process of `gluten run` itself, or in a process forked
before a node made those (`zygote`). One selector, no threads.
"""

from __future__ import annotations

import math
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gluten.engine.budget import Budget
from gluten.engine.channel import Decoder, encode, pair
from gluten.engine.host.cpu_usage import Usage
from gluten.engine.host.preflight import preflight
from gluten.engine.host.process import fork
from gluten.engine.host.respawn import MOST_RESPAWNS, describe, succeed
from gluten.engine.host.worker_group import WorkerGroup
from gluten.engine.parts import WorkerTask, pack
from gluten.engine.worker.worker import prepare, work
from gluten.plan import lead
from gluten.plan.job import DeltaReady, EngineEvent, HostTask, WorkerLost
from gluten.task.policy import OPEN, Policy

READ = 1 << 20
GRACE = 1.0
"""Seconds that requests in flight have once the lease is over."""


class Child:
    """A forked process and our end of its channel; a worker has a `part` of the job, and a `budget`."""

    def __init__(
        self, name: str, main: Callable[[socket.socket], None], part: WorkerTask | None, budget: Budget | None
    ) -> None:
        self.part, self.budget = part, budget
        self.channel, theirs = pair()

        def run() -> None:
            self.channel.close()
            main(theirs)

        self.pid = fork(name, run)
        theirs.close()
        self.decoder = Decoder()
        self.silent = False

    def send(self, message: dict[str, Any]) -> None:
        try:
            self.channel.sendall(encode(message))
        except OSError:
            # It is ending; its channel's end is read like everything else.
            self.silent = True

    def offer(self, message: dict[str, Any]) -> None:
        """The same for what will be said again: a process that does not read must not hold us up."""
        try:
            self.channel.send(encode(message), socket.MSG_DONTWAIT)
        except OSError:
            self.silent = True

    def reap(self) -> int:
        """Close and wait for the process; its exit status."""
        self.channel.close()
        return os.waitpid(self.pid, 0)[1]


class Host:
    """At most one crew of workers per (run, epoch). `poll` does the work. `policy` says where they may connect to."""

    def __init__(self, cores: int, policy: Policy = OPEN, now: Callable[[], float] = time.monotonic) -> None:
        self._cores, self._policy, self._now = cores, policy, now
        self._selector = selectors.DefaultSelector()
        self._crews: dict[tuple[str, int], WorkerGroup[Child]] = {}
        self._jobs: dict[tuple[str, int], HostTask] = {}
        self._out: list[EngineEvent] = []
        self._lease = math.inf
        self._usage = Usage()

    def watch(self, sock: socket.socket, on_readable: Callable[[], None]) -> None:
        """Have `poll` also wait for `sock`."""
        self._selector.register(sock, selectors.EVENT_READ, on_readable)

    @property
    def busy(self) -> bool:
        return bool(self._crews)

    def start(self, job: HostTask) -> None:
        """Look for the target, then load it. What comes of it is said by `poll`."""
        key = (job.run, job.epoch)
        if not self._crews:
            self._usage.begin()
        prepare(job.node_task.task)
        self._crews[key], self._jobs[key] = WorkerGroup(job.run, job.epoch), job
        self._spawn(key, "gluten-scout", partial(preflight, job.node_task.task, self._policy))

    def adjust(self, run: str, epoch: int, rate: float, second: float) -> None:
        """From run-second `second` on, the cluster's rate is `rate` requests/s."""
        job = self._jobs.get((run, epoch))
        if job is not None:
            # For workers that are not forked yet: the scout may take its time.
            self._jobs[run, epoch] = job._replace(adjustments=(*job.adjustments, (second, rate)))
        self._tell(run, epoch, {"type": "adjust", "rate": rate, "second": second})

    def stop(self, run: str, epoch: int) -> None:
        """Send nothing more, await what is in flight."""
        self._halt(run, epoch, "stop")

    def abort(self, run: str, epoch: int) -> None:
        """End at once."""
        self._halt(run, epoch, "abort")

    def renew(self, until: float) -> None:
        """There may be load until the monotonic instant `until`; for ever where nobody ever says so."""
        self._lease = until
        for crew in self._crews.values():
            for child in crew.members:
                if child.part is not None:
                    child.offer({"type": "lease", "until": until})

    def poll(self, timeout: float) -> list[EngineEvent]:
        """Wait up to `timeout` seconds for something to happen; what the caller should know, in order."""
        if self._crews and self._lease > self._now():
            timeout = min(timeout, self._lease - self._now())
        for key, _ in self._selector.select(timeout):
            key.data()
        self._watch_lease(self._now())
        for crew in self._crews.values():
            self._out += crew.due(self._now())
        for event in self._out:
            if isinstance(event, DeltaReady):
                event.delta.host_cpu, event.delta.steal = self._usage()
        out, self._out = self._out, []
        return out

    def close(self) -> None:
        """Kill every worker."""
        for crew in self._crews.values():
            for child in list(crew.members):
                os.kill(child.pid, signal.SIGKILL)
                child.reap()
        self._crews.clear()
        self._selector.close()

    def _watch_lease(self, now: float) -> None:
        for key, crew in self._crews.items():
            if crew.lapsed is None and now > self._lease:
                crew.lapse(now)
                self._halt(*key, "stop")
            elif crew.lapsed is not None and now - crew.lapsed > GRACE:
                self._halt(*key, "abort")

    def _halt(self, run: str, epoch: int, how: str) -> None:
        crew = self._crews.get((run, epoch))
        if crew is None:
            return
        crew.stopping = True
        if crew.addresses:
            self._tell(run, epoch, {"type": how})
        else:
            # Only the scout is there, who may wait for a name server and listens to nobody.
            for child in crew.members:
                os.kill(child.pid, signal.SIGKILL)

    def _tell(self, run: str, epoch: int, message: dict[str, Any]) -> None:
        crew = self._crews.get((run, epoch))
        for child in crew.members if crew else ():
            child.send(message)

    def _employ(self, key: tuple[str, int], part: WorkerTask) -> None:
        budget = Budget(part.requests)
        self._spawn(key, "gluten-worker", partial(work, part, budget), part, budget)

    def _spawn(
        self,
        key: tuple[str, int],
        name: str,
        main: Callable[[socket.socket], None],
        part: WorkerTask | None = None,
        budget: Budget | None = None,
    ) -> None:
        child = Child(name, partial(self._in_child, main), part, budget)
        self._crews[key].members.append(child)
        self._selector.register(child.channel, selectors.EVENT_READ, partial(self._read, key, child))

    def _in_child(self, main: Callable[[socket.socket], None], channel: socket.socket) -> None:
        """In the fork: only its own channel stays open, so that an end of file means what it says."""
        for registered in list(self._selector.get_map().values()):
            os.close(registered.fd)
        self._selector.close()
        main(channel)

    def _read(self, key: tuple[str, int], child: Child) -> None:
        try:
            data = child.channel.recv(READ)
        except OSError:
            data = b""
        for message in child.decoder.feed(data):
            self._hear(key, child, message)
        if not data:
            self._gone(key, child)

    def _hear(self, key: tuple[str, int], child: Child, message: dict[str, Any]) -> None:
        crew = self._crews[key]
        if message["type"] == "found":
            crew.addresses = tuple(message["addresses"])
            if not crew.stopping:
                self._load(key)
        else:
            crew.hear(child, message, self._now())

    def _load(self, key: tuple[str, int]) -> None:
        job, crew = self._jobs[key], self._crews[key]
        start = job.start_at
        if start is None:
            start = self._now() + lead.ALONE.seconds(job.node_task.begun)
        for part in pack(job, list(crew.addresses), start, self._cores):
            self._employ(key, part._replace(lease=self._lease, policy=self._policy))

    def _gone(self, key: tuple[str, int], child: Child) -> None:
        self._selector.unregister(child.channel)
        crew = self._crews[key]
        status = child.reap()
        if not self._replace(key, child, status):
            self._out += crew.gone(child, status, self._now())
        if crew.failed and not crew.stopping:
            # What a part of the load measures is not what was asked: the others end, too.
            self._halt(*key, "stop")
        if not crew.members:
            ended = crew.ended(stopped=crew.stopping)
            self._out.append(ended)
            del self._crews[key], self._jobs[key]

    def _replace(self, key: tuple[str, int], child: Child, status: int) -> bool:
        """Have another worker do the rest of a dead one's part; False where that is not to be."""
        crew, now = self._crews[key], self._now()
        if child.part is None or not crew.orphaned(child) or crew.respawned >= MOST_RESPAWNS:
            return False
        crew.respawned += 1
        taken = child.budget.taken if child.budget is not None else 0
        after = succeed(child.part, crew.told(child), now, self._lease, self._jobs[key].adjustments, taken)
        if after.job is not None:
            self._employ(key, after.job)
        self._out.append(WorkerLost(*key, describe(child.pid, status, after, crew.respawned), after.gap))
        self._out += crew.replaced(child, after, now)
        return True
