from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Task(_message.Message):
    __slots__ = ("url", "threads", "connections", "duration", "requests", "rate", "stages", "method", "body", "headers", "timeout", "keepalive", "insecure", "cacert", "cert", "key", "resolve", "max_body", "name", "on_loss", "split", "secret", "seed", "slo", "slo_sure", "trace", "workload", "env", "files", "rows", "sessions", "drain", "pace", "ramp", "warmup", "arrivals", "find_capacity", "search_from", "search_to", "precision", "hold", "at_least", "http2", "streams", "redirects", "outranking")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class FilesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class RowsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    URL_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    KEEPALIVE_FIELD_NUMBER: _ClassVar[int]
    INSECURE_FIELD_NUMBER: _ClassVar[int]
    CACERT_FIELD_NUMBER: _ClassVar[int]
    CERT_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    RESOLVE_FIELD_NUMBER: _ClassVar[int]
    MAX_BODY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ON_LOSS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SLO_FIELD_NUMBER: _ClassVar[int]
    SLO_SURE_FIELD_NUMBER: _ClassVar[int]
    TRACE_FIELD_NUMBER: _ClassVar[int]
    WORKLOAD_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    PACE_FIELD_NUMBER: _ClassVar[int]
    RAMP_FIELD_NUMBER: _ClassVar[int]
    WARMUP_FIELD_NUMBER: _ClassVar[int]
    ARRIVALS_FIELD_NUMBER: _ClassVar[int]
    FIND_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FROM_FIELD_NUMBER: _ClassVar[int]
    SEARCH_TO_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    HTTP2_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    REDIRECTS_FIELD_NUMBER: _ClassVar[int]
    OUTRANKING_FIELD_NUMBER: _ClassVar[int]
    url: str
    threads: int
    connections: int
    duration: float
    requests: int
    rate: float
    stages: _containers.RepeatedCompositeFieldContainer[Stage]
    method: str
    body: bytes
    headers: _containers.RepeatedCompositeFieldContainer[Header]
    timeout: float
    keepalive: bool
    insecure: bool
    cacert: str
    cert: str
    key: str
    resolve: _containers.RepeatedScalarFieldContainer[str]
    max_body: int
    name: str
    on_loss: str
    split: str
    secret: bool
    seed: int
    slo: _containers.RepeatedScalarFieldContainer[str]
    slo_sure: bool
    trace: bool
    workload: str
    env: _containers.ScalarMap[str, str]
    files: _containers.ScalarMap[str, str]
    rows: _containers.ScalarMap[str, int]
    sessions: int
    drain: float
    pace: float
    ramp: float
    warmup: float
    arrivals: str
    find_capacity: bool
    search_from: float
    search_to: float
    precision: float
    hold: float
    at_least: float
    http2: bool
    streams: int
    redirects: int
    outranking: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, url: _Optional[str] = ..., threads: _Optional[int] = ..., connections: _Optional[int] = ..., duration: _Optional[float] = ..., requests: _Optional[int] = ..., rate: _Optional[float] = ..., stages: _Optional[_Iterable[_Union[Stage, _Mapping]]] = ..., method: _Optional[str] = ..., body: _Optional[bytes] = ..., headers: _Optional[_Iterable[_Union[Header, _Mapping]]] = ..., timeout: _Optional[float] = ..., keepalive: _Optional[bool] = ..., insecure: _Optional[bool] = ..., cacert: _Optional[str] = ..., cert: _Optional[str] = ..., key: _Optional[str] = ..., resolve: _Optional[_Iterable[str]] = ..., max_body: _Optional[int] = ..., name: _Optional[str] = ..., on_loss: _Optional[str] = ..., split: _Optional[str] = ..., secret: _Optional[bool] = ..., seed: _Optional[int] = ..., slo: _Optional[_Iterable[str]] = ..., slo_sure: _Optional[bool] = ..., trace: _Optional[bool] = ..., workload: _Optional[str] = ..., env: _Optional[_Mapping[str, str]] = ..., files: _Optional[_Mapping[str, str]] = ..., rows: _Optional[_Mapping[str, int]] = ..., sessions: _Optional[int] = ..., drain: _Optional[float] = ..., pace: _Optional[float] = ..., ramp: _Optional[float] = ..., warmup: _Optional[float] = ..., arrivals: _Optional[str] = ..., find_capacity: _Optional[bool] = ..., search_from: _Optional[float] = ..., search_to: _Optional[float] = ..., precision: _Optional[float] = ..., hold: _Optional[float] = ..., at_least: _Optional[float] = ..., http2: _Optional[bool] = ..., streams: _Optional[int] = ..., redirects: _Optional[int] = ..., outranking: _Optional[_Iterable[str]] = ...) -> None: ...

class Stage(_message.Message):
    __slots__ = ("second", "rate")
    SECOND_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    second: float
    rate: float
    def __init__(self, second: _Optional[float] = ..., rate: _Optional[float] = ...) -> None: ...

class Header(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class MissingFilesRequest(_message.Message):
    __slots__ = ("sha256",)
    SHA256_FIELD_NUMBER: _ClassVar[int]
    sha256: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sha256: _Optional[_Iterable[str]] = ...) -> None: ...

class MissingFilesReply(_message.Message):
    __slots__ = ("sha256",)
    SHA256_FIELD_NUMBER: _ClassVar[int]
    sha256: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sha256: _Optional[_Iterable[str]] = ...) -> None: ...

class FilePart(_message.Message):
    __slots__ = ("sha256", "data", "size")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    data: bytes
    size: int
    def __init__(self, sha256: _Optional[str] = ..., data: _Optional[bytes] = ..., size: _Optional[int] = ...) -> None: ...

class PutFileReply(_message.Message):
    __slots__ = ("known",)
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    known: bool
    def __init__(self, known: _Optional[bool] = ...) -> None: ...

class SubmitRequest(_message.Message):
    __slots__ = ("task", "idempotency_key", "who")
    TASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    task: Task
    idempotency_key: str
    who: str
    def __init__(self, task: _Optional[_Union[Task, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., who: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("run", "after")
    RUN_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    run: str
    after: int
    def __init__(self, run: _Optional[str] = ..., after: _Optional[int] = ...) -> None: ...

class StopRequest(_message.Message):
    __slots__ = ("run", "who")
    RUN_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    run: str
    who: str
    def __init__(self, run: _Optional[str] = ..., who: _Optional[str] = ...) -> None: ...

class AdjustRequest(_message.Message):
    __slots__ = ("run", "rate", "who")
    RUN_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    run: str
    rate: float
    who: str
    def __init__(self, run: _Optional[str] = ..., rate: _Optional[float] = ..., who: _Optional[str] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ("limit", "before", "search")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    limit: int
    before: int
    search: str
    def __init__(self, limit: _Optional[int] = ..., before: _Optional[int] = ..., search: _Optional[str] = ...) -> None: ...

class ListRunsReply(_message.Message):
    __slots__ = ("runs",)
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ...) -> None: ...

class ListNodesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListNodesReply(_message.Message):
    __slots__ = ("nodes",)
    NODES_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[Node]
    def __init__(self, nodes: _Optional[_Iterable[_Union[Node, _Mapping]]] = ...) -> None: ...

class PinRequest(_message.Message):
    __slots__ = ("run", "remove", "who")
    RUN_FIELD_NUMBER: _ClassVar[int]
    REMOVE_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    run: str
    remove: bool
    who: str
    def __init__(self, run: _Optional[str] = ..., remove: _Optional[bool] = ..., who: _Optional[str] = ...) -> None: ...

class DeleteRequest(_message.Message):
    __slots__ = ("run", "who")
    RUN_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    run: str
    who: str
    def __init__(self, run: _Optional[str] = ..., who: _Optional[str] = ...) -> None: ...

class ListBaselinesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListBaselinesReply(_message.Message):
    __slots__ = ("baselines",)
    BASELINES_FIELD_NUMBER: _ClassVar[int]
    baselines: _containers.RepeatedCompositeFieldContainer[Baseline]
    def __init__(self, baselines: _Optional[_Iterable[_Union[Baseline, _Mapping]]] = ...) -> None: ...

class Baseline(_message.Message):
    __slots__ = ("name", "run", "number")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    name: str
    run: str
    number: int
    def __init__(self, name: _Optional[str] = ..., run: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...

class GetReportRequest(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: str
    def __init__(self, run: _Optional[str] = ...) -> None: ...

class ReportPart(_message.Message):
    __slots__ = ("report_json",)
    REPORT_JSON_FIELD_NUMBER: _ClassVar[int]
    report_json: str
    def __init__(self, report_json: _Optional[str] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("id", "number", "name", "state", "reason", "url", "created_at", "started_at", "ended_at", "asked_duration", "elapsed", "duration", "asked_rate", "task", "plan", "link", "sent", "completed", "failed", "dropped", "in_flight", "rate", "p50", "p99", "verdict", "version", "queue", "who", "good", "backlog", "connections", "needed", "hint", "slo", "by_request", "sessions", "by_scenario", "groups", "capacity", "p95")
    ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    ASKED_DURATION_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    ASKED_RATE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    WHO_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEEDED_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    SLO_FIELD_NUMBER: _ClassVar[int]
    BY_REQUEST_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    BY_SCENARIO_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    id: str
    number: int
    name: str
    state: str
    reason: str
    url: str
    created_at: str
    started_at: str
    ended_at: str
    asked_duration: float
    elapsed: float
    duration: float
    asked_rate: float
    task: Task
    plan: _containers.RepeatedCompositeFieldContainer[Share]
    link: str
    sent: int
    completed: int
    failed: int
    dropped: int
    in_flight: int
    rate: float
    p50: float
    p99: float
    verdict: Verdict
    version: int
    queue: int
    who: str
    good: int
    backlog: int
    connections: int
    needed: int
    hint: str
    slo: _containers.RepeatedCompositeFieldContainer[SloState]
    by_request: _containers.RepeatedCompositeFieldContainer[RequestFigures]
    sessions: SessionFigures
    by_scenario: _containers.RepeatedCompositeFieldContainer[ScenarioFigures]
    groups: _containers.RepeatedCompositeFieldContainer[GroupFigures]
    capacity: Capacity
    p95: float
    def __init__(self, id: _Optional[str] = ..., number: _Optional[int] = ..., name: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., url: _Optional[str] = ..., created_at: _Optional[str] = ..., started_at: _Optional[str] = ..., ended_at: _Optional[str] = ..., asked_duration: _Optional[float] = ..., elapsed: _Optional[float] = ..., duration: _Optional[float] = ..., asked_rate: _Optional[float] = ..., task: _Optional[_Union[Task, _Mapping]] = ..., plan: _Optional[_Iterable[_Union[Share, _Mapping]]] = ..., link: _Optional[str] = ..., sent: _Optional[int] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ..., dropped: _Optional[int] = ..., in_flight: _Optional[int] = ..., rate: _Optional[float] = ..., p50: _Optional[float] = ..., p99: _Optional[float] = ..., verdict: _Optional[_Union[Verdict, _Mapping]] = ..., version: _Optional[int] = ..., queue: _Optional[int] = ..., who: _Optional[str] = ..., good: _Optional[int] = ..., backlog: _Optional[int] = ..., connections: _Optional[int] = ..., needed: _Optional[int] = ..., hint: _Optional[str] = ..., slo: _Optional[_Iterable[_Union[SloState, _Mapping]]] = ..., by_request: _Optional[_Iterable[_Union[RequestFigures, _Mapping]]] = ..., sessions: _Optional[_Union[SessionFigures, _Mapping]] = ..., by_scenario: _Optional[_Iterable[_Union[ScenarioFigures, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[GroupFigures, _Mapping]]] = ..., capacity: _Optional[_Union[Capacity, _Mapping]] = ..., p95: _Optional[float] = ...) -> None: ...

class Capacity(_message.Message):
    __slots__ = ("unit", "holds", "misses", "confidence", "precision", "limit", "node", "slo", "recovers", "moved", "trials", "text", "at_least", "recovery")
    UNIT_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    MISSES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    SLO_FIELD_NUMBER: _ClassVar[int]
    RECOVERS_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    TRIALS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_FIELD_NUMBER: _ClassVar[int]
    unit: str
    holds: float
    misses: float
    confidence: float
    precision: float
    limit: str
    node: str
    slo: str
    recovers: bool
    moved: bool
    trials: _containers.RepeatedCompositeFieldContainer[CapacityTrial]
    text: str
    at_least: float
    recovery: int
    def __init__(self, unit: _Optional[str] = ..., holds: _Optional[float] = ..., misses: _Optional[float] = ..., confidence: _Optional[float] = ..., precision: _Optional[float] = ..., limit: _Optional[str] = ..., node: _Optional[str] = ..., slo: _Optional[str] = ..., recovers: _Optional[bool] = ..., moved: _Optional[bool] = ..., trials: _Optional[_Iterable[_Union[CapacityTrial, _Mapping]]] = ..., text: _Optional[str] = ..., at_least: _Optional[float] = ..., recovery: _Optional[int] = ...) -> None: ...

class CapacityTrial(_message.Message):
    __slots__ = ("rate", "to", "state", "slo", "p50", "p99", "errors", "in_flight", "p95")
    RATE_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SLO_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    rate: float
    to: int
    state: str
    slo: str
    p50: float
    p99: float
    errors: float
    in_flight: int
    p95: float
    def __init__(self, rate: _Optional[float] = ..., to: _Optional[int] = ..., state: _Optional[str] = ..., slo: _Optional[str] = ..., p50: _Optional[float] = ..., p99: _Optional[float] = ..., errors: _Optional[float] = ..., in_flight: _Optional[int] = ..., p95: _Optional[float] = ..., **kwargs) -> None: ...

class SessionFigures(_message.Message):
    __slots__ = ("begun", "finished", "ended", "cut", "dropped", "good", "active", "rate", "p50", "p95", "p99")
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    begun: int
    finished: int
    ended: int
    cut: int
    dropped: int
    good: int
    active: int
    rate: float
    p50: float
    p95: float
    p99: float
    def __init__(self, begun: _Optional[int] = ..., finished: _Optional[int] = ..., ended: _Optional[int] = ..., cut: _Optional[int] = ..., dropped: _Optional[int] = ..., good: _Optional[int] = ..., active: _Optional[int] = ..., rate: _Optional[float] = ..., p50: _Optional[float] = ..., p95: _Optional[float] = ..., p99: _Optional[float] = ...) -> None: ...

class ScenarioFigures(_message.Message):
    __slots__ = ("name", "begun", "finished", "ended", "cut", "dropped", "good", "active", "rate", "p50", "p95", "p99")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    name: str
    begun: int
    finished: int
    ended: int
    cut: int
    dropped: int
    good: int
    active: int
    rate: float
    p50: float
    p95: float
    p99: float
    def __init__(self, name: _Optional[str] = ..., begun: _Optional[int] = ..., finished: _Optional[int] = ..., ended: _Optional[int] = ..., cut: _Optional[int] = ..., dropped: _Optional[int] = ..., good: _Optional[int] = ..., active: _Optional[int] = ..., rate: _Optional[float] = ..., p50: _Optional[float] = ..., p95: _Optional[float] = ..., p99: _Optional[float] = ...) -> None: ...

class GroupFigures(_message.Message):
    __slots__ = ("name", "count", "p50", "p95", "p99")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    name: str
    count: int
    p50: float
    p95: float
    p99: float
    def __init__(self, name: _Optional[str] = ..., count: _Optional[int] = ..., p50: _Optional[float] = ..., p95: _Optional[float] = ..., p99: _Optional[float] = ...) -> None: ...

class SloState(_message.Message):
    __slots__ = ("slo", "state", "value", "limit", "sure", "since", "unit", "request")
    SLO_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    SURE_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    slo: str
    state: str
    value: float
    limit: float
    sure: bool
    since: int
    unit: str
    request: str
    def __init__(self, slo: _Optional[str] = ..., state: _Optional[str] = ..., value: _Optional[float] = ..., limit: _Optional[float] = ..., sure: _Optional[bool] = ..., since: _Optional[int] = ..., unit: _Optional[str] = ..., request: _Optional[str] = ...) -> None: ...

class RequestFigures(_message.Message):
    __slots__ = ("name", "sent", "completed", "good", "failed", "dropped", "in_flight", "rate", "p50", "p95", "p99", "checks_passed", "checks_failed", "skipped")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    CHECKS_PASSED_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FAILED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    name: str
    sent: int
    completed: int
    good: int
    failed: int
    dropped: int
    in_flight: int
    rate: float
    p50: float
    p95: float
    p99: float
    checks_passed: int
    checks_failed: int
    skipped: int
    def __init__(self, name: _Optional[str] = ..., sent: _Optional[int] = ..., completed: _Optional[int] = ..., good: _Optional[int] = ..., failed: _Optional[int] = ..., dropped: _Optional[int] = ..., in_flight: _Optional[int] = ..., rate: _Optional[float] = ..., p50: _Optional[float] = ..., p95: _Optional[float] = ..., p99: _Optional[float] = ..., checks_passed: _Optional[int] = ..., checks_failed: _Optional[int] = ..., skipped: _Optional[int] = ...) -> None: ...

class Share(_message.Message):
    __slots__ = ("name", "cores", "threads", "connections", "rate", "requests")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CORES_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    cores: int
    threads: int
    connections: int
    rate: float
    requests: int
    def __init__(self, name: _Optional[str] = ..., cores: _Optional[int] = ..., threads: _Optional[int] = ..., connections: _Optional[int] = ..., rate: _Optional[float] = ..., requests: _Optional[int] = ...) -> None: ...

class Verdict(_message.Message):
    __slots__ = ("value", "reasons", "notes")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    value: str
    reasons: _containers.RepeatedScalarFieldContainer[str]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, value: _Optional[str] = ..., reasons: _Optional[_Iterable[str]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class SecondRow(_message.Message):
    __slots__ = ("second", "asked", "sent", "completed", "failed", "dropped", "read", "written", "in_flight", "connections", "mean", "p50", "p90", "p99", "p99_9", "max", "service_p50", "service_p99", "lateness_p99", "cpu", "status", "errors", "nodes", "version", "good", "drain", "lag_p99", "host_cpu", "steal", "opened", "backlog", "peak", "by_request", "begun", "active", "most_active", "finished", "ended", "cut", "sessions_dropped", "session_p50", "session_p99", "by_scenario", "p95", "heat")
    class StatusEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class ErrorsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class NodesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: NodeSecond
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[NodeSecond, _Mapping]] = ...) -> None: ...
    class ByRequestEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RequestSecond
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RequestSecond, _Mapping]] = ...) -> None: ...
    class ByScenarioEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ScenarioSecond
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ScenarioSecond, _Mapping]] = ...) -> None: ...
    SECOND_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P90_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    P99_9_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    SERVICE_P50_FIELD_NUMBER: _ClassVar[int]
    SERVICE_P99_FIELD_NUMBER: _ClassVar[int]
    LATENESS_P99_FIELD_NUMBER: _ClassVar[int]
    CPU_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    LAG_P99_FIELD_NUMBER: _ClassVar[int]
    HOST_CPU_FIELD_NUMBER: _ClassVar[int]
    STEAL_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_FIELD_NUMBER: _ClassVar[int]
    PEAK_FIELD_NUMBER: _ClassVar[int]
    BY_REQUEST_FIELD_NUMBER: _ClassVar[int]
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    MOST_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_DROPPED_FIELD_NUMBER: _ClassVar[int]
    SESSION_P50_FIELD_NUMBER: _ClassVar[int]
    SESSION_P99_FIELD_NUMBER: _ClassVar[int]
    BY_SCENARIO_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    HEAT_FIELD_NUMBER: _ClassVar[int]
    second: int
    asked: float
    sent: int
    completed: int
    failed: int
    dropped: int
    read: int
    written: int
    in_flight: int
    connections: int
    mean: float
    p50: float
    p90: float
    p99: float
    p99_9: float
    max: float
    service_p50: float
    service_p99: float
    lateness_p99: float
    cpu: float
    status: _containers.ScalarMap[str, int]
    errors: _containers.ScalarMap[str, int]
    nodes: _containers.MessageMap[str, NodeSecond]
    version: int
    good: int
    drain: bool
    lag_p99: float
    host_cpu: float
    steal: float
    opened: int
    backlog: int
    peak: int
    by_request: _containers.MessageMap[str, RequestSecond]
    begun: int
    active: int
    most_active: int
    finished: int
    ended: int
    cut: int
    sessions_dropped: int
    session_p50: float
    session_p99: float
    by_scenario: _containers.MessageMap[str, ScenarioSecond]
    p95: float
    heat: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, second: _Optional[int] = ..., asked: _Optional[float] = ..., sent: _Optional[int] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ..., dropped: _Optional[int] = ..., read: _Optional[int] = ..., written: _Optional[int] = ..., in_flight: _Optional[int] = ..., connections: _Optional[int] = ..., mean: _Optional[float] = ..., p50: _Optional[float] = ..., p90: _Optional[float] = ..., p99: _Optional[float] = ..., p99_9: _Optional[float] = ..., max: _Optional[float] = ..., service_p50: _Optional[float] = ..., service_p99: _Optional[float] = ..., lateness_p99: _Optional[float] = ..., cpu: _Optional[float] = ..., status: _Optional[_Mapping[str, int]] = ..., errors: _Optional[_Mapping[str, int]] = ..., nodes: _Optional[_Mapping[str, NodeSecond]] = ..., version: _Optional[int] = ..., good: _Optional[int] = ..., drain: _Optional[bool] = ..., lag_p99: _Optional[float] = ..., host_cpu: _Optional[float] = ..., steal: _Optional[float] = ..., opened: _Optional[int] = ..., backlog: _Optional[int] = ..., peak: _Optional[int] = ..., by_request: _Optional[_Mapping[str, RequestSecond]] = ..., begun: _Optional[int] = ..., active: _Optional[int] = ..., most_active: _Optional[int] = ..., finished: _Optional[int] = ..., ended: _Optional[int] = ..., cut: _Optional[int] = ..., sessions_dropped: _Optional[int] = ..., session_p50: _Optional[float] = ..., session_p99: _Optional[float] = ..., by_scenario: _Optional[_Mapping[str, ScenarioSecond]] = ..., p95: _Optional[float] = ..., heat: _Optional[_Iterable[int]] = ...) -> None: ...

class ScenarioSecond(_message.Message):
    __slots__ = ("begun", "finished", "ended", "cut", "dropped", "good", "mean", "p50", "p90", "p99", "p99_9", "max")
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P90_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    P99_9_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    begun: int
    finished: int
    ended: int
    cut: int
    dropped: int
    good: int
    mean: float
    p50: float
    p90: float
    p99: float
    p99_9: float
    max: float
    def __init__(self, begun: _Optional[int] = ..., finished: _Optional[int] = ..., ended: _Optional[int] = ..., cut: _Optional[int] = ..., dropped: _Optional[int] = ..., good: _Optional[int] = ..., mean: _Optional[float] = ..., p50: _Optional[float] = ..., p90: _Optional[float] = ..., p99: _Optional[float] = ..., p99_9: _Optional[float] = ..., max: _Optional[float] = ...) -> None: ...

class RequestSecond(_message.Message):
    __slots__ = ("sent", "completed", "failed", "dropped", "read", "written", "good", "mean", "p50", "p90", "p99", "p99_9", "max", "service_p50", "service_p99", "status", "errors")
    class StatusEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class ErrorsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SENT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    P50_FIELD_NUMBER: _ClassVar[int]
    P90_FIELD_NUMBER: _ClassVar[int]
    P99_FIELD_NUMBER: _ClassVar[int]
    P99_9_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    SERVICE_P50_FIELD_NUMBER: _ClassVar[int]
    SERVICE_P99_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    sent: int
    completed: int
    failed: int
    dropped: int
    read: int
    written: int
    good: int
    mean: float
    p50: float
    p90: float
    p99: float
    p99_9: float
    max: float
    service_p50: float
    service_p99: float
    status: _containers.ScalarMap[str, int]
    errors: _containers.ScalarMap[str, int]
    def __init__(self, sent: _Optional[int] = ..., completed: _Optional[int] = ..., failed: _Optional[int] = ..., dropped: _Optional[int] = ..., read: _Optional[int] = ..., written: _Optional[int] = ..., good: _Optional[int] = ..., mean: _Optional[float] = ..., p50: _Optional[float] = ..., p90: _Optional[float] = ..., p99: _Optional[float] = ..., p99_9: _Optional[float] = ..., max: _Optional[float] = ..., service_p50: _Optional[float] = ..., service_p99: _Optional[float] = ..., status: _Optional[_Mapping[str, int]] = ..., errors: _Optional[_Mapping[str, int]] = ...) -> None: ...

class NodeSecond(_message.Message):
    __slots__ = ("completed", "cpu", "in_flight")
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    CPU_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    completed: int
    cpu: float
    in_flight: int
    def __init__(self, completed: _Optional[int] = ..., cpu: _Optional[float] = ..., in_flight: _Optional[int] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("at", "second", "kind", "node", "text")
    AT_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    at: str
    second: int
    kind: str
    node: str
    text: str
    def __init__(self, at: _Optional[str] = ..., second: _Optional[int] = ..., kind: _Optional[str] = ..., node: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Update(_message.Message):
    __slots__ = ("version", "run", "rows", "events", "final")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    version: int
    run: Run
    rows: _containers.RepeatedCompositeFieldContainer[SecondRow]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    final: bool
    def __init__(self, version: _Optional[int] = ..., run: _Optional[_Union[Run, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[SecondRow, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., final: _Optional[bool] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("name", "id", "role", "state", "cores", "cpu", "version", "python", "address", "rpc_port", "age", "run", "load", "joined_at")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CORES_FIELD_NUMBER: _ClassVar[int]
    CPU_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PYTHON_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    RPC_PORT_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    JOINED_AT_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    role: str
    state: str
    cores: int
    cpu: float
    version: str
    python: str
    address: str
    rpc_port: int
    age: float
    run: str
    load: bool
    joined_at: str
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., role: _Optional[str] = ..., state: _Optional[str] = ..., cores: _Optional[int] = ..., cpu: _Optional[float] = ..., version: _Optional[str] = ..., python: _Optional[str] = ..., address: _Optional[str] = ..., rpc_port: _Optional[int] = ..., age: _Optional[float] = ..., run: _Optional[str] = ..., load: _Optional[bool] = ..., joined_at: _Optional[str] = ...) -> None: ...
