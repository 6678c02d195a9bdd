"""The counts of a target: the requests, answers and connections that it has had."""

from collections import deque

SECONDS_KEPT = 7200


class Tally:
    """Counts since the start, or since the last `clear`. Times are in Unix seconds, sizes in bytes.

    `requests` counts requests that were received completely. Of these, `answered` were given completely to the kernel,
    and `resets` were reset. The others are waiting, or their clients have left. `malformed` counts what is not a
    request. `open` is the number of open connections; `clear` does not change it.
    """

    __slots__ = (
        "_in_second",
        "_second",
        "_seconds",
        "answered",
        "by_method",
        "by_status",
        "bytes_in",
        "bytes_out",
        "connections",
        "first_at",
        "last_at",
        "malformed",
        "open",
        "requests",
        "resets",
    )

    def __init__(self) -> None:
        self.open = 0
        self.clear()

    def clear(self) -> None:
        """Set everything to zero except `open`."""
        self.requests = self.answered = self.resets = self.malformed = 0
        self.by_status: dict[int, int] = {}
        self.by_method: dict[str, int] = {}
        self.connections = self.bytes_in = self.bytes_out = 0
        self.first_at: float | None = None
        self.last_at: float | None = None
        self._second = self._in_second = 0
        self._seconds: deque[tuple[int, int]] = deque(maxlen=SECONDS_KEPT)

    def opened(self) -> None:
        """Count an accepted connection."""
        self.connections += 1
        self.open += 1

    def asked(self, method: str, now: float) -> None:
        """Count a request that was received completely at `now`."""
        self.requests += 1
        self.by_method[method] = self.by_method.get(method, 0) + 1
        self.last_at = now
        second = int(now)
        if second != self._second:
            self._turn(second, now)
        self._in_second += 1

    def sent(self, statuses: list[int], size: int) -> None:
        """Count answers with these statuses that were given to the kernel. They have `size` bytes together."""
        self.answered += len(statuses)
        self.bytes_out += size
        by_status = self.by_status
        for status in statuses:
            by_status[status] = by_status.get(status, 0) + 1

    def _turn(self, second: int, now: float) -> None:
        if self.first_at is None:
            self.first_at = now
        if self._in_second:
            self._seconds.append((self._second, self._in_second))
        self._second, self._in_second = second, 0

    def as_dict(self) -> dict[str, object]:
        """The answer to `GET /_gluten/count`. `per_second` has [Unix second, requests] for seconds with requests."""
        per_second = [list(row) for row in self._seconds]
        if self._in_second:
            per_second.append([self._second, self._in_second])
        return {
            "requests": self.requests,
            "answered": self.answered,
            "resets": self.resets,
            "malformed": self.malformed,
            "by_status": {str(status): count for status, count in sorted(self.by_status.items())},
            "by_method": dict(sorted(self.by_method.items())),
            "connections": self.connections,
            "open": self.open,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "per_second": per_second[-SECONDS_KEPT:],
        }
