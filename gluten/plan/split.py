"""Who does how much: a task split exactly over the nodes that are alive.

Threads carry everything. The cluster's threads are numbered 0 to T-1; a node gets some of the numbers, and
connections, requests and the slots of a schedule follow from the number alone. So every total is exact
whatever the nodes are, and a lost node's share moves by moving its thread numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gluten.task.limits import DEFAULT_CONNECTIONS, MAX_CONNECTIONS
from gluten.task.task import Task

MAX_NAME = 64
"""Characters of a node's id and of its name."""
MAX_CORES = 1 << 16


@dataclass(frozen=True, slots=True)
class PlanNode:
    """A node that can take part: its id, the name people see, its cores (its weight)."""

    node: str
    name: str
    cores: int


@dataclass(frozen=True, slots=True)
class NodeTask:
    """One node's part of a task. `rate` is in requests/s, `begin` the run-second from which it loads.

    `connections` None: they are elastic. `most` is then how many the whole cluster may have; None: no ceiling.
    `left` is what is left to do of a number of requests where the part moved in mid-run; None: all of its threads'.
    """

    node: str
    name: str
    cores: int
    threads: tuple[int, ...]
    connections: int | None
    rate: float | None
    requests: int | None
    task: Task
    begin: float = 0.0
    left: int | None = None
    most: int | None = None

    @property
    def share(self) -> float:
        """Which part of the cluster's rate this is, 0 to 1."""
        return len(self.threads) / self.task.thread_count

    @property
    def begun(self) -> int:
        """How many connections are opened before the start, at most."""
        return max(DEFAULT_CONNECTIONS, len(self.threads)) if self.connections is None else self.connections

    def to_map(self) -> dict[str, Any]:
        """Plain values, for the wire."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"threads": list(self.threads), "task": self.task.to_map()}

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> NodeTask:
        """The inverse, for values from the wire. Raises ValueError or TaskError."""
        try:
            return cls._read(plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a subtask lacks or misuses {error}") from None

    @classmethod
    def _read(cls, plain: Mapping[str, Any]) -> NodeTask:
        if extra := sorted(str(key)[:40] for key in plain.keys() - set(cls.__slots__)):
            raise ValueError(f"a subtask has no {extra[0]}")
        task = Task.from_map(plain["task"])
        if task.threads is None or (task.connections is None and not task.open_loop):
            raise ValueError("a subtask's task has no number of threads or connections")
        threads = tuple(plain["threads"])
        if not threads or not all(type(j) is int and 0 <= j < task.thread_count for j in threads):
            raise ValueError(f"a subtask's threads must be numbers below {task.thread_count}")
        if len(set(threads)) < len(threads):
            raise ValueError("a subtask names a thread twice")
        begin = plain.get("begin", 0.0)
        if type(begin) not in (int, float) or not 0 <= begin < 1e9:
            raise ValueError("a subtask's begin must be a run-second")
        left = plain.get("left")
        if left is not None and (type(left) is not int or not 0 <= left <= (task.requests or 0)):
            raise ValueError("a subtask's left must be a part of its task's requests")
        most = plain.get("most")
        if most is not None and (type(most) is not int or not 1 <= most <= MAX_CONNECTIONS):
            raise ValueError(f"a subtask's most must be a number of connections up to {MAX_CONNECTIONS}")
        return node_task(_candidate(plain), task, threads, begin, left, most)


def _candidate(plain: Mapping[str, Any]) -> PlanNode:
    node, name, cores = plain["node"], plain["name"], plain["cores"]
    if not all(type(text) is str and len(text) <= MAX_NAME for text in (node, name)):
        raise ValueError(f"a subtask's node and name must be texts of at most {MAX_NAME} characters")
    if type(cores) is not int or not 0 <= cores <= MAX_CORES:
        raise ValueError(f"a subtask's cores must be a whole number up to {MAX_CORES}")
    return PlanNode(node, name, cores)


def resolve(task: Task, nodes: Sequence[PlanNode], most: int | None = None) -> Task:
    """The task with its number of threads: without one as many as `nodes` have cores, but at most `most`, a ceiling of
    connections, since each thread needs one."""
    cores = sum(max(1, node.cores) for node in nodes)
    return task.resolved(cores if most is None else min(cores, most))


def split(task: Task, nodes: Sequence[PlanNode], most: int | None = None) -> list[NodeTask]:
    """The task, resolved, over `nodes`, in their order; a node that gets no thread is left out. `most`: see `NodeTask`.

    Shares follow cores (`--split cores`) or are equal (`even`). Where threads allow, every node gets at
    least one. Raises ValueError when there is no node.
    """
    if not nodes:
        raise ValueError("there is no node to split over")
    task = resolve(task, nodes, most)
    weights = [max(1, node.cores) if task.split == "cores" else 1 for node in nodes]
    shares, parts, first = spread_weighted(task.thread_count, weights), [], 0
    for node, count in zip(nodes, shares, strict=True):
        if count:
            parts.append(node_task(node, task, tuple(range(first, first + count)), most=most))
        first += count
    return parts


def node_task(
    node: PlanNode,
    task: Task,
    threads: tuple[int, ...],
    begin: float = 0.0,
    left: int | None = None,
    most: int | None = None,
) -> NodeTask:
    """What `node` does when it runs the threads with these numbers."""
    rate = None if task.rate is None else task.rate * len(threads) / task.thread_count
    connections, requests = _sum(task.connections, task, threads), _sum(task.requests, task, threads)
    requests = requests if left is None else left
    return NodeTask(node.node, node.name, node.cores, threads, connections, rate, requests, task, begin, left, most)


def _sum(total: int | None, task: Task, threads: tuple[int, ...]) -> int | None:
    """What these threads have of a total of all."""
    return None if total is None else sum(spread(total, task.thread_count, j) for j in threads)


def spread(total: int, parts: int, index: int) -> int:
    """Part `index` of `total` in `parts`, remainders spread evenly. Sums to `total` over all parts."""
    return total * (index + 1) // parts - total * index // parts


def spread_weighted(total: int, weights: Sequence[int]) -> list[int]:
    """`total` by `weights` (each at least 1): largest remainders, at least one each where that is possible.

    With fewer than one each, the heaviest get one, the first of equals before the later.
    """
    count = len(weights)
    if total <= count:
        chosen = sorted(range(count), key=lambda i: (-weights[i], i))[:total]
        return [int(i in chosen) for i in range(count)]
    whole = sum(weights)
    shares = [max(1, total * weight // whole) for weight in weights]
    # The owed part of each: positive when the share is below the exact one. Ends in at most `count` steps each way.
    while (rest := total - sum(shares)) != 0:
        step = 1 if rest > 0 else -1
        free = [i for i in range(count) if step > 0 or shares[i] > 1]
        best = max(free, key=lambda i: (step * (total * weights[i] - shares[i] * whole), -i))
        shares[best] += step
    return shares
