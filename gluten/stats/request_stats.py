"""The results of the requests of one name. Stats add up, in any order: over seconds, workers and nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from gluten.stats.failure import MAX_KIND, Failure, earliest, read_failures
from gluten.stats.histogram import Histogram

REQUEST = "request"
"""The name of the requests of a task that is one URL."""
MAX_NAMES = 64
"""How many named requests a run may have."""
MAX_NAME = 64
"""How many characters a name may have."""
REDIRECT = " (redirect)"
"""If redirects of a request are followed, the answers that redirect are counted under its name with this suffix."""
ERROR_KINDS = (
    "dns", "connect", "tls", "write", "read", "reset", "timeout", "protocol", "limit", "closed", "template", "stream",
)  # fmt: skip
"""Why a request failed. `closed`: a kept connection that the target closed as a request was sent on it. `template`: a
value that its template gave could not be sent. `stream`: the target reset its stream, and no more than that. Each
failed request has exactly one kind."""
MAX_CHECKS = 128
"""A request has at most 64 checks and 64 takes."""
COUNTS = ("sent", "completed", "failed", "dropped", "read", "written")
HISTOGRAMS = ("response", "service")
SAMPLE = 300
"""Characters of a failure's example that are kept."""
BAD_STATUS = 400
"""A response with this status or a higher one is not good."""
_MOST = 1 << 62
_LAST_STATUS = 999
# As a workload file allows it.
_NAME = re.compile(f"[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]{{1,{MAX_NAME}}}")


def redirect_name(request: str) -> str:
    """The name under which the followed redirects of a request are counted."""
    return request + REDIRECT


class Slowest(NamedTuple):
    """The request that took longest, of those that carried a trace id. `micros` is its response time."""

    micros: int
    trace: str
    node: str


class Stats:
    """`read` and `written` are bytes, histograms microseconds. `samples` has an example of each kind of error.

    `skipped`: how often sessions did not reach it, because they had ended. `apart`: how many more responses are good
    than have a status below 400; below 0: fewer. `checks`: how often each was true, and how often not. `failures`: the
    first request of each kind that was not good.
    """

    __slots__ = (
        *COUNTS, *HISTOGRAMS, "apart", "skipped", "status", "errors", "samples", "checks", "failures", "slowest",
        "_first_byte",
    )  # fmt: skip
    sent: int
    completed: int
    failed: int
    dropped: int
    read: int
    written: int

    def __init__(self) -> None:
        self.sent = self.completed = self.failed = self.dropped = 0
        self.read = self.written = self.apart = self.skipped = 0
        self.response, self.service = Histogram(), Histogram()
        self.status: dict[int, int] = {}
        self.errors: dict[str, int] = {}
        self.samples: dict[str, str] = {}
        self.checks: dict[str, list[int]] = {}
        self.failures: dict[str, Failure] = {}
        self.slowest: Slowest | None = None
        # None: each response came in one piece, so its first byte came with its last.
        self._first_byte: Histogram | None = None

    @property
    def first_byte(self) -> Histogram:
        """From when a request was written until the first byte of its response."""
        return self.service if self._first_byte is None else self._first_byte

    @first_byte.setter
    def first_byte(self, times: Histogram) -> None:
        self._first_byte = times

    def add(self, other: Stats, brief: bool = False) -> None:
        """Add the counts of `other`. `brief`: without failures."""
        if self._first_byte is not None or other._first_byte is not None:
            # As long as it is the service time, it has to be copied before that changes.
            self._first_byte = _sum(self.first_byte, other.first_byte)
        self.sent += other.sent
        self.completed += other.completed
        self.apart += other.apart
        self.skipped += other.skipped
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
        for text, (passed, failed) in other.checks.items():
            self.checked(text, passed, failed)
        if other.slowest is not None:
            self.slowest = max(other.slowest, self.slowest or other.slowest)
        if other.failures and not brief:
            self.failures = earliest(self.failures, other.failures)

    def checked(self, text: str, passed: int, failed: int) -> None:
        """A check was true `passed` times and not true `failed` times."""
        known = self.checks.setdefault(text, [0, 0])
        known[0] += passed
        known[1] += failed

    def fail(self, kind: str, sample: str = "") -> None:
        """Count one failed request."""
        self.failed += 1
        self.errors[kind] = self.errors.get(kind, 0) + 1
        if sample and kind not in self.samples:
            self.samples[kind] = _sample(sample[:SAMPLE])

    @property
    def good(self) -> int:
        """Responses that are as was expected."""
        return good_in(self.status) + self.apart

    def to_map(self) -> dict[str, Any]:
        """Plain values for the wire and the store."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in COUNTS}
        for name in HISTOGRAMS:
            plain[name] = getattr(self, name).to_wire()
        plain["status"] = [[code, times] for code, times in sorted(self.status.items())]
        plain["errors"] = dict(self.errors)
        plain["samples"] = dict(self.samples)
        return plain | self._unusual()

    def _unusual(self) -> dict[str, Any]:
        """What most deltas do not have. It is left out, so that they stay small."""
        plain: dict[str, Any] = {}
        if self.apart:
            plain["good"] = self.good
        if self.skipped:
            plain["skipped"] = self.skipped
        if self._first_byte is not None and self._first_byte != self.service:
            plain["first_byte"] = self._first_byte.to_wire()
        if self.checks:
            plain["checks"] = {text: list(pair) for text, pair in self.checks.items()}
        if self.failures:
            plain["failures"] = {kind: failure.to_map() for kind, failure in self.failures.items()}
        if self.slowest is not None:
            plain["slowest"] = list(self.slowest)
        return plain

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> Stats:
        """The inverse of `to_map`, for values from the wire. Raises ValueError, KeyError, TypeError, AttributeError."""
        if plain.keys() - UNUSUAL_KEYS != STATS_KEYS:
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
        made._read_unusual(plain)
        return made

    def _read_unusual(self, plain: Mapping[str, Any]) -> None:
        if "good" in plain:
            self.apart = count(plain["good"]) - good_in(self.status)
        if self.good > self.completed:
            raise ValueError("more responses are good than were completed")
        self.skipped = count(plain.get("skipped", 0))
        if "first_byte" in plain:
            self._first_byte = Histogram.from_wire(plain["first_byte"])
        self.checks = _checks(plain.get("checks", {}))
        self.failures = read_failures(plain.get("failures", {}))
        if "slowest" in plain:
            micros, trace, node = plain["slowest"]
            self.slowest = Slowest(count(micros), _sample(trace), _sample(node))


STATS_KEYS = frozenset(Stats().to_map())
UNUSUAL_KEYS = frozenset({"good", "skipped", "first_byte", "checks", "failures", "slowest"})


def total_of(parts: Mapping[str, Stats]) -> Stats:
    """The sum over all names."""
    total = Stats()
    for stats in parts.values():
        total.add(stats)
    return total


def good_in(status: Mapping[int, int]) -> int:
    """How many of the responses, by status code, are good."""
    return sum(times for code, times in status.items() if code < BAD_STATUS)


def _sum(one: Histogram, other: Histogram) -> Histogram:
    made = Histogram()
    made.add(one)
    made.add(other)
    return made


def _checks(plain: Any) -> dict[str, list[int]]:
    if type(plain) is not dict or len(plain) > MAX_CHECKS:
        raise ValueError(f"checks are a map of at most {MAX_CHECKS} texts")
    return {_check(text): [count(passed), count(failed)] for text, (passed, failed) in plain.items()}


def _check(text: Any) -> str:
    if type(text) is not str or not 1 <= len(text) <= MAX_KIND:
        raise ValueError(f"a check is a text of at most {MAX_KIND} characters")
    return text


def asked_as(name: Any) -> Any:
    """The request of whose redirects this is the name; any other name is its own."""
    return name.removesuffix(REDIRECT) if type(name) is str else name


def check_name(value: Any) -> str:
    """The name of a request, a scenario or a group. Raises ValueError."""
    if type(value) is not str or not _NAME.fullmatch(asked_as(value)):
        raise ValueError(f"a name has 1 to {MAX_NAME} characters and no control character")
    return value


def count(value: Any) -> int:
    """A count from another process. Raises ValueError."""
    if type(value) is not int or not 0 <= value < _MOST:
        raise ValueError(f"{value!r} is not a count")
    return value


def _code(code: Any) -> int:
    if type(code) is not int or not 0 <= code <= _LAST_STATUS:
        raise ValueError(f"{code!r} is not a status code")
    return code


def _sample(value: Any) -> str:
    """A text that terminals, databases and JSON can hold."""
    if type(value) is not str or len(value) > SAMPLE:
        raise ValueError(f"a failure's example is a text of at most {SAMPLE} characters")
    return "".join(char if char.isprintable() else " " for char in value)


def _kind(value: Any) -> str:
    if value not in ERROR_KINDS:
        raise ValueError(f"{value!r} is not a kind of error")
    return str(value)
