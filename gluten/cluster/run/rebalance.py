"""Moving a lost node's threads to the survivors. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gluten.cluster.run.assignment import LOST, Assignment
from gluten.plan.split import NodeTask, PlanNode, node_task, spread_weighted
from gluten.task.task import Task


def survivors(assignments: Iterable[Assignment]) -> list[PlanNode]:
    """The nodes of a run of which no share was lost, in the plan's order."""
    found: dict[str, PlanNode] = {}
    lost = set()
    for assignment in assignments:
        part = assignment.node_task
        found.setdefault(assignment.name, PlanNode(part.node, part.name, part.cores))
        if assignment.state == LOST:
            lost.add(assignment.name)
    return [candidate for name, candidate in found.items() if name not in lost]


def move(
    task: Task,
    threads: Sequence[int],
    nodes: Sequence[PlanNode],
    begin: float,
    left: int | None = None,
    most: int | None = None,
) -> list[NodeTask]:
    """The threads with these numbers over `nodes`, from run-second `begin` on; every thread exactly once.

    `left` requests are left to do by all of them together, where a closed loop has a number of requests.
    """
    weights = [max(1, node.cores) if task.split == "cores" else 1 for node in nodes]
    moved, first = [], 0
    for node, count in zip(nodes, spread_weighted(len(threads), weights), strict=True):
        if count:
            rest = None if left is None else left * (first + count) // len(threads) - left * first // len(threads)
            moved.append(node_task(node, task, tuple(threads[first : first + count]), begin, rest, most))
        first += count
    return [part for part in moved if part.left != 0]
