"""When a node sends the delta of a run-second that is over. In a large cluster the nodes take turns.

A node's place follows from the numbers of its threads, which are contiguous and start elsewhere on each node. Only the
sending waits: a delta belongs to the same run-second whenever it is sent. What is sent again does not wait.
"""

from __future__ import annotations

from gluten.plan.split import NodeTask

EACH = 1e-3
"""Seconds of the master that are planned for a delta. It costs 0.6 ms of CPU, so there is time left for other work."""
MAX_OFFSET = 0.8
MIN_OFFSET = 0.1
"""If all deltas take less than so many seconds, which is true of up to 100 nodes, nobody waits."""


def report_offset(node_task: NodeTask) -> float:
    """Seconds between a run-second's end at this node and the sending of its delta, 0 to `MAX_OFFSET`."""
    threads = node_task.task.thread_count
    nodes = threads / max(1, len(node_task.threads))
    spread = min(MAX_OFFSET, EACH * nodes)
    return spread * node_task.threads[0] / threads if spread > MIN_OFFSET and node_task.threads else 0.0
