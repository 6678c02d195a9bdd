"""Parts of the documents (`documents`): what they say of requests, sessions, feeds and connections. Plain values."""

# Annotations are evaluated here, as in `documents`.
from typing import Annotated, Any, Literal, NotRequired, TypedDict

Counts = dict[str, int]
Plain = dict[str, Any]


class RequestFigures(TypedDict):
    """One named request of a run, as far as the run has come. Times are in microseconds."""

    name: str
    sent: int
    completed: int
    good: int
    failed: int
    dropped: int
    in_flight: int
    rate: Annotated[float, "completed a second"]
    p50: float
    p95: float
    p99: float
    checks_passed: int
    checks_failed: int
    skipped: Annotated[int, "how often sessions did not reach it, because they had ended"]


class UsedConnections(TypedDict):
    """The connections of a run."""

    limit: Annotated[int | None, "null: opened as they were needed"]
    most: Annotated[int, "open at once"]
    opened: int
    streams: Annotated[int, "requests in flight at once on each: as many as were asked for, or as the target allows"]


class CheckCounts(TypedDict):
    """How often a check was true, and how often not."""

    check: str
    passed: int
    failed: int


class RequestDocument(TypedDict):
    """One named request of a run. Times are in microseconds, sizes in bytes."""

    name: str
    planned: int | None
    sent: int
    completed: int
    good: int
    failed: int
    in_flight: int
    dropped: int
    skipped: int
    rate: float
    status: Counts
    errors: Counts
    bytes: Counts
    response_time: Plain
    service_time: Plain
    first_byte: Plain
    checks: list[CheckCounts]


class FailureDocument(TypedDict):
    """The first request of its kind that was not good."""

    request: str
    kind: Annotated[str, "a kind of error, `status N`, or a check's text"]
    second: int
    node: str
    count: Annotated[int, "how many there were of this kind"]
    sent: Plain
    answer: Plain | None
    text: str
    trace: str | None


class FeedDocument(TypedDict):
    """How many rows of a feed a run has used."""

    name: str
    rows: int
    used: int
    skipped: Annotated[int, "rows of a unique feed that sessions did not use which were planned and did not begin"]


class SlowestDocument(TypedDict):
    """The slowest request of a second, with its trace id."""

    second: int
    request: str
    time: int
    node: str
    trace: str


class Pacing(TypedDict):
    """How exactly a constant rate was kept."""

    quantum: Annotated[int, "microseconds: for so long requests that were due waited at most, to be sent together"]


class SessionCounts(TypedDict):
    """What became of sessions. begun = finished + ended + cut + those under way."""

    begun: int
    finished: Annotated[int, "came to their end"]
    ended: Annotated[int, "by a request that was not good (on_fail)"]
    cut: Annotated[int, "by the drain, a stop or a loss"]
    dropped: Annotated[int, "never began"]
    good: Annotated[int, "finished, and every request was good"]


class SessionFigures(SessionCounts):
    """The sessions of a run, as far as the run has come. Times are of finished ones, in microseconds."""

    active: Annotated[int, "under way now"]
    rate: Annotated[float, "finished a second"]
    p50: float
    p95: float
    p99: float


class ScenarioFigures(SessionFigures):
    """The sessions of one scenario, as far as the run has come."""

    name: str


class GroupFigures(TypedDict):
    """The times of one group, as far as the run has come, in microseconds."""

    name: str
    count: int
    p50: float
    p95: float
    p99: float


class ScenarioSecond(SessionCounts):
    """The sessions of one scenario in a second. Times are of those that finished in it, in microseconds."""

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    p99_9: float
    max: float


class SessionsDocument(SessionCounts):
    """The sessions of a run. Times are in microseconds."""

    planned: Annotated[int | None, "begun + dropped; null: a closed loop"]
    active: Annotated[int, "still under way: 0 when the run is over"]
    most: Annotated[int, "at once"]
    time: Annotated[Plain, "of finished ones, from when they were due to their last byte"]


class StepDocument(TypedDict):
    """What a session typically does: it sends a request, or makes a pause of its mean length."""

    step: Annotated[str | None, "the request's name; null: a pause"]
    pause: Annotated[float, "seconds"]
    times: Annotated[float, "how often it is to be expected in a session"]


class ScenarioDocument(SessionCounts):
    """The sessions of one scenario."""

    name: str
    planned: int | None
    time: Plain
    steps: NotRequired[Annotated[list[StepDocument], "its first 500 steps, in the file's order; in a report alone"]]


class WindowSessions(SessionCounts):
    """The sessions that began or ended in a window."""

    time: Plain


class WindowScenario(WindowSessions):
    """Those of one scenario."""

    name: str


class GroupDocument(TypedDict):
    """The times of one group, from when its first request was due to its last byte. Only whole ones count."""

    name: str
    count: int
    time: Plain


TrialState = Literal["holds", "misses", "undecided"]
"""Whether all SLOs hold at a rate, with the confidence of the search."""

# `from` is a keyword, so this is no class.
CapacityTrial = TypedDict(
    "CapacityTrial",
    {
        "rate": float,
        "from": Annotated[int, "the first run-second that counts"],
        "to": Annotated[int, "the run-second after the last one that counts"],
        "state": TrialState,
        "slo": Annotated[str | None, "the SLO that decides it"],
        "p50": float,
        "p95": float,
        "p99": float,
        "errors": Annotated[float, "the share of what was not good"],
        "in_flight": Annotated[int, "requests in flight or waiting, at the end"],
    },
)
"""A window of a search at one rate. Times are in microseconds."""


class CapacityDocument(TypedDict):
    """What a search for the capacity has found, or has found so far. Rates are in `unit`."""

    unit: Literal["requests/s", "sessions/s"]
    holds: Annotated[float | None, "the highest rate at which all SLOs held; null: none did"]
    misses: Annotated[float | None, "the lowest rate above it at which one did not; null: none is known"]
    confidence: Annotated[float, "how sure it is that the capacity lies between `holds` and `misses`; at most 0.95"]
    precision: Annotated[float, "the width of the interval that was asked for, as a share"]
    limit: Annotated[Literal["target", "generator", "asked"] | None, "null: it is still searched"]
    node: Annotated[str | None, "the generator that was the limit"]
    slo: Annotated[str | None, "the SLO that misses at `misses`"]
    recovers: Annotated[bool | None, "whether the target came back after each overload; null: there was none"]
    moved: Annotated[bool, "the capacity changed while it was searched"]
    trials: list[CapacityTrial]
    text: Annotated[str, "the answer in a sentence"]
    at_least: NotRequired[Annotated[float, "the rate that `holds` has to reach"]]
    recovery: NotRequired[Annotated[int, "seconds, at most, until the target had come back"]]
