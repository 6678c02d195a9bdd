"""The engine host. It forks workers for a job, merges their seconds, and reports when the node's part is over.

It runs in a process that has no hub, no zmq and no grpc: in that of `gluten run` itself, or in one that a node has
forked before it made them (`zygote`). It has one selector and no threads.
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
from gluten.engine.channel import Decoder, encode, pair, receive
from gluten.engine.host.chore_process import ChoreProcess
from gluten.engine.host.cpu_usage import Usage
from gluten.engine.host.preflight import preflight
from gluten.engine.host.process import fork
from gluten.engine.host.respawn import MOST_RESPAWNS, describe, succeed
from gluten.engine.host.worker_group import WorkerGroup
from gluten.engine.parts import WorkerTask, WorkloadPart, pack
from gluten.engine.worker.worker import prepare, work
from gluten.errors import WorkloadError
from gluten.plan import lead
from gluten.plan.chores import Chore
from gluten.plan.job import DeltaReady, EngineEvent, HostTask, LoadEnded, WorkerLost
from gluten.task.policy import OPEN, Policy

READ = 1 << 20
GRACE = 1.0
"""Requests in flight have so many seconds when the lease is over."""


class Child:
    """A forked process and our end of its channel. A worker has a `part` of the job and a `budget`."""

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
            # The process is ending. `poll` reads the end of its channel later.
            self.silent = True

    def offer(self, message: dict[str, Any]) -> None:
        """Send a message that will be sent again. A process that does not read must not block us."""
        try:
            self.channel.send(encode(message), socket.MSG_DONTWAIT)
        except OSError:
            self.silent = True

    def reap(self) -> int:
        """Close the channel and wait for the process. Returns its wait status."""
        self.channel.close()
        return os.waitpid(self.pid, 0)[1]


class Host:
    """Has one group of workers for each (run, epoch). `poll` does the work. `policy` says what may be loaded."""

    def __init__(self, cores: int, policy: Policy = OPEN, now: Callable[[], float] = time.monotonic) -> None:
        self._cores, self._policy, self._now = cores, policy, now
        self._selector = selectors.DefaultSelector()
        self._groups: dict[tuple[str, int], WorkerGroup[Child]] = {}
        self._jobs: dict[tuple[str, int], HostTask] = {}
        self._workloads: dict[tuple[str, int], WorkloadPart] = {}
        self._hosts: dict[tuple[str, int], list[list[str]]] = {}
        self._chores: dict[tuple[str, str], ChoreProcess] = {}
        self._out: list[EngineEvent] = []
        self._lease = math.inf
        self._usage = Usage()

    def watch(self, sock: socket.socket, on_readable: Callable[[], None]) -> None:
        """Have `poll` also wait for `sock`."""
        self._selector.register(sock, selectors.EVENT_READ, on_readable)

    @property
    def busy(self) -> bool:
        return bool(self._groups or self._chores)

    def start(self, job: HostTask) -> None:
        """Look for the target, then load it. `poll` returns what happens."""
        key, task = (job.run, job.epoch), job.node_task.task
        if not self._groups:
            self._usage.begin()
        prepare(task)
        self._groups[key], self._jobs[key] = WorkerGroup(job.run, job.epoch), job
        if (task.workload or task.follows_url) and not self._prepare(key, job):
            return
        self._spawn(key, "gluten-check", partial(preflight, task, self._policy))

    def _prepare(self, key: tuple[str, int], job: HostTask) -> bool:
        """Read the workload and its files. False: they cannot be read, and the job has failed."""
        # A task that is one URL starts sooner without these modules.
        from gluten.engine.host.workload import prepared, weights_of

        try:
            self._workloads[key] = part = prepared(job)
        except WorkloadError as error:
            del self._groups[key], self._jobs[key]
            self._out.append(LoadEnded(job.run, job.epoch, "failed", str(error), 0.0, "workload"))
            return False
        self._groups[key].weights = weights_of(part.workload)
        return True

    def adjust(self, run: str, epoch: int, rate: float, second: float) -> None:
        """From run-second `second` on, the cluster's rate is `rate` requests/s."""
        job = self._jobs.get((run, epoch))
        if job is not None:
            # For workers that are not forked yet: the preflight may take long.
            self._jobs[run, epoch] = job._replace(adjustments=(*job.adjustments, (second, rate)))
        self._tell(run, epoch, {"type": "adjust", "rate": rate, "second": second})

    def elapsed(self, run: str, epoch: int) -> float:
        """Run-seconds so far; 0 before the start is known, or after the end."""
        group = self._groups.get((run, epoch))
        return 0.0 if group is None or group.start is None else self._now() - group.start

    def do(self, chore: Chore, main: Callable[[Chore, socket.socket], None]) -> None:
        """Do it in a process of its own, which `main` runs. `poll` returns what came of it."""
        child = Child("gluten-chore", partial(self._in_child, partial(main, chore)), None, None)
        doing = self._chores[chore.run, chore.kind] = ChoreProcess(chore, child.pid, self._now())
        self._selector.register(child.channel, selectors.EVENT_READ, partial(self._read_chore, doing, child))

    def end_chore(self, run: str, kind: str) -> None:
        """End it at once."""
        if (doing := self._chores.get((run, kind))) is not None:
            os.kill(doing.pid, signal.SIGKILL)

    def _read_chore(self, doing: ChoreProcess, child: Child) -> None:
        data = receive(child.channel, READ)
        for message in child.decoder.feed(data):
            doing.answer = message
        if not data:
            self._selector.unregister(child.channel)
            del self._chores[doing.chore.run, doing.chore.kind]
            self._out.append(doing.done(child.reap(), self._now()))

    def stop(self, run: str, epoch: int) -> None:
        """Send nothing more, and await the responses to requests in flight."""
        self._halt(run, epoch, "stop")

    def abort(self, run: str, epoch: int) -> None:
        """End at once."""
        self._halt(run, epoch, "abort")

    def renew(self, until: float) -> None:
        """Load is allowed until the monotonic instant `until`. Without a call it is allowed for ever."""
        self._lease = until
        for group in self._groups.values():
            for child in group.members:
                if child.part is not None:
                    child.offer({"type": "lease", "until": until})

    def poll(self, timeout: float) -> list[EngineEvent]:
        """Wait for something to happen, at most `timeout` seconds. Returns the events, in order."""
        if self.busy and self._lease > self._now():
            timeout = min(timeout, self._lease - self._now())
        for key, _ in self._selector.select(timeout):
            key.data()
        self._watch_lease(self._now())
        for group in self._groups.values():
            self._out += group.due(self._now())
        for event in self._out:
            if isinstance(event, DeltaReady):
                event.delta.host_cpu, event.delta.steal = self._usage()
        out, self._out = self._out, []
        return out

    def close(self) -> None:
        """Kill every process."""
        for doing in self._chores.values():
            os.kill(doing.pid, signal.SIGKILL)
            os.waitpid(doing.pid, 0)
        self._chores.clear()
        for group in self._groups.values():
            for child in list(group.members):
                os.kill(child.pid, signal.SIGKILL)
                child.reap()
        self._groups.clear()
        self._selector.close()

    def _watch_lease(self, now: float) -> None:
        if now > self._lease:
            for doing in self._chores.values():
                os.kill(doing.pid, signal.SIGKILL)
        for key, group in self._groups.items():
            if group.lapsed is None and now > self._lease:
                group.lapse(now)
                self._halt(*key, "stop")
            elif group.lapsed is not None and now - group.lapsed > GRACE:
                self._halt(*key, "abort")

    def _halt(self, run: str, epoch: int, how: str) -> None:
        group = self._groups.get((run, epoch))
        if group is None:
            return
        group.stopping = True
        if group.addresses:
            self._tell(run, epoch, {"type": how})
        else:
            # Only the preflight runs. It may be waiting for a name server, and reads no messages.
            for child in group.members:
                os.kill(child.pid, signal.SIGKILL)

    def _tell(self, run: str, epoch: int, message: dict[str, Any]) -> None:
        group = self._groups.get((run, epoch))
        for child in group.members if group else ():
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
        self._groups[key].members.append(child)
        self._selector.register(child.channel, selectors.EVENT_READ, partial(self._read, key, child))

    def _in_child(self, main: Callable[[socket.socket], None], channel: socket.socket) -> None:
        """In the fork: close all channels but its own. Else their other ends would see no end of file."""
        for registered in list(self._selector.get_map().values()):
            os.close(registered.fd)
        self._selector.close()
        main(channel)

    def _read(self, key: tuple[str, int], child: Child) -> None:
        data = receive(child.channel, READ)
        for message in child.decoder.feed(data):
            self._receive(key, child, message)
        if not data:
            self._gone(key, child)

    def _receive(self, key: tuple[str, int], child: Child, message: dict[str, Any]) -> None:
        group = self._groups[key]
        if message["type"] == "found":
            group.addresses = tuple(message["addresses"])
            self._hosts[key] = message["hosts"]
            if not group.stopping:
                self._load(key)
        else:
            group.receive(child, message, self._now())

    def _load(self, key: tuple[str, int]) -> None:
        job, group = self._jobs[key], self._groups[key]
        start = job.start_at
        if start is None:
            start = self._now() + lead.ALONE.seconds(job.node_task.begun)
        group.start = start
        workload = self._workloads.get(key)
        if workload is not None:
            workload = workload._replace(hosts=tuple(map(tuple, self._hosts[key])))
        for part in pack(job, list(group.addresses), start, self._cores):
            self._employ(key, part._replace(lease=self._lease, policy=self._policy, workload=workload))

    def _gone(self, key: tuple[str, int], child: Child) -> None:
        self._selector.unregister(child.channel)
        group = self._groups[key]
        status = child.reap()
        if not self._replace(key, child, status):
            self._out += group.gone(child, status, self._now())
        if group.broken_off and not group.stopping:
            # A part of the load is not the load that was asked for, so the other workers end, too.
            self._halt(*key, "stop")
        if not group.members:
            ended = group.ended(stopped=group.stopping)
            self._out.append(ended)
            del self._groups[key], self._jobs[key]
            self._workloads.pop(key, None)
            self._hosts.pop(key, None)

    def _replace(self, key: tuple[str, int], child: Child, status: int) -> bool:
        """Have another worker do the rest of a dead worker's part. False if nobody is to replace it."""
        group, now = self._groups[key], self._now()
        if child.part is None or not group.orphaned(child) or group.respawned >= MOST_RESPAWNS:
            return False
        group.respawned += 1
        taken = child.budget.taken if child.budget is not None else 0
        after = succeed(child.part, group.reported(child), now, self._lease, self._jobs[key].adjustments, taken)
        if after.job is not None:
            self._employ(key, after.job)
        self._out.append(WorkerLost(*key, describe(child.pid, status, after, group.respawned), after.gap))
        self._out += group.replaced(child, after, now)
        return True
