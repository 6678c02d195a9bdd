"""The OpenAPI 3.1 document of `/api/v1`, written once by hand, checked against the routes by a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.listing import SORTS, STATES, VERDICTS
from gluten.task.limits import MAX_NAME
from gluten.version import __version__
from gluten.webui.api.json_schema import ref
from gluten.webui.api.overview import MAX_RUNS, ORDERS
from gluten.webui.api.schemas import SCHEMAS
from gluten.webui.http.web_request import MAX_BODY, MAX_WHOLE

Map = dict[str, Any]
MAX_SECONDS = 10_000_000
"""The last run-second that may be asked for."""
_ABOUT = (
    "Distributed load testing. Requests are timed in microseconds, runs in seconds. A method that a path does not have "
    "is answered by 405, whose Allow names those it has. What cannot be read as HTTP at all, or is too long for it, is "
    "answered in plain text, by 400, 413 or 414, and ends the connection."
)


def document(formats: list[str]) -> Map:
    """`formats` are the report's formats that this node can write."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GLuTEN",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {
            **_run_paths(),
            **_one_run_paths(formats),
            **_file_paths(),
            **_cluster_paths(),
            **_monitoring_paths(),
        },
        "components": {"schemas": SCHEMAS, "securitySchemes": {"token": _TOKEN}},
    }


def _run_paths() -> Map:
    return {
        "/api/v1/runs": {
            "get": _operation(
                "listRuns",
                "Runs, newest first or as `sort` says",
                {"runs": {"type": "array", "items": ref("Run")}, "next": {"type": ["integer", "null"]}},
                parameters=[
                    _query("limit", _whole(1, MAX_RUNS, default=50), "How many."),
                    _query("before", _whole(0, MAX_WHOLE), "Only runs below this number: the last page's `next`."),
                    *_listing(),
                ],
            ),
            "post": _change("createRun", "Start a run, or queue it", ref("Run"), ref("TaskRequest"), "201")
            | {"parameters": [_header("Idempotency-Key", "With it, a task that is sent again is one run.")]},
        },
        "/api/v1/tasks/check": {
            "post": _change("checkTask", "What creating would say", ref("TaskCheck"), ref("TaskRequest")),
        },
        "/api/v1/tasks/try": {
            "post": _change("tryTask", "Send each request once, from the master", ref("Trial"), ref("TaskRequest")),
        },
    }


def _file_paths() -> Map:
    sha = {
        "name": "sha256",
        "in": "path",
        "required": True,
        "description": "Of the file, 64 hexadecimal digits.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
    known = {"description": "The master has it already", "content": {"application/json": {"schema": ref("File")}}}
    put = _operation("putFile", "Send a file that a workload names, before the run", ref("File"), status="201")
    put["responses"] |= {"200": known} | _faults({408: "The body did not come in time", 413: "It has more than 1 GiB"})
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    has = {"200": "It is here", "400": "No SHA-256", "401": "No token", "404": "It is not here", "421": "No name of it"}
    head: Map = {"operationId": "hasFile", "summary": "200: the master has it; 404: not"}
    head |= {"responses": {status: {"description": text} for status, text in has.items()}}
    return {
        "/api/v1/files/{sha256}": {
            "parameters": [sha],
            "put": put | {"requestBody": {"required": True, "content": content}},
            "head": head,
        }
    }


def _one_run_paths(formats: list[str]) -> Map:
    delete = _operation("deleteRun", "Delete a run that is over; the answer is the run as it was", ref("Run"))
    paths = {
        "": {"get": _operation("getRun", "One run", ref("Run")), "delete": delete},
        **_changes(),
        **_reads(formats),
        **_updates(),
    }
    return {
        f"/api/v1/runs/{{run}}{path}": operations | {"parameters": [_RUN, *operations.get("parameters", [])]}
        for path, operations in paths.items()
    }


def _changes() -> Map:
    run = ref("Run")
    pin = {"type": "object", "properties": {"pinned": {"type": "boolean", "default": True}}}
    notes = {
        "get": _operation("getNotes", "What people wrote about the run", {"text": {"type": "string"}}),
        "post": _change("setNotes", "Write about the run, in place of what is there", ref("Notes"), ref("Notes")),
    }
    stop = _change("stopRun", "End the load; with an empty object or no body", run, {"type": "object"}, read=False)
    stop["requestBody"]["required"] = False
    return {
        "/stop": {"post": stop},
        "/adjust": {
            "post": _change("adjustRun", "Change the rate of a run at a constant rate", run, ref("Adjustment"))
        },
        "/pin": {"post": _change("pinRun", "Compare later runs of its name with this one, or no more", run, pin)},
        "/notes": notes,
    }


def _reads(formats: list[str]) -> Map:
    kinds = ("text/plain", "text/csv", "text/html", "application/xml")
    reports = {kind: {"schema": {"type": "string"}} for kind in kinds}
    deeds = {"deeds": {"type": "array", "items": ref("AuditEntry")}}
    return {
        "/report": {
            "parameters": [
                _query("format", {"enum": formats, "default": "json"}, "How it is written."),
                _query("seconds", {"enum": ["0"]}, "With 0 the rows of the seconds are left out."),
                _REQUEST,
                _query("hdr", {"enum": ["0"]}, "With 0 the rows of the seconds have no histograms, which are long."),
            ],
            "get": _operation("getReport", "The report", ref("Report"), content=reports),
        },
        "/deeds": {"get": _operation("listDeeds", "Who did what to the run, oldest first", deeds)},
        "/window": {
            "parameters": [
                _query("from", _whole(0, MAX_SECONDS, default=0), "The first run-second."),
                _query("to", _whole(1, MAX_SECONDS + 1), "The run-second after the last one."),
            ],
            "get": _operation("getWindow", "Exact figures of some seconds: their histograms merged", ref("Window")),
        },
    }


def _updates() -> Map:
    after = _query("after", _whole(0, MAX_WHOLE, default=0), "The last version seen.")
    text = "Server-sent events `update`: each an Update, its id the version; ends with the run"
    follow = _operation("followRun", text, {"type": "string"}, kind="text/event-stream")
    follow["responses"]["204"] = {"description": "The run is over, and whoever sends Last-Event-ID has seen all of it"}
    return {
        "/seconds": {
            "parameters": [after, _REQUEST],
            "get": _operation("getSeconds", "What changed since a version", ref("Update")),
        },
        "/events": {
            "parameters": [after, _REQUEST, _header("Last-Event-ID", "The last version seen; goes before `after`.")],
            "get": follow,
        },
    }


def _cluster_paths() -> Map:
    nodes = {"nodes": {"type": "array", "items": ref("Node")}}
    baselines = {"baselines": {"type": "array", "items": ref("Baseline")}}
    names = {"names": {"type": "array", "items": ref("Name")}}
    return {
        "/api/v1/baselines": {"get": _operation("listBaselines", "The run pinned for each name", baselines)},
        "/api/v1/compare": {
            "get": _operation(
                "compareRuns",
                "Runs beside the first of them: differences, whether they exceed noise, what makes the runs unlike",
                ref("Comparison"),
                parameters=[_query("runs", {"type": "string"}, "2 to 10 runs, as 6,7; `baseline` may stand first.")],
            )
        },
        "/api/v1/nodes": {"get": _operation("listNodes", "The cluster's nodes", nodes)},
        "/api/v1/names": {"get": _operation("listNames", "The names that runs have, the latest first", names)},
        "/api/v1/overview": {
            "get": _operation(
                "getOverview",
                "What the dashboard shows",
                {"type": "object"},
                parameters=[_query("limit", _whole(1, MAX_RUNS, default=25), "How many runs."), *_listing()],
            )
        },
    }


def _monitoring_paths() -> Map:
    """What is asked again and again, by programs."""
    status = {"status": {"type": "string"}}
    return {
        "/metrics": {
            "get": _operation(
                "getMetrics",
                "OpenMetrics; Prometheus' older form for who takes anything; protobuf for who likes that best",
                {"type": "string"},
                kind="application/openmetrics-text; version=1.0.0; charset=utf-8",
                content={
                    "text/plain": {"schema": {"type": "string"}},
                    "application/vnd.google.protobuf": {"schema": {"type": "string", "format": "binary"}},
                },
            ),
        },
        "/healthz": {"get": _operation("isAlive", "The process answers", status) | _OPEN},
        "/readyz": {"get": _operation("isReady", "It can take work; 503: not", status) | _OPEN},
    }


def _listing() -> list[Map]:
    """What narrows and orders a list of runs."""
    exact = {"type": "string", "maxLength": MAX_NAME}
    return [
        _query("search", {"type": "string"}, "A part of the name, the URL or the id."),
        _query("state", {"enum": list(STATES)}, "Only runs in this state."),
        _query("verdict", {"enum": list(VERDICTS)}, "Only runs with this verdict."),
        _query("name", exact, "Only runs of exactly this name."),
        _query("sort", {"enum": list(SORTS), "default": "number"}, "By what. Runs without the figure come last."),
        _query("order", {"enum": list(ORDERS), "default": "desc"}, "Which end comes first."),
    ]


_RUN = {
    "name": "run",
    "in": "path",
    "required": True,
    "description": "A run's number, an unambiguous prefix of its id (at least 4 digits), `last`, or `baseline:NAME`.",
    "schema": {"type": "string"},
}
_REQUEST: Map = {
    "name": "request",
    "in": "query",
    "description": "The rows have `by_request` of this request alone; empty: of none, which is much shorter.",
    "schema": {"type": "string", "maxLength": 1000},
}
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "`gluten.pyz key show --admin` or `--viewer` prints the token. A browser "
    "that has logged in sends its session's cookie instead, and with a change the header X-Gluten-Csrf of its page.",
}
_OPEN: Map = {"security": []}


def _faults(texts: Mapping[int, str]) -> Map:
    schema = {"application/json": {"schema": ref("Error")}}
    return {str(status): {"description": text, "content": schema} for status, text in texts.items()}


_FAULTS = _faults(
    {
        400: "Something in the request is wrong; `field` names it",
        401: "Neither a token of this cluster nor a session",
        403: "A viewer may look, but change nothing; or what is asked for is not allowed",
        404: "There is no such run",
        409: "It exists, but cannot do this now",
        421: "Asked for by a name that is not this node's",
        429: "Too much at once that takes long to compute; `Retry-After` says when to ask again",
        503: "The database is away",
    }
)
_KIND_FAULTS = _faults({415: "The content type is not application/json"})
_BODY_FAULTS = _faults({408: "The body did not come in time", 413: f"The body has more than {MAX_BODY >> 20} MiB"})


def _whole(least: int, most: int, **more: int) -> Map:
    return {"type": "integer", "minimum": least, "maximum": most, **more}


def _query(name: str, schema: Map, text: str) -> Map:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _header(name: str, text: str) -> Map:
    return {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}


def _operation(
    name: str,
    text: str,
    schema: Map,
    *,
    kind: str = "application/json",
    parameters: list[Map] | None = None,
    content: Map | None = None,
    status: str = "200",
) -> Map:
    if "type" not in schema and "$ref" not in schema:
        schema = {"type": "object", "properties": schema, "required": list(schema)}
    answers = {status: {"description": text, "content": {kind: {"schema": schema}, **(content or {})}}}
    found = {"operationId": name, "summary": text, "responses": {**answers, **_FAULTS}}
    return found | ({"parameters": parameters} if parameters else {})


def _change(name: str, text: str, schema: Map, body: Map, status: str = "200", read: bool = True) -> Map:
    """`read`: the call reads the body, so it can also refuse what the body says."""
    content = {"application/json": {"schema": body}}
    made = _operation(name, text, schema, status=status)
    made["responses"] |= _KIND_FAULTS | (_BODY_FAULTS if read else {})
    return made | {"requestBody": {"required": True, "content": content}}
