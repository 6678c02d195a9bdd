"""A cluster in one test: real master and slaves, bus and store in memory, engines that count by the clock.

Time passes only in `World.advance`; nothing sleeps.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from gluten.cluster.master.master import Master
from gluten.cluster.node_info import NodeInfo
from gluten.cluster.slave.slave import Slave
from gluten.errors import Refused, StoreError
from gluten.net.bus.memory import MemoryDealer, Network
from gluten.plan.chores import SETUP, Chore, ChoreDone
from gluten.plan.job import HostTask, LoadEnded, NodeEvent, PackedDelta
from gluten.plan.requests import names_of
from gluten.plan.schedule import schedule_of
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.session_stats import SessionStats
from gluten.store.store import Store
from gluten.task.task import Task
from gluten.workload.reader import of_task
from tests.support.plain_files import PlainFiles

STEP = 0.1
PER_THREAD = 10
"""Requests that a fake engine's thread makes in each run-second."""
SESSIONS = 2
"""Sessions of each scenario that one begins in each run-second. They finish in the next one, or at the end."""


class FakeEngine:
    """Ten requests a thread and second, each in 1 ms; ends at the task's duration or when it is stopped."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.on_event: Callable[[NodeEvent], None] = lambda event: None
        self.jobs: dict[tuple[str, int], HostTask] = {}
        self.done: dict[tuple[str, int], int] = {}
        self.adjusted: list[tuple[str, int, float, float]] = []
        self.stopped: list[tuple[str, int]] = []
        self.aborted: list[tuple[str, int]] = []
        self.started: list[HostTask] = []
        self.status = 200
        self.target: Callable[[float], int] | None = None
        """The response time in microseconds at a rate of the cluster; then it makes the rate that is asked for."""
        self.dead = False
        self.lease = 0.0
        self.fault: tuple[str, str] | None = None
        self.chores: list[Chore] = []
        """All that it was given."""
        self.doing: list[Chore] = []
        self.chore_pause = 0.0
        """Seconds that a chore takes."""
        self.chore_failure = ""
        self._chore_began = 0.0
        self._ended_chores: list[Chore] = []

    def do(self, chore: Chore) -> None:
        self.chores.append(chore)
        self.doing.append(chore)
        self._chore_began = self._now()

    def end_chore(self, run: str, kind: str) -> None:
        self._ended_chores += [chore for chore in self.doing if (chore.run, chore.kind) == (run, kind)]
        self.doing = [chore for chore in self.doing if chore not in self._ended_chores]

    def _do_chores(self) -> None:
        """A setup takes a value for each name of the file."""
        while self._ended_chores:
            chore = self._ended_chores.pop()
            self.on_event(ChoreDone(chore.run, chore.kind, "its process was ended", "", {}, 0.12))
        while self.doing and self._now() - self._chore_began >= self.chore_pause:
            chore = self.doing.pop(0)
            workload = of_task(chore.task)
            takes = [name for place in workload.setup for name, _ in workload.requests[place].takes]
            taken = {name: f"{name} of setup" for name in takes} if chore.kind == SETUP else {}
            why = self.chore_failure
            self.on_event(ChoreDone(chore.run, chore.kind, why, "", {} if why else taken, 0.12))

    def start(self, job: HostTask) -> None:
        self.started.append(job)
        self.jobs[(job.run, job.epoch)] = job
        self.done[(job.run, job.epoch)] = int(job.node_task.begin)

    def adjust(self, run: str, epoch: int, rate: float, second: float) -> None:
        self.adjusted.append((run, epoch, rate, second))

    def stop(self, run: str, epoch: int) -> None:
        self.stopped.append((run, epoch))
        self._end((run, epoch), "stopped")

    def abort(self, run: str, epoch: int) -> None:
        self.aborted.append((run, epoch))
        self._end((run, epoch), "stopped")

    def renew(self, until: float) -> None:
        self.lease = until

    def step(self) -> None:
        self._do_chores()
        for key, job in list(self.jobs.items()):
            assert job.start_at is not None
            if self.fault is not None:
                self._end(key, "failed")
                continue
            elapsed = self._now() - job.start_at
            length = job.node_task.task.duration or 1e9
            while key in self.jobs and self.done[key] + 1 <= min(elapsed, length) + 1e-9:
                self._second(key, job)
            if elapsed >= length - 1e-9:
                self._end(key, "finished")

    def _second(self, key: tuple[str, int], job: HostTask) -> None:
        delta = Delta(self.done[key])
        self.done[key] += 1
        count, micros = self._load(key, job, delta.second)
        delta.of().sent = delta.of().completed = count
        delta.of().status = {self.status: count}
        delta.of().response.record(micros, count)
        delta.of().service.record(micros, count)
        delta.connections, delta.cpu = job.node_task.begun, 0.25
        if job.node_task.task.workload:
            _add_sessions(delta, job)
        self.on_event(PackedDelta.of(*key, delta))

    def _load(self, key: tuple[str, int], job: HostTask, second: int) -> tuple[int, int]:
        """How many requests are made in a second, and how long each takes, in microseconds."""
        if self.target is None:
            return PER_THREAD * len(job.node_task.threads), 1000
        later = [(at, rate) for run, epoch, rate, at in self.adjusted if (run, epoch) == key]
        schedule, task = schedule_of(job.node_task.task, [*job.adjustments, *later]), job.node_task.task
        assert schedule is not None
        by = [
            sum(schedule.planned_of(thread, task.thread_count, until) for thread in job.node_task.threads)
            for until in (second, second + 1)
        ]
        return by[1] - by[0], self.target(schedule.rate(second))

    def _end(self, key: tuple[str, int], state: str) -> None:
        job = self.jobs.pop(key, None)
        if job is None or self.dead:
            return
        assert job.start_at is not None
        kind, reason = self.fault if self.fault is not None else ("", "")
        # As the engine does, it ends at the planned instant, however late the step comes.
        ended = min(max(0.0, self._now() - job.start_at), job.node_task.task.duration or 1e9)
        self.on_event(LoadEnded(*key, state, reason, ended, kind))


def _add_sessions(delta: Delta, job: HostTask) -> None:
    task, names = job.node_task.task, names_of(job.node_task.task)
    first, last = delta.second == job.node_task.begin, delta.second + 1 == task.duration
    count = SESSIONS * len(job.node_task.threads)
    for name in names.scenarios:
        delta.by_scenario[name] = stats = SessionStats()
        stats.begun = count
        stats.finished = stats.good = count * ((not first) + last)
        if stats.finished:
            stats.time.record(1_000_000, stats.finished)
        delta.active += 0 if last else count
        delta.most_active += count
    for name in names.groups:
        delta.groups[name] = Histogram()
        delta.groups[name].record(500_000, count)


class AsyncStore(Store):
    """The real store, on SQLite in memory, that a test can take away."""

    away = False

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name not in ("away", "close", "open", "label") and self.away:
            raise StoreError("database: gone; start it")
        return super().__getattribute__(name)


class Node:
    """A slave with its engine."""

    def __init__(self, world: World, name: str, cores: int, ahead: float, **options: Any) -> None:
        self.world, self.name = world, name
        self.refusals: list[Refused] = []
        self.dealer: MemoryDealer = world.network.dealer()
        self.up = True
        world.born += 1
        clock = lambda: world.clock - ahead  # noqa: E731
        self.engine = FakeEngine(clock)
        role = options.pop("role", "slave")
        load = options.pop("load", True)
        info = NodeInfo(f"{world.born:032x}", name, role, cores, "0.1.0", "3.11.2", "127.0.0.1", None, load)
        options.setdefault("chance", random.Random(world.born).random)
        self.files = world.new_files()
        options.setdefault("files", self.files)
        self.slave = Slave(info, self.dealer, self.engine, clock, lambda: 0.5, self.refusals.append, **options)
        self.engine.on_event = self.slave.on_event
        self.slave.open()

    def step(self) -> None:
        if self.up:
            self.engine.step()
            self.slave.tick()

    def kill(self) -> None:
        """It is gone without a word."""
        self.up = False
        self.engine.dead = True
        self.world.network.cut(self.dealer)


class Wire(Network):
    """A network whose master reacts to what it has received, as in a node, before the next frame travels."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def deliver(self, most: int = 100_000) -> int:
        count = super().deliver(most)
        while self._world.woken and self._world.master is not None:
            self._world.woken = False
            self._world.master.react()
            count += super().deliver(most)
        return count


class World:
    def __init__(self, master: bool = True, **options: Any) -> None:
        self.clock, self.epoch = 1000.0, 1_700_000_000.0
        self.born = 0
        self.network: Network = Wire(self)
        self.woken = False
        self.desk = AsyncStore.open("sqlite:///:memory:")
        self.nodes: list[Node] = []
        self.stores: list[PlainFiles] = []
        self.files = self.new_files()
        """The master's."""
        self.master: Master = self.new_master(**options) if master else None  # type: ignore[assignment]

    def new_master(self, **options: Any) -> Master:
        """A master that knows nothing but the store, in place of any earlier one."""
        self.master = Master(
            self.network.router(),
            self.desk,
            lambda: self.clock,
            lambda: self.epoch + self.clock,
            "http://m:8888",
            wake=self.wake,
            files=self.files,
            **options,
        )
        self.master.open()
        return self.master

    def new_files(self) -> PlainFiles:
        """The files of one more node."""
        self.stores.append(PlainFiles())
        return self.stores[-1]

    def wake(self) -> None:
        self.woken = True

    def node(self, name: str, cores: int = 2, ahead: float = 0.0, **options: Any) -> Node:
        """Another slave; its clock is `ahead` s behind the master's."""
        made = Node(self, name, cores, ahead, **options)
        self.nodes.append(made)
        return made

    def cluster(self, *names: str) -> list[Node]:
        nodes = [self.node(name) for name in names]
        self.advance(0.5)
        return nodes

    def running(self, ran: float, *names: str, **task: Any) -> list[Node]:
        """Slaves of these names; a run was sent to them `ran` s ago."""
        nodes = self.cluster(*names)
        self.master.submit(a_task(**task))
        self.advance(ran)
        return nodes

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.clock = round(self.clock + STEP, 6)
            for node in self.nodes:
                node.step()
            self.network.deliver()
            if self.master is not None:
                while self.master.serve_files():
                    self.network.deliver()
                self.master.turn()
                self.master.build_reports()
                self.network.deliver()
                self.master.flush()
                self.network.deliver()

    def until(self, condition: Callable[[], bool], most: float = 120.0) -> None:
        for _ in range(round(most / STEP)):
            if condition():
                return
            self.advance(STEP)
        raise AssertionError("it never came true")

    def finish(self, ref: str = "last", most: float = 120.0) -> Any:
        """The run's map once it is over."""
        run = self.master.run(ref)["id"]  # by its id, because the newest one is looked for in the store
        self.until(lambda: self.master.run(run)["state"] in ("finished", "stopped", "failed"), most)
        self.advance(0.2)
        return self.master.run(run)

    def kinds(self) -> list[str]:
        """The kinds of the newest run's events."""
        return [event["kind"] for event in self.master.update("last", 0)["events"]]

    def state_of(self, name: str) -> str:
        """The state in which the master sees the node of this name."""
        return next(str(node["state"]) for node in self.master.nodes() if node["name"] == name)


def a_task(**fields: Any) -> Task:
    return Task(**{"url": "http://127.0.0.1:1/", "threads": 6, "connections": 60, "duration": 5.0, **fields})
