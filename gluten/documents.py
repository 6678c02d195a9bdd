"""The documents that leave a master: runs, rows of seconds, events, nodes, reports. Plain values, as JSON has them.

They travel by gRPC and JSON, and are stored. OpenAPI is derived from them (`webui/api/json_schema`): `Annotated` adds a
description, `Required` stands in `required`. Keys are added, never renamed or removed. Client commands import them only
for the type checker, to start sooner.
"""

# Annotations are evaluated here: as texts each would be compiled when the module is loaded.
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict

from gluten.document_parts import (
    CapacityDocument,
    FailureDocument,
    FeedDocument,
    GroupDocument,
    GroupFigures,
    Pacing,
    RequestDocument,
    RequestFigures,
    ScenarioDocument,
    ScenarioFigures,
    ScenarioSecond,
    SessionFigures,
    SessionsDocument,
    SlowestDocument,
    UsedConnections,
    WindowScenario,
    WindowSessions,
)

Time = Annotated[str | None, {"format": "date-time"}]
"""RFC 3339 in UTC, to the millisecond."""
Counts = dict[str, int]
Good = Annotated[int | None, "completed with a status below 400; null: not known"]
Plain = dict[str, Any]
RunState = Literal["queued", "starting", "running", "stopping", "finished", "stopped", "failed"]


class VerdictDocument(TypedDict):
    """Whether a run's numbers may be trusted."""

    value: Literal["valid", "suspect", "invalid"]
    reasons: list[str]
    notes: NotRequired[Annotated[list[str], "what stands out in the answers; only where there is any"]]


class SloDocument(TypedDict):
    """How an SLO stands. Values are in `unit`; a share is from 0 to 1."""

    slo: str
    state: Annotated[Literal["holds", "missed", "unmeasured"], "unmeasured: nothing was measured so far"]
    value: Annotated[float | None, "null: nothing was measured, or a percentile falls among failed requests"]
    limit: float
    sure: Annotated[bool | None, "whether the count decides with 95 % confidence; null: no count decides"]
    since: Annotated[int | None, "the second in which it was first missed"]
    unit: Literal["microseconds", "share", "per second", "count"]
    request: NotRequired[Annotated[str, "the request, scenario or group that decides an SLO of each"]]


class RunDocument(TypedDict, total=False):
    """One load test, from being asked for to its end."""

    id: Required[str]
    number: Required[int]
    name: str
    reason: str
    url: str
    link: str
    who: str
    state: Required[RunState]
    created_at: Time
    started_at: Time
    ended_at: Time
    asked_duration: float | None
    elapsed: float
    duration: float | None
    asked_rate: float | None
    rate: float
    task: Annotated[Plain, "in a list of runs and in an update without the text of its `workload`"]
    plan: list[Plain]
    sent: int
    completed: int
    good: Good
    failed: int
    dropped: int
    in_flight: int
    backlog: Annotated[int, "requests that are due and wait for a connection"]
    connections: Annotated[int, "open now"]
    needed: Annotated[int | None, "about how many connections carry the rate"]
    hint: Annotated[str, "the backlog in words while there is one, else empty"]
    p50: float | None
    p95: float | None
    p99: float | None
    by_request: Annotated[list[RequestFigures], "absent in a run of one URL"]
    sessions: Annotated[SessionFigures | None, "null or absent: the run has no scenarios"]
    by_scenario: Annotated[list[ScenarioFigures], "in the order of the workload file; absent without scenarios"]
    groups: Annotated[list[GroupFigures], "in the order of the workload file; absent without scenarios"]
    verdict: VerdictDocument | None
    slo: Annotated[list[SloDocument], "in the order of the task, as far as the run has come"]
    capacity: Annotated[CapacityDocument | None, "what a search for it has found so far; in a list without its trials"]
    version: Required[int]
    queue: int | None
    waits: Annotated[str, "of a queued run: why it has not begun"]
    kind: Annotated[str, "of the failure that ended the run; `slo`: an SLO ended it; else empty"]
    notice: Annotated[str, "what a person should know of it while it is not over, else empty"]
    summary: Annotated[Plain, "of a run that is over: the shape of its throughput"]


class Row(TypedDict, total=False):
    """One second of a run, merged over its nodes. Times are in microseconds."""

    second: Required[int]
    asked: Annotated[float | None, "requests that the plan has in this second; with scenarios: sessions"]
    sent: int
    completed: Required[int]
    good: Good
    drain: Annotated[bool, "load had ended: the last answers; absent in a second of load"]
    failed: Required[int]
    dropped: int
    read: int
    written: int
    in_flight: int
    connections: int
    backlog: int
    opened: int
    peak: Annotated[int, "the most connections open at once"]
    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    p99_9: float
    max: float
    service_p50: float
    service_p99: float
    lateness_p99: float
    lag_p99: float
    cpu: float
    host_cpu: float
    steal: float
    heat: Annotated[
        list[int],
        "Response times by band: the first band's number b, then counts of b, b + 1 …; band b is "
        "from 2^(b/4) to 2^((b+1)/4) microseconds",
    ]
    hdr: Annotated[
        str, "the response times as HdrHistogram's compressed V2 histogram, in base64; in the rows of a report alone"
    ]
    status: Counts
    errors: Counts
    nodes: Plain
    by_request: Annotated[Plain, "by the request's name; only where there is more than one"]
    slowest: Annotated[Plain, "the slowest request that carried a trace id; only with --trace"]
    begun: Annotated[int, "sessions that began; this and what follows is there only with scenarios"]
    active: Annotated[int, "sessions under way at the end of the second"]
    most_active: Annotated[int, "the most sessions at once"]
    finished: int
    ended: int
    cut: int
    sessions_dropped: Annotated[int, "sessions that never began"]
    session_p50: float
    session_p99: float
    by_scenario: Annotated[dict[str, ScenarioSecond], "by the scenario's name"]
    version: Required[int]


class EventDocument(TypedDict):
    """Something that happened to a run."""

    at: Time
    second: NotRequired[int | None]
    kind: str
    node: NotRequired[str]
    text: str
    version: NotRequired[int]


class UpdateDocument(TypedDict):
    """What changed in a run since a version."""

    version: int
    run: RunDocument
    rows: list[Row]
    events: list[EventDocument]
    final: bool
    more: NotRequired[Annotated[bool, "a piece of an update, in a stream: the next follows"]]


class NodeDocument(TypedDict, total=False):
    """A master or a slave of the cluster."""

    name: Required[str]
    id: Required[str]
    role: Required[Literal["master", "slave"]]
    state: Required[Literal["alive", "suspect", "lost", "left"]]
    cores: int
    cpu: float
    cpu_history: Annotated[list[float], "`cpu` of about the last minute, oldest first"]
    version: str
    python: str
    address: str
    rpc_port: int | None
    age: float
    run: str | None
    load: bool
    joined_at: Time


class AuditDocument(TypedDict):
    """What somebody did to a run."""

    at: Time
    action: Annotated[str, {"examples": ["submit", "stop", "adjust"]}]
    way: Literal["web", "gRPC", "bus", "host"]
    role: str
    address: str
    who: NotRequired[Annotated[str, "what the doer calls themselves; nobody checks it"]]
    detail: NotRequired[str]


MeasuredDocument = TypedDict(
    "MeasuredDocument",
    {
        "from": Annotated[int, "the first run-second of the measured part"],
        "to": Annotated[int, "the run-second before which the load ended"],
        "completed": Annotated[int, "requests of this part that were answered"],
    },
)
"""What of a run with a warmup is measured."""


class ReportDocument(TypedDict, total=False):
    """The report of a run."""

    schema: Required[Literal["gluten.report/1"]]
    id: Required[str]
    number: int
    name: str
    state: Required[str]
    reason: str
    kind: Annotated[str, "of the failure that ended the run; `slo`: an SLO ended it; else empty"]
    url: str
    link: str
    started_at: Time
    duration: Annotated[float, "how long the load took, in seconds"]
    ended: Annotated[float, "the run-second at which the load ended"]
    measured: Annotated[MeasuredDocument | None, "what times, rate and SLOs are of; null: the whole run"]
    task: Plain
    plan: list[Plain]
    events: list[EventDocument]
    slo: Annotated[list[SloDocument], "judged over the whole run (of a search: its last hold), in the task's order"]
    capacity: Annotated[CapacityDocument | None, "what a search for it has found; null: it was not searched"]
    requests: Required[Annotated[Plain, {"additionalProperties": {"type": ["integer", "null"]}}]]
    rate: float
    status: Counts
    errors: Counts
    samples: Annotated[dict[str, str], "a failure's text for each kind of error"]
    bytes: Counts
    response_time: Plain
    service_time: Plain
    first_byte: Annotated[Plain, "from when a request was written until its response's first byte"]
    by_request: list[RequestDocument]
    sessions: Annotated[SessionsDocument | None, "null: the run has no scenarios"]
    by_scenario: list[ScenarioDocument]
    groups: list[GroupDocument]
    failures: list[FailureDocument]
    slowest: list[SlowestDocument]
    feeds: list[FeedDocument]
    seed: Annotated[int, "what was drawn follows from it"]
    protocol: Literal["HTTP/1.1", "HTTP/2"]
    connections: UsedConnections
    lateness: Plain
    lag: Plain
    pacing: Annotated[Pacing | None, "null: a closed loop"]
    seconds: list[Row]
    nodes: list[Plain]
    verdict: Required[VerdictDocument]


WindowDocument = TypedDict(
    "WindowDocument",
    {
        "from": int,
        "to": int,
        "seconds": Annotated[float, "how much of the window had load"],
        "sent": NotRequired[int],
        "completed": NotRequired[int],
        "good": NotRequired[Good],
        "failed": NotRequired[int],
        "dropped": NotRequired[int],
        "read": NotRequired[int],
        "written": NotRequired[int],
        "opened": NotRequired[int],
        "rate": float,
        "response_time": Plain,
        "service_time": Plain,
        "first_byte": NotRequired[Plain],
        "by_request": NotRequired[list[RequestDocument]],
        "sessions": NotRequired[WindowSessions],
        "by_scenario": NotRequired[list[WindowScenario]],
        "groups": NotRequired[list[GroupDocument]],
        "status": Counts,
        "errors": Counts,
    },
)
"""Exact figures of some seconds of a run."""


class NameDocument(TypedDict):
    """A name that runs have."""

    name: str
    runs: Annotated[int, "how many have it"]
    last: Annotated[int, "the number of the newest of them"]


class BaselineDocument(TypedDict):
    """The run that later runs of a name are compared with."""

    name: str
    run: str
    number: int
