"""The JSON schemas that the OpenAPI document names."""

from __future__ import annotations

from typing import Any

from gluten.stats.noise import RULE
from gluten.task.fields import FIELDS, Field, Kind

Map = dict[str, Any]


def ref(name: str) -> Map:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: list[str], /, **properties: Map) -> Map:
    return {"type": "object", "properties": properties, "required": required}


def _or_null(kind: str) -> Map:
    return {"type": [kind, "null"]}


_TEXT: Map = {"type": "string"}
_WHOLE: Map = {"type": "integer"}
_NUMBER: Map = {"type": "number"}
_FLAG: Map = {"type": "boolean"}
_TIME: Map = {"type": ["string", "null"], "format": "date-time"}
_COUNTS: Map = {"type": "object", "additionalProperties": _WHOLE}
_GOOD: Map = {"type": ["integer", "null"], "description": "completed with a status below 400; null: not known"}
_TEXTS: Map = {"type": "array", "items": _TEXT}

_ASKED: dict[Kind, Map] = {
    Kind.URL: {"type": "string", "format": "uri"},
    Kind.COUNT: {"type": ["integer", "string", "null"], "examples": [100, "1.5k"]},
    Kind.SIZE: {"type": ["integer", "string"], "examples": ["64M"]},
    Kind.TIME: {"type": ["number", "string", "null"], "examples": [30, "1m30s"]},
    Kind.RATE: {"type": ["number", "string", "null"], "examples": [500, "1.5k"]},
    Kind.STAGES: {"type": ["string", "array"], "examples": ["0s:0,30s:1k"]},
    Kind.METHOD: _TEXT,
    Kind.BODY: _TEXT,
    Kind.HEADERS: {"type": ["array", "object", "string"], "examples": [["Accept: text/html"]]},
    Kind.RULES: _TEXTS,
    Kind.FLAG: _FLAG,
    Kind.PEM: _TEXT,
    Kind.TEXT: _TEXT,
    Kind.CHOICE: {},
}


def _asked(field: Field) -> Map:
    """What JSON may say of a field of a task."""
    schema = _ASKED[field.kind]
    if field.kind is Kind.TEXT:
        return schema | {"maxLength": field.most}
    if field.kind is Kind.CHOICE:
        return {"enum": list(field.choices)}
    return schema


_DIFFERENCE: Map = _object(
    ["what", "a", "b", "change", "regression", "exceeds_noise", "p"],
    what=_TEXT, a=_NUMBER, b=_NUMBER,
    change={"type": "number", "description": "a share of the first; of the errors' share, the difference itself"},
    regression={"type": "number", "description": "how much worse the second is; 0: not worse"},
    exceeds_noise={"type": ["boolean", "null"], "description": "null: too few seconds to say"},
    p={"type": ["number", "null"], "description": RULE},
)  # fmt: skip
_PAIR: Map = _object(
    ["a", "b", "differences", "unlike"],
    a=_TEXT, b=_TEXT, differences={"type": "array", "items": _DIFFERENCE}, unlike=_TEXTS,
)  # fmt: skip

SCHEMAS: Map = {
    "Baseline": _object(["name", "run", "number"], name=_TEXT, run=_TEXT, number=_WHOLE),
    "Comparison": _object(
        ["runs", "pairs"],
        runs={"type": "array", "items": {"type": "object"}},
        pairs={"type": "array", "items": _PAIR},
    ),
    "Error": _object(["error"], error=_object(["field", "message"], field=_TEXT, message=_TEXT)),
    "Adjustment": _object(["rate"], rate={"type": ["number", "string"], "description": "requests/s over the cluster"}),
    "TaskRequest": _object(["url"], **{field.name: _asked(field) for field in FIELDS}),
    "TaskCheck": _object(
        ["ok", "errors", "command"],
        ok=_FLAG,
        errors={"type": "array", "items": _object(["field", "message"], field=_TEXT, message=_TEXT)},
        command={"type": "string", "description": "the command line that asks for the same"},
        task=_or_null("object"),
        planned={"type": ["integer", "null"], "description": "requests due by the schedule; null in a closed loop"},
    ),
    "Run": _object(
        ["id", "number", "state", "version"],
        id=_TEXT,
        number=_WHOLE,
        name=_TEXT,
        reason=_TEXT,
        url=_TEXT,
        link=_TEXT,
        who=_TEXT,
        state={"enum": ["queued", "starting", "running", "stopping", "finished", "stopped", "failed"]},
        created_at=_TIME,
        started_at=_TIME,
        ended_at=_TIME,
        asked_duration=_or_null("number"),
        elapsed=_NUMBER,
        duration=_or_null("number"),
        asked_rate=_or_null("number"),
        rate=_NUMBER,
        task={"type": "object"},
        plan={"type": "array", "items": {"type": "object"}},
        sent=_WHOLE,
        completed=_WHOLE,
        good=_GOOD,
        failed=_WHOLE,
        dropped=_WHOLE,
        in_flight=_WHOLE,
        backlog={"type": "integer", "description": "requests that are due and wait for a connection"},
        connections={"type": "integer", "description": "open now"},
        needed={"type": ["integer", "null"], "description": "about how many connections carry the rate"},
        hint={"type": "string", "description": "the backlog in words while there is one, else empty"},
        p50=_or_null("number"),
        p99=_or_null("number"),
        verdict={"oneOf": [ref("Verdict"), {"type": "null"}]},
        version=_WHOLE,
        queue=_or_null("integer"),
    ),
    "Verdict": _object(
        ["value", "reasons"],
        value={"enum": ["valid", "suspect", "invalid"]},
        reasons=_TEXTS,
        notes={
            "type": "array",
            "items": _TEXT,
            "description": "what stands out in the answers; only where there is any",
        },
    ),
    "Notes": _object(["text"], text={"type": "string", "maxLength": 10_000}),
    "Window": _object(
        ["from", "to", "seconds", "rate", "response_time", "service_time", "status", "errors"],
        **{"from": _WHOLE, "to": _WHOLE},
        seconds={"type": "number", "description": "how much of the window had load"},
        sent=_WHOLE,
        completed=_WHOLE,
        good=_GOOD,
        failed=_WHOLE,
        dropped=_WHOLE,
        read=_WHOLE,
        written=_WHOLE,
        rate=_NUMBER,
        status=_COUNTS,
        errors=_COUNTS,
        response_time={"type": "object"},
        service_time={"type": "object"},
    ),
    "Second": _object(
        ["second", "completed", "failed", "version"],
        second=_WHOLE,
        asked={"type": ["number", "null"], "description": "requests that the plan has in this second"},
        sent=_WHOLE,
        completed=_WHOLE,
        good=_GOOD,
        drain={"type": "boolean", "description": "load had ended: the last answers; absent in a second of load"},
        failed=_WHOLE,
        dropped=_WHOLE,
        read=_WHOLE,
        written=_WHOLE,
        in_flight=_WHOLE,
        connections=_WHOLE,
        backlog=_WHOLE,
        opened=_WHOLE,
        peak={"type": "integer", "description": "the most connections open at once"},
        mean=_NUMBER,
        p50=_NUMBER,
        p90=_NUMBER,
        p99=_NUMBER,
        p99_9=_NUMBER,
        max=_NUMBER,
        service_p50=_NUMBER,
        service_p99=_NUMBER,
        lateness_p99=_NUMBER,
        lag_p99=_NUMBER,
        cpu=_NUMBER,
        host_cpu=_NUMBER,
        steal=_NUMBER,
        heat={
            "type": "array",
            "items": _WHOLE,
            "description": "Response times by band: the first band's number b, then counts of b, b + 1 …; band b is "
            "from 2^(b/4) to 2^((b+1)/4) microseconds",
        },
        status=_COUNTS,
        errors=_COUNTS,
        nodes={"type": "object"},
        version=_WHOLE,
    ),
    "Event": _object(
        ["at", "kind", "text"],
        at=_TIME,
        second=_or_null("integer"),
        kind=_TEXT,
        node=_TEXT,
        text=_TEXT,
    ),
    "AuditEntry": _object(
        ["at", "action", "way", "role", "address"],
        at=_TIME,
        action={"type": "string", "examples": ["submit", "stop", "adjust"]},
        way={"enum": ["web", "gRPC", "bus", "host"]},
        role=_TEXT,
        address=_TEXT,
        who={"type": "string", "description": "what the doer calls themselves; nobody checks it"},
        detail=_TEXT,
    ),
    "Update": _object(
        ["version", "run", "rows", "events", "final"],
        version=_WHOLE,
        run=ref("Run"),
        rows={"type": "array", "items": ref("Second")},
        events={"type": "array", "items": ref("Event")},
        final=_FLAG,
        more={"type": "boolean", "description": "a piece of an update, in a stream: the next follows"},
    ),
    "Node": _object(
        ["name", "id", "role", "state"],
        name=_TEXT,
        id=_TEXT,
        role={"enum": ["master", "slave"]},
        state={"enum": ["alive", "suspect", "lost", "left"]},
        cores=_WHOLE,
        cpu=_NUMBER,
        version=_TEXT,
        python=_TEXT,
        address=_TEXT,
        rpc_port=_or_null("integer"),
        age=_NUMBER,
        run=_or_null("string"),
        load=_FLAG,
        joined_at=_TIME,
    ),
    "Report": _object(
        ["schema", "id", "state", "requests", "verdict"],
        schema={"const": "gluten.report/1"},
        id=_TEXT,
        name=_TEXT,
        state=_TEXT,
        reason=_TEXT,
        url=_TEXT,
        started_at=_TIME,
        duration={"type": "number", "description": "how long the load took, in seconds"},
        ended={"type": "number", "description": "the run-second at which the load ended"},
        task={"type": "object"},
        requests={"type": "object", "additionalProperties": _or_null("integer")},
        rate=_NUMBER,
        status=_COUNTS,
        errors=_COUNTS,
        bytes=_COUNTS,
        response_time={"type": "object"},
        service_time={"type": "object"},
        connections=_object(
            ["limit", "most", "opened", "streams"],
            limit={"type": ["integer", "null"], "description": "null: opened as they were needed"},
            most={"type": "integer", "description": "open at once"},
            opened=_WHOLE,
            streams=_WHOLE,
        ),
        lateness={"type": "object"},
        lag={"type": "object"},
        seconds={"type": "array", "items": ref("Second")},
        nodes={"type": "array", "items": {"type": "object"}},
        verdict=ref("Verdict"),
    ),
}
