"""The JSON schemas that the OpenAPI document names, from the documents and from the table of a task's fields."""

# Annotations are evaluated: the schemas are derived from them.

from typing import Annotated, Any, NotRequired, TypedDict

from gluten.documents import (
    AuditDocument,
    BaselineDocument,
    EventDocument,
    NameDocument,
    NodeDocument,
    Plain,
    ReportDocument,
    Row,
    RunDocument,
    SloDocument,
    UpdateDocument,
    VerdictDocument,
    WindowDocument,
)
from gluten.stats.noise import RULE
from gluten.task.fields import FIELDS, Field, Kind
from gluten.webui.api.json_schema import object_schema

Map = dict[str, Any]


_TEXT: Map = {"type": "string"}
_FLAG: Map = {"type": "boolean"}

_ASKED: dict[Kind, Map] = {
    Kind.URL: {"type": "string", "format": "uri"},
    Kind.COUNT: {"type": ["integer", "string", "null"], "examples": [100, "1.5k"]},
    Kind.SIZE: {"type": ["integer", "string"], "examples": ["64M"]},
    Kind.TIME: {"type": ["number", "string", "null"], "examples": [30, "1m30s"]},
    Kind.RATE: {"type": ["number", "string", "null"], "examples": [500, "1.5k"]},
    Kind.STAGES: {
        "type": ["string", "array"],
        "items": {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2},
        "description": "points, or pairs of a time and a rate",
        "examples": ["0s:0,30s:1k"],
    },
    Kind.METHOD: _TEXT,
    Kind.BODY: _TEXT,
    Kind.HEADERS: {
        "type": ["array", "object", "string"],
        "items": {"type": ["string", "array"], "items": _TEXT, "minItems": 2, "maxItems": 2},
        "additionalProperties": _TEXT,
        "description": "lines, or pairs of a name and a value",
        "examples": [["Accept: text/html"]],
    },
    Kind.RULES: {"type": "array", "items": _TEXT},
    Kind.FLAG: _FLAG,
    Kind.PEM: _TEXT,
    Kind.TEXT: _TEXT,
    Kind.CHOICE: {},
    Kind.SHARE: {"type": ["number", "string"], "examples": [0.02, "2%"]},
    Kind.WHOLE: {"type": ["integer", "string"]},
    Kind.SLOS: {"type": "array", "items": _TEXT, "examples": [["p99 < 250ms"]]},
    Kind.WORKLOAD: {"type": "string", "description": "a workload file (TOML); then `url` is optional"},
    Kind.ENV: {"type": "object", "additionalProperties": _TEXT, "examples": [{"TENANT": "t-1"}]},
    Kind.FILES: {
        "type": "object",
        "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "description": "names in the workload file, and the SHA-256 of each; the bytes are sent first, by putFile",
    },
    Kind.ROWS: {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "description": "how many rows each feed has; the master counts them, whatever is said here",
    },
    Kind.NAMES: {
        "type": "array",
        "items": _TEXT,
        "description": "with a workload: which of `headers` replace a request's own of that name, too; -H makes it all",
    },
}


def _asked(field: Field) -> Map:
    """What JSON may say of a field of a task."""
    schema = _ASKED[field.kind]
    if field.kind is Kind.TEXT:
        return schema | {"maxLength": field.most}
    if field.kind is Kind.CHOICE:
        return {"enum": list(field.choices)}
    return schema


class _Difference(TypedDict):
    what: str
    a: float
    b: float
    change: Annotated[float, "a share of the first; of the errors' share, the difference itself"]
    regression: Annotated[float, "how much worse the second is; 0: not worse"]
    exceeds_noise: Annotated[bool | None, "null: too few seconds to say, or not judged"]
    p: Annotated[float | None, RULE]
    judged: Annotated[bool, "false: of throughput, where the runs were asked for different rates"]


class _ComparedName(TypedDict):
    name: str
    differences: list[_Difference]


class _Pair(TypedDict):
    a: str
    b: str
    headline: Annotated[str, "what it comes to, in a sentence"]
    differences: list[_Difference]
    unlike: list[str]
    by_request: NotRequired[Annotated[list[_ComparedName], "of the named requests that both runs have"]]
    by_scenario: NotRequired[Annotated[list[_ComparedName], "of the sessions of the scenarios that both runs have"]]


class _ComparedSlo(TypedDict):
    """An SLO in each of the runs; null: the run does not have it."""

    slo: str
    runs: list[SloDocument | None]


class _Comparison(TypedDict):
    runs: list[Plain]
    pairs: list[_Pair]
    slo: NotRequired[list[_ComparedSlo]]


class _FieldError(TypedDict):
    field: str
    message: str


class _Error(TypedDict):
    error: _FieldError


class _Adjustment(TypedDict):
    rate: Annotated[float | str, "requests/s over the cluster"]


class _TaskCheck(TypedDict):
    ok: bool
    errors: list[_FieldError]
    command: Annotated[str, "the command line that asks for the same"]
    task: NotRequired[Plain | None]
    planned: NotRequired[Annotated[int | None, "requests due by the schedule; null in a closed loop"]]
    plan: NotRequired[Annotated[Plain | None, "requests with weights, feeds and files of a workload; null for one URL"]]


class _TriedCheck(TypedDict):
    check: str
    holds: bool


class _Tried(TypedDict):
    request: str
    good: bool
    sent: Annotated[Plain, "method, url, headers, body; secrets are left out"]
    answer: Annotated[Plain | None, "status, headers, body; null: no response came"]
    error: Annotated[Plain | None, "kind and text of what failed; null: it was answered"]
    time: Annotated[int | None, "response time in microseconds"]
    checks: list[_TriedCheck]
    taken: Annotated[Plain, "what was taken of the response, by name; secrets are left out"]
    session: Annotated[str, "the scenario, setup or teardown; empty without scenarios"]
    pause: Annotated[float, "seconds that a session pauses before it"]
    ended: Annotated[bool, "whether it ended its session"]


class _Trial(TypedDict):
    good: bool
    requests: list[_Tried]
    reason: Annotated[str, "why the other requests were not tried, or empty"]


class _File(TypedDict):
    sha256: str


class _Notes(TypedDict):
    text: Annotated[str, {"maxLength": 10_000}]


_DOCUMENTS: dict[str, Any] = {
    "Baseline": BaselineDocument,
    "Name": NameDocument,
    "Comparison": _Comparison,
    "Error": _Error,
    "Adjustment": _Adjustment,
    "TaskCheck": _TaskCheck,
    "Trial": _Trial,
    "Run": RunDocument,
    "Verdict": VerdictDocument,
    "Notes": _Notes,
    "File": _File,
    "Window": WindowDocument,
    "Second": Row,
    "Event": EventDocument,
    "AuditEntry": AuditDocument,
    "Update": UpdateDocument,
    "Node": NodeDocument,
    "Report": ReportDocument,
}
_NAMES = {kind: name for name, kind in _DOCUMENTS.items()}
_TASK: Map = {
    "type": "object",
    "properties": {field.name: _asked(field) for field in FIELDS},
    "anyOf": [{"required": ["url"]}, {"required": ["workload"]}],
}

SCHEMAS: Map = {name: object_schema(kind, _NAMES) for name, kind in _DOCUMENTS.items()} | {"TaskRequest": _TASK}
