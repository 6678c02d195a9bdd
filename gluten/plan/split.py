"""Which node does how much: a task split exactly over the nodes that are alive.

The cluster's threads are numbered 0 to T-1, and a node gets some of the numbers. A thread's connections, requests and
slots of the schedule follow from its number alone. So every total is exact, whatever the nodes are, and the work of a
lost node moves by moving its thread numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gluten.task.limits import DEFAULT_CONNECTIONS, MAX_CONNECTIONS
from gluten.task.task import Task

MAX_NAME = 64
"""Characters of a node's id and of its name."""
MAX_CORES = 1 << 16


class PlanNode(NamedTuple):
    """A node that can take part: its id, the name people see, its cores (its weight)."""

    node: str
    name: str
    cores: int


class NodeTask(NamedTuple):
    """One node's piece of a task. `rate` is in requests/s, `begin` the run-second from which the node makes load.

    `connections` None: they are elastic. Then `most` is how many the whole cluster may have; None: no ceiling. `left`
    is how many requests are left, if the threads moved here in mid-run; None: all of these threads.
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
        """This node's part of the cluster's rate, 0 to 1."""
        return len(self.threads) / self.task.thread_count

    @property
    def begun(self) -> int:
        """How many connections are opened before the start, at most."""
        return max(DEFAULT_CONNECTIONS, len(self.threads)) if self.connections is None else self.connections

    def to_map(self) -> dict[str, Any]:
        """Plain values, for the wire."""
        plain = {name: getattr(self, name) for name in self._fields}
        return plain | {"threads": list(self.threads), "task": self.task.to_map()}

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> NodeTask:
        """The inverse, for values from the wire. Raises ValueError or TaskError."""
        try:
            return cls._read(plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a node task lacks or misuses {error}") from None

    @classmethod
    def _read(cls, plain: Mapping[str, Any]) -> NodeTask:
        if extra := sorted(str(key)[:40] for key in plain.keys() - set(cls._fields)):
            raise ValueError(f"a node task has no {extra[0]}")
        task = Task.from_map(plain["task"])
        if task.threads is None or (task.connections is None and not task.open_loop):
            raise ValueError("a node task's task has no number of threads or connections")
        threads = tuple(plain["threads"])
        if not threads or not all(type(j) is int and 0 <= j < task.thread_count for j in threads):
            raise ValueError(f"a node task's threads must be numbers below {task.thread_count}")
        if len(set(threads)) < len(threads):
            raise ValueError("a node task names a thread twice")
        begin = plain.get("begin", 0.0)
        if type(begin) not in (int, float) or not 0 <= begin < 1e9:
            raise ValueError("a node task's begin must be a run-second")
        left = plain.get("left")
        if left is not None and (type(left) is not int or not 0 <= left <= (task.requests or 0)):
            raise ValueError("a node task's left must be a part of its task's requests")
        most = plain.get("most")
        if most is not None and (type(most) is not int or not 1 <= most <= MAX_CONNECTIONS):
            raise ValueError(f"a node task's most must be a number of connections up to {MAX_CONNECTIONS}")
        return node_task(_plan_node(plain), task, threads, begin, left, most)


def _plan_node(plain: Mapping[str, Any]) -> PlanNode:
    node, name, cores = plain["node"], plain["name"], plain["cores"]
    if not all(type(text) is str and len(text) <= MAX_NAME for text in (node, name)):
        raise ValueError(f"a node task's node and name must be texts of at most {MAX_NAME} characters")
    if type(cores) is not int or not 0 <= cores <= MAX_CORES:
        raise ValueError(f"a node task's cores must be a whole number up to {MAX_CORES}")
    return PlanNode(node, name, cores)


def resolve(task: Task, nodes: Sequence[PlanNode], most: int | None = None) -> Task:
    """The task with its number of threads. If it names none, there are as many as `nodes` have cores, but at most
    `most`, a ceiling of connections, since each thread needs one."""
    cores = sum(max(1, node.cores) for node in nodes)
    return task.resolved(cores if most is None else min(cores, most))


def split(task: Task, nodes: Sequence[PlanNode], most: int | None = None) -> list[NodeTask]:
    """The resolved task over `nodes`, in their order. A node that gets no thread is left out. `most`: see `NodeTask`.

    Nodes get threads by their cores (`--split cores`), or all the same (`even`). If there are enough threads, every
    node gets at least one. Raises ValueError when there is no node.
    """
    if not nodes:
        raise ValueError("there is no node to split over")
    task = resolve(task, nodes, most)
    weights = [max(1, node.cores) if task.split == "cores" else 1 for node in nodes]
    counts, tasks, first = spread_weighted(task.thread_count, weights), [], 0
    for node, count in zip(nodes, counts, strict=True):
        if count:
            tasks.append(node_task(node, task, tuple(range(first, first + count)), most=most))
        first += count
    return tasks


def node_task(
    node: PlanNode,
    task: Task,
    threads: tuple[int, ...],
    begin: float = 0.0,
    left: int | None = None,
    most: int | None = None,
) -> NodeTask:
    """The piece of the task that `node` does with these threads."""
    asked = task.peak if task.find_capacity else task.rate
    rate = None if asked is None else asked * len(threads) / task.thread_count
    connections = None if task.elastic else _sum(task.connections, task, threads)
    requests = _sum(task.requests, task, threads)
    requests = requests if left is None else left
    return NodeTask(node.node, node.name, node.cores, threads, connections, rate, requests, task, begin, left, most)


def _sum(total: int | None, task: Task, threads: tuple[int, ...]) -> int | None:
    """The part of a total that belongs to these threads."""
    return None if total is None else sum(spread(total, task.thread_count, j) for j in threads)


def spread(total: int, parts: int, index: int) -> int:
    """Part `index` of `total` in `parts` parts. Remainders are spread evenly. All parts sum up to `total`."""
    return total * (index + 1) // parts - total * index // parts


def places(total: int, parts: int, index: int) -> list[int]:
    """The places, from 0 to `total` - 1, of what part `index` has by `spread`. The parts take turns."""
    rounds, before = total // parts, total * index // parts
    found = [index + parts * turn for turn in range(rounds)]
    # What is left over after the rounds is in the order of the parts.
    extra = spread(total, parts, index) - rounds
    return [*found, *[parts * rounds + before - rounds * index] * extra]


def spread_weighted(total: int, weights: Sequence[int]) -> list[int]:
    """`total` by `weights` (each at least 1), with the method of largest remainders, and at least 1 each if possible.

    If there is less than one for each, the heaviest get one, and of equals the first.
    """
    count = len(weights)
    if total <= count:
        chosen = sorted(range(count), key=lambda i: (-weights[i], i))[:total]
        return [int(i in chosen) for i in range(count)]
    whole = sum(weights)
    shares = [max(1, total * weight // whole) for weight in weights]
    # What each lacks: positive if its share is below the exact one. Ends after at most `count` steps each way.
    while (rest := total - sum(shares)) != 0:
        step = 1 if rest > 0 else -1
        free = [i for i in range(count) if step > 0 or shares[i] > 1]
        best = max(free, key=lambda i: (step * (total * weights[i] - shares[i] * whole), -i))
        shares[best] += step
    return shares
