"""What became of the requests of one name. Stats add up, in any order: over seconds, workers and nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.stats.histogram import Histogram

REQUEST = "request"
"""The name of the requests of a task that is one URL."""
MAX_NAMES = 64
"""A run has at most so many named requests,"""
MAX_NAME = 64
"""and a name has at most so many characters."""
ERROR_KINDS = ("dns", "connect", "tls", "write", "read", "reset", "timeout", "protocol", "limit", "closed")
"""Why a request failed; the contract's names, and `closed`: a kept connection that the target closed as a request
was sent on it. Each failed request has exactly one."""
COUNTS = ("sent", "completed", "failed", "dropped", "read", "written")
HISTOGRAMS = ("response", "service")
SAMPLE = 300
"""Characters of a failure's example that are kept."""
BAD_STATUS = 400
"""A response with this status or a higher one is not good."""
_MOST = 1 << 62
_LAST_STATUS = 999


class Stats:
    """`read` and `written` are bytes, histograms microseconds. `samples` has an example of each kind of failure."""

    __slots__ = (*COUNTS, *HISTOGRAMS, "status", "errors", "samples")
    sent: int
    completed: int
    failed: int
    dropped: int
    read: int
    written: int

    def __init__(self) -> None:
        self.sent = self.completed = self.failed = self.dropped = 0
        self.read = self.written = 0
        self.response, self.service = Histogram(), Histogram()
        self.status: dict[int, int] = {}
        self.errors: dict[str, int] = {}
        self.samples: dict[str, str] = {}

    def add(self, other: Stats) -> None:
        """Add the counts of `other`."""
        self.sent += other.sent
        self.completed += other.completed
        self.failed += other.failed
        self.dropped += other.dropped
        self.read += other.read
        self.written += other.written
        self.response.add(other.response)
        self.service.add(other.service)
        for code, times in other.status.items():
            self.status[code] = self.status.get(code, 0) + times
        for kind, times in other.errors.items():
            self.errors[kind] = self.errors.get(kind, 0) + times
        for kind, text in other.samples.items():
            self.samples.setdefault(kind, text)

    def fail(self, kind: str, sample: str = "") -> None:
        """Count one failed request."""
        self.failed += 1
        self.errors[kind] = self.errors.get(kind, 0) + 1
        if sample and kind not in self.samples:
            self.samples[kind] = _sample(sample[:SAMPLE])

    @property
    def good(self) -> int:
        """Responses with a status that is expected."""
        return sum(times for code, times in self.status.items() if code < BAD_STATUS)

    def to_map(self) -> dict[str, Any]:
        """Plain values for the wire and the store."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in COUNTS}
        for name in HISTOGRAMS:
            plain[name] = getattr(self, name).to_wire()
        plain["status"] = [[code, times] for code, times in sorted(self.status.items())]
        plain["errors"] = dict(self.errors)
        plain["samples"] = dict(self.samples)
        return plain

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> Stats:
        """The inverse of `to_map`, for values from the wire. Raises ValueError, KeyError, TypeError, AttributeError."""
        if plain.keys() != STATS_KEYS:
            raise ValueError("the stats of a name have missing or unknown keys")
        made = cls()
        for name in COUNTS:
            setattr(made, name, count(plain[name]))
        for name in HISTOGRAMS:
            setattr(made, name, Histogram.from_wire(plain[name]))
        made.status = {_code(code): count(times) for code, times in plain["status"]}
        made.errors = {_kind(kind): count(times) for kind, times in plain["errors"].items()}
        made.samples = {_kind(kind): _sample(text) for kind, text in plain["samples"].items()}
        if made.failed != sum(made.errors.values()) or made.completed != sum(made.status.values()):
            raise ValueError("errors or statuses do not sum to their totals")
        return made


STATS_KEYS = frozenset(Stats().to_map())


def total_of(parts: Mapping[str, Stats]) -> Stats:
    """The sum over all names."""
    total = Stats()
    for stats in parts.values():
        total.add(stats)
    return total


def check_name(value: Any) -> str:
    """The name of a request. Raises ValueError."""
    if type(value) is not str or not 1 <= len(value) <= MAX_NAME or not value.isprintable():
        raise ValueError(f"a request's name has 1 to {MAX_NAME} printable characters")
    return value


def count(value: Any) -> int:
    """A count that somebody else has made. Raises ValueError."""
    if type(value) is not int or not 0 <= value < _MOST:
        raise ValueError(f"{value!r} is not a count")
    return value


def _code(code: Any) -> int:
    if type(code) is not int or not 0 <= code <= _LAST_STATUS:
        raise ValueError(f"{code!r} is not a status code")
    return code


def _sample(value: Any) -> str:
    """A text as terminals, databases and JSON take it."""
    if type(value) is not str or len(value) > SAMPLE:
        raise ValueError(f"a failure's example is a text of at most {SAMPLE} characters")
    return "".join(char if char.isprintable() else " " for char in value)


def _kind(value: Any) -> str:
    if value not in ERROR_KINDS:
        raise ValueError(f"{value!r} is not a kind of error")
    return str(value)
