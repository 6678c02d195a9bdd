"""Moving a lost node's threads to the other nodes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gluten.cluster.run.assignment import LOST, Assignment
from gluten.plan.split import NodeTask, PlanNode, node_task, spread_weighted
from gluten.task.task import Task


def survivors(assignments: Iterable[Assignment]) -> list[PlanNode]:
    """The nodes of a run that lost no assignment, in the plan's order."""
    found: dict[str, PlanNode] = {}
    lost = set()
    for assignment in assignments:
        task = assignment.node_task
        found.setdefault(assignment.name, PlanNode(task.node, task.name, task.cores))
        if assignment.state == LOST:
            lost.add(assignment.name)
    return [node for name, node in found.items() if name not in lost]


def move(
    task: Task,
    threads: Sequence[int],
    nodes: Sequence[PlanNode],
    begin: float,
    left: int | None = None,
    most: int | None = None,
) -> list[NodeTask]:
    """The threads with these numbers over `nodes`, from run-second `begin` on; every thread exactly once.

    In a closed loop with a number of requests, `left` requests are left for all these threads together.
    """
    weights = [max(1, node.cores) if task.split == "cores" else 1 for node in nodes]
    moved, first = [], 0
    for node, count in zip(nodes, spread_weighted(len(threads), weights), strict=True):
        if count:
            rest = None if left is None else left * (first + count) // len(threads) - left * first // len(threads)
            moved.append(node_task(node, task, tuple(threads[first : first + count]), begin, rest, most))
        first += count
    return [each for each in moved if each.left != 0]
