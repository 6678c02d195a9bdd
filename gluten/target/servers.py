"""The servers of a target: how many requests it works on at once.

With exponential delays and arrivals at random times this is the queue M/M/c, whose percentiles a formula knows.
"""

import heapq


class Servers:
    """`count` servers with one queue. A request takes the first server that becomes free, in the order of arrival.

    When a request arrives, it is known when it will be ready, so nothing waits in a list. A server begins its next
    request at the instant at which its last one was ready, even if the event loop is late. So a busy host does not
    lower the capacity. A request whose client has left keeps its place and its server, as in most real servers.
    """

    __slots__ = ("_free_at",)

    def __init__(self, count: int) -> None:
        self._free_at = [0.0] * count

    def serve(self, arrived: float, work: float) -> float:
        """When the answer is ready to a request that arrived at `arrived`, and on which a server works for `work`."""
        ready = max(arrived, self._free_at[0]) + work
        heapq.heapreplace(self._free_at, ready)
        return ready
