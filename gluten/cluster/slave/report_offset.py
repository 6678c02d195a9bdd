"""When a node tells of a run-second that is over: in a large cluster they take turns.

Each node knows its turn by the numbers of its threads, which are contiguous and start at another place on each node.
Which run-second a delta belongs to has nothing to do with it: only the sending waits, and what is sent again does not.
"""

from __future__ import annotations

from gluten.plan.split import NodeTask

EACH = 1e-3
"""Seconds that a delta may occupy the master; with its CPU of 0.6 ms it then has time for others in between."""
MAX_OFFSET = 0.8
MIN_OFFSET = 0.1
"""Where all would be through by then, that is with up to 100 nodes, nobody waits."""


def report_offset(part: NodeTask) -> float:
    """Seconds between a run-second's end at this node and its report, 0 to `MOST`."""
    threads = part.task.thread_count
    nodes = threads / max(1, len(part.threads))
    spread = min(MAX_OFFSET, EACH * nodes)
    return spread * part.threads[0] / threads if spread > MIN_OFFSET and part.threads else 0.0
