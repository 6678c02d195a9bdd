"""What one node saw in one second of a run. Deltas merge by addition, in any order.

A second counts from the armed start on the node's own monotonic clock. Everything is additive
but `in_flight`, `connections` and `backlog`, which are gauges at the end of the second and add over nodes
only: within one node the later replaces the earlier (`follow`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.stats.histogram import Histogram

ERROR_KINDS = ("dns", "connect", "tls", "write", "read", "reset", "timeout", "protocol", "limit", "closed")
"""Why a request failed; the contract's names, and `closed`: a kept connection that the target closed as a request
was sent on it. Each failed request has exactly one."""

COUNTS = ("sent", "completed", "failed", "dropped", "read", "written", "opened")
GAUGES = ("in_flight", "connections", "backlog")
SHARES = ("cpu", "host_cpu", "steal")
"""Shares, 0 to 1: of one core (the busiest worker), and of the whole machine that the node runs on."""
LATER = ("opened", "backlog", "peak", "host_cpu", "steal")
"""What deltas of bus protocol 1 lack, which a store may hold: read as 0."""
HISTOGRAMS = ("response", "service", "lateness", "lag")
SAMPLE = 300
"""Characters of a failure's example that are kept."""
CEILING = 1 << 40
"""More than one node counts in one second, of requests or bytes: sums of millions of such deltas stay in 63 bits."""
_MOST = 1 << 62
_MOST_SECONDS, _LONGEST_SUM = 1e9, 1e18
_LAST_STATUS = 999
BAD_STATUS = 400
"""A response with this status or a higher one is not good."""


class Delta:
    """Counts and histograms of one run-second. `read`, `written` are bytes, histograms microseconds.

    `lateness` is how long after its due time a request was sent although a connection was idle (constant rate
    only), `lag` how late the generator's own clock ticked: both are the generator's fault alone. `cpu` is the
    busiest worker's share of one core (0 to 1), `host_cpu` the share of the machine's cores that were busy, `steal` the
    share that its hypervisor gave to others. `opened` connections were opened; `peak` is the most that were open at
    once; `backlog` requests were due and waited for a connection. `drained` is the sum over connections of the seconds
    that each spent on its last response after load had ended.
    """

    __slots__ = ("second", *COUNTS, *GAUGES, *HISTOGRAMS, "status", "errors", "samples", *SHARES, "drained", "peak")

    def __init__(self, second: int = 0) -> None:
        self.second = second
        self.sent = self.completed = self.failed = self.dropped = 0
        self.read = self.written = 0
        self.in_flight = self.connections = self.backlog = 0
        self.opened = self.peak = 0
        self.response, self.service = Histogram(), Histogram()
        self.lateness, self.lag = Histogram(), Histogram()
        self.status: dict[int, int] = {}
        self.errors: dict[str, int] = {}
        self.samples: dict[str, str] = {}
        self.cpu = self.host_cpu = self.steal = 0.0
        self.drained = 0.0

    def add(self, other: Delta) -> None:
        """Merge counts and histograms; gauges too, as of another node or worker."""
        self._add_counts(other)
        self.peak += other.peak
        for name in GAUGES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def follow(self, other: Delta) -> None:
        """Merge a later delta of the same source: counts add, gauges are replaced. One of the same second is of another
        worker, so its `peak` adds."""
        self._add_counts(other)
        self.peak = self.peak + other.peak if other.second == self.second else max(self.peak, other.peak)
        for name in GAUGES:
            setattr(self, name, getattr(other, name))

    def _add_counts(self, other: Delta) -> None:
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in HISTOGRAMS:
            getattr(self, name).add(getattr(other, name))
        for code, times in other.status.items():
            self.status[code] = self.status.get(code, 0) + times
        for kind, times in other.errors.items():
            self.errors[kind] = self.errors.get(kind, 0) + times
        for kind, text in other.samples.items():
            self.samples.setdefault(kind, text)
        for name in SHARES:
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        self.drained += other.drained

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

    @property
    def excess(self) -> str:
        """What of it no single node can have seen in one second; empty: nothing. A sum over nodes may be more."""
        for name in (*COUNTS, *GAUGES, "peak"):
            if getattr(self, name) >= CEILING:
                return name
        for name in (*SHARES, "drained"):
            if getattr(self, name) > _MOST_SECONDS:
                return name
        return next((name for name in HISTOGRAMS if not getattr(self, name).below(CEILING)), "")

    def to_map(self) -> dict[str, Any]:
        """Plain values for the wire and the store."""
        names = ("second", *COUNTS, *GAUGES, "peak", *SHARES, "drained")
        plain: dict[str, Any] = {name: getattr(self, name) for name in names}
        for name in HISTOGRAMS:
            plain[name] = getattr(self, name).to_wire()
        plain["status"] = [[code, times] for code, times in sorted(self.status.items())]
        plain["errors"] = dict(self.errors)
        plain["samples"] = dict(self.samples)
        return plain

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> Delta:
        """The inverse of `to_map`, for values from the wire. Raises ValueError on anything odd."""
        try:
            return cls._read(plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a delta lacks or misuses {error}") from None

    @classmethod
    def _read(cls, plain: Mapping[str, Any]) -> Delta:
        made = cls(_count(plain["second"]))
        for name in (*COUNTS, *GAUGES, "peak"):
            setattr(made, name, _count(plain.get(name, 0) if name in LATER else plain[name]))
        for name in HISTOGRAMS:
            setattr(made, name, Histogram.from_wire(plain[name]))
        made.status = {_code(code): _count(times) for code, times in plain["status"]}
        made.errors = {_kind(kind): _count(times) for kind, times in plain["errors"].items()}
        made.samples = {_kind(kind): _sample(text) for kind, text in plain["samples"].items()}
        made.cpu, made.drained = _share(plain["cpu"]), _share(plain["drained"])
        # A delta of an earlier version has none of these.
        made.host_cpu, made.steal = _share(plain.get("host_cpu", 0.0)), _share(plain.get("steal", 0.0))
        if made.failed != sum(made.errors.values()) or made.completed != sum(made.status.values()):
            raise ValueError("a delta's errors or statuses do not sum to its totals")
        return made


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MOST:
        raise ValueError(f"{value!r} is not a count")
    return value


def _share(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= _LONGEST_SUM:
        raise ValueError(f"{value!r} is not a number of seconds or a share")
    return float(value)


def _code(value: Any) -> int:
    if _count(value) > _LAST_STATUS:
        raise ValueError(f"{value!r} is not a status code")
    return int(value)


def _sample(value: Any) -> str:
    """A text as terminals, databases and JSON take it."""
    if type(value) is not str or len(value) > SAMPLE:
        raise ValueError(f"a failure's example is a text of at most {SAMPLE} characters")
    return "".join(char if char.isprintable() else " " for char in value)


def _kind(value: Any) -> str:
    if value not in ERROR_KINDS:
        raise ValueError(f"{value!r} is not a kind of error")
    return str(value)
