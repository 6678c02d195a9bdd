"""One worker's part of a node's job, and how a node's threads are packed into workers."""

from __future__ import annotations

import math
import mmap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from gluten.plan import elastic
from gluten.plan.job import NO_VALUES, HostTask
from gluten.plan.split import spread
from gluten.task.policy import OPEN, Policy
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.feeds.rows import Rows
    from gluten.workload.workload import Workload


EPOCH = 1 << 40
"""A thread of a closed loop that moves to another node goes on above every number that it can have had."""


class WorkloadPart(NamedTuple):
    """What the requests of a workload are made from. `rows` are those of each feed, which all workers share. `hosts`:
    the addresses of each of the workload's origins, in their order. `taken`: what setup took, which every session
    knows."""

    workload: Workload
    rows: Mapping[str, Rows]
    hosts: tuple[tuple[str, ...], ...]
    taken: Mapping[str, str] = NO_VALUES


class WorkerTask(NamedTuple):
    """The part of one worker. `threads` are the cluster-wide numbers of its threads, `connections` how many connections
    each has. `start` is run-second 0 as a monotonic instant, `begin` the run-second from which this worker loads.

    With elastic connections `connections` are how many each thread begins with, `rooms` how many this host allows it
    (empty: no limit), and `most` is the cluster's ceiling.
    """

    task: Task
    addresses: list[str]
    threads: tuple[int, ...]
    connections: tuple[int, ...]
    requests: int | None
    start: float
    begin: float = 0.0
    adjustments: tuple[tuple[float, float], ...] = ()
    lease: float = math.inf
    """The monotonic instant after which nothing may be sent, unless it is renewed."""
    policy: Policy = OPEN
    """The policy of this node: where connections may go."""
    rooms: tuple[int, ...] = ()
    most: int | None = None
    run: str = ""
    node: str = ""
    workload: WorkloadPart | None = None
    jump: int = 0
    """By how much a thread's sessions are numbered later: in a closed loop by so much, at a rate by takeovers."""
    taken: memoryview[int] | None = None
    """How many numbers each thread has taken; shared with the process that forks workers."""

    def limits(self, adjustments: Sequence[tuple[float, float]]) -> list[int]:
        """How many connections each thread may have, if they are elastic."""
        rate = elastic.rate_now(self.task, adjustments)
        return elastic.limits(self.task, self.threads, rate, self.most, self.rooms)


def pack(job: HostTask, addresses: list[str], start: float, workers: int) -> list[WorkerTask]:
    """The job in at most `workers` parts with equal numbers of threads. No part is empty."""
    threads, count = job.node_task.threads, min(workers, len(job.node_task.threads))
    return [_part(job, range(index, len(threads), count), addresses, start) for index in range(count)]


def _part(job: HostTask, places: range, addresses: list[str], start: float) -> WorkerTask:
    task = job.node_task.task
    threads = tuple(job.node_task.threads[place] for place in places)
    rooms = () if job.room is None else tuple(spread(job.room, len(job.node_task.threads), place) for place in places)
    # In an open loop the schedule itself is limited, over the whole cluster.
    counted = task.requests is not None and not task.open_loop
    requests = _requests(job, places) if counted else None
    part = WorkerTask(
        task,
        addresses,
        threads,
        (),
        requests,
        start,
        job.node_task.begin,
        job.adjustments,
        rooms=rooms,
        most=job.node_task.most,
        run=job.run,
        node=job.node_task.name,
        jump=(1 if task.open_loop else EPOCH) * (job.epoch - 1),
        taken=_counters(len(threads)),
    )
    return part._replace(connections=_connections(part))


def _counters(threads: int) -> memoryview[int]:
    """A number for each thread, in memory that forked processes share."""
    return memoryview(mmap.mmap(-1, 8 * max(1, threads))).cast("q")


def _connections(part: WorkerTask) -> tuple[int, ...]:
    task = part.task
    if task.elastic or task.connections is None:
        return tuple(elastic.first(task, part.threads, part.limits(part.adjustments)))
    return tuple(spread(task.connections, task.thread_count, j) for j in part.threads)


def _requests(job: HostTask, places: range) -> int:
    """How many of the node's requests are made by its threads at these places."""
    task, part = job.node_task.task, job.node_task
    if part.left is not None:
        return sum(spread(part.left, len(part.threads), place) for place in places)
    return sum(spread(task.requests or 0, task.thread_count, part.threads[place]) for place in places)
