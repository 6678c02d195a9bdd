"""Moving a lost node's threads to the survivors. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gluten.cluster.run.assignment import LOST, Share
from gluten.plan.split import Candidate, Subtask, spread_weighted, subtask
from gluten.task.task import Task


def survivors(shares: Iterable[Share]) -> list[Candidate]:
    """The nodes of a run of which no share was lost, in the plan's order."""
    found: dict[str, Candidate] = {}
    lost = set()
    for share in shares:
        part = share.subtask
        found.setdefault(share.name, Candidate(part.node, part.name, part.cores))
        if share.state == LOST:
            lost.add(share.name)
    return [candidate for name, candidate in found.items() if name not in lost]


def move(
    task: Task,
    threads: Sequence[int],
    nodes: Sequence[Candidate],
    begin: float,
    left: int | None = None,
    most: int | None = None,
) -> list[Subtask]:
    """The threads with these numbers over `nodes`, from run-second `begin` on; every thread exactly once.

    `left` requests are left to do by all of them together, where a closed loop has a number of requests.
    """
    weights = [max(1, node.cores) if task.split == "cores" else 1 for node in nodes]
    moved, first = [], 0
    for node, count in zip(nodes, spread_weighted(len(threads), weights), strict=True):
        if count:
            rest = None if left is None else left * (first + count) // len(threads) - left * first // len(threads)
            moved.append(subtask(node, task, tuple(threads[first : first + count]), begin, rest, most))
        first += count
    return [part for part in moved if part.left != 0]
