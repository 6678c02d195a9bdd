"""The JSON Schema of workload files, draft 2020-12, from the table of their keys. Editors complete with it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from gluten.task import fields
from gluten.workload.keys import CONTROLS, KEYS, LOAD_FIELDS, MAX_NAME, METHODS, STEP_KINDS, Key, Kind, Place

Map = dict[str, Any]

_TEXT: Map = {"type": "string"}
_TEXTS: Map = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_TIME: Map = {"type": ["string", "number"], "examples": ["2s", "500ms"]}
_SCALAR: Map = {"type": ["string", "number", "boolean"]}
_NAME = "^[A-Za-z0-9_]{1,64}$"
_PATH: Map = {"type": "string", "pattern": "^(/|[Hh][Tt][Tt][Pp][Ss]?://|\\{\\{)"}

_KINDS: dict[Kind, Map] = {
    Kind.TEXT: _TEXT,
    Kind.TEXTS: _TEXTS,
    Kind.TIME: _TIME,
    Kind.FLAG: {"type": "boolean"},
    Kind.CHOICE: _TEXT,
    Kind.HEADERS: _TEXTS,
    Kind.PATH: _PATH,
    Kind.BODY: _TEXT,
    Kind.JSON: {},
    Kind.FORM: {
        "type": "object",
        "additionalProperties": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
    },
    Kind.CHECKS: _TEXTS,
    Kind.TAKES: {"type": "object", "additionalProperties": _TEXT, "propertyNames": {"pattern": _NAME}},
    Kind.NAMES: _TEXTS,
    Kind.STEPS: {"$ref": "#/$defs/steps"},
    Kind.PAUSE: {"type": ["string", "number"], "examples": ["2s", "1s..3s", "exp 2s"]},
    Kind.TIMES: {"type": ["integer", "string"], "minimum": 1, "examples": [3, "1..4"]},
    Kind.SHARE: {"type": ["number", "string"], "minimum": 0, "maximum": 1},
    Kind.CHECK: _TEXT,
    Kind.CONDITION: _TEXT,
    Kind.TEMPLATE: _TEXT,
}
_OPTIONS: dict[fields.Kind, Map] = {
    fields.Kind.COUNT: {"type": ["integer", "string"], "minimum": 1},
    fields.Kind.WHOLE: {"type": ["integer", "string"], "minimum": 0},
    fields.Kind.SIZE: {"type": ["integer", "string"], "minimum": 1},
    fields.Kind.TIME: _TIME,
    fields.Kind.RATE: {"type": ["number", "string"]},
    fields.Kind.STAGES: {"type": "string", "examples": ["0s:0,1m:50,11m:50"]},
    fields.Kind.FLAG: {"type": "boolean"},
    fields.Kind.PEM: _TEXT,
    fields.Kind.RULES: _TEXTS,
}


def schema() -> Map:
    """The whole document."""
    top = _table(Place.TOP, required=["request"])
    top["properties"] |= {
        "vars": _described(Place.TOP, "vars", _named(_SCALAR, _NAME)),
        "load": _described(Place.TOP, "load", _table(Place.LOAD)),
        "feed": _described(Place.TOP, "feed", _several(_table(Place.FEED, ["name", "file"]))),
        "request": _described(Place.TOP, "request", _named(_request(), f"^[^{CONTROLS}]{{1,{MAX_NAME}}}$")),
        "scenario": _described(Place.TOP, "scenario", _several(_table(Place.SCENARIO, ["name", "do"]))),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A workload file of GLuTEN",
        **top,
        "$defs": _steps(),
    }


def _request() -> Map:
    """A request has one path, and at most one body."""
    paths = [{"required": [name]} for name in METHODS] + [{"required": ["method", "path"]}]
    bodies = [{"required": list(pair)} for pair in combinations(("json", "form", "multipart", "body"), 2)]
    return _table(Place.REQUEST) | {"oneOf": paths, "not": {"anyOf": bodies}}


def _steps() -> Map:
    """A step has steps in it, so it stands for itself here."""
    step, branch = _table(Place.STEP), _table(Place.BRANCH, ["do"])
    (one_of,) = [key for key in KEYS if key.name == "one_of"]
    step["properties"]["one_of"] = {"description": one_of.help, **_several(branch), "minItems": 1}
    step["oneOf"] = [{"required": [kind]} for kind in STEP_KINDS]
    step["dependentRequired"] = {kind: ["do"] for kind, others in STEP_KINDS.items() if "do" in others}
    step["dependentRequired"]["until"] = ["repeat"]
    items = {"anyOf": [_TEXT, step]}
    return {"steps": {"anyOf": [*items["anyOf"], _several(items)]}}


def _several(items: Map) -> Map:
    return {"type": "array", "items": items}


def _table(place: Place, required: list[str] | None = None) -> Map:
    keys = [key for key in KEYS if key.place is place and not key.later]
    found: Map = {
        "type": "object",
        "properties": {key.name: _key(key) for key in keys if key.kind not in (Kind.TABLE, Kind.TABLES, Kind.VARS)},
        "additionalProperties": False,
    }
    return found | ({"required": required} if required else {})


def _named(value: Map, names: str) -> Map:
    return {"type": "object", "propertyNames": {"pattern": names}, "additionalProperties": value}


def _described(place: Place, name: str, schema: Map) -> Map:
    (key,) = [key for key in KEYS if key.place is place and key.name == name]
    limit = {"array": "maxItems", "object": "maxProperties"}[schema["type"]]
    return {"description": key.help, **schema, **({limit: key.most} if key.most else {})}


def _key(key: Key) -> Map:
    found = {"description": key.help, **_type(key)}
    if key.default not in (None, "", ()) and key.kind is not Kind.OPTION:
        found["default"] = f"{key.default:g}s" if key.kind is Kind.TIME else key.default
    if key.kind is Kind.TEXT and key.most:
        found["maxLength"] = key.most
    return found


def _type(key: Key) -> Map:
    match key.kind:
        case Kind.WHOLE | Kind.COUNT:
            return {"type": ["integer", "string"], "minimum": int(key.kind is Kind.COUNT), "maximum": key.most}
        case Kind.CHOICE:
            return {"enum": list(key.choices)}
        case Kind.OPTION:
            field = LOAD_FIELDS[key.name]
            return {"enum": list(field.choices)} if field.choices else _OPTIONS[field.kind]
        case _:
            return _KINDS[key.kind]
