"""What a master answers has the keys and the types of the documents, and OpenAPI describes each key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gluten.documents import RunDocument
from gluten.net.rpc import convert
from gluten.webui.api.json_schema import schema_of
from gluten.webui.api.schemas import SCHEMAS
from tests.support.world import World, a_task

TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def wrong(value: Any, schema: dict[str, Any], place: str) -> Iterator[str]:
    """Where a value differs from a schema of this document, which knows no more than what is written in it."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    if "oneOf" in schema:
        found = [list(wrong(value, one, place)) for one in schema["oneOf"]]
        yield from min(found, key=len)
        return
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{place}: {value!r}"
    kinds = schema.get("type", [])
    if kinds and not any(typed(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        yield f"{place}: {value!r} is no {kinds}"
    elif isinstance(value, dict):
        yield from wrong_keys(value, schema, place)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from wrong(item, schema.get("items", {}), f"{place}[{at}]")


def typed(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))  # type: ignore[arg-type]


def wrong_keys(value: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    known, more = schema.get("properties"), schema.get("additionalProperties", {})
    yield from (f"{place}.{key} is missing" for key in schema.get("required", []) if key not in value)
    for key, item in value.items():
        if known is not None and key not in known:
            yield f"{place}.{key} is not described"
        else:
            yield from wrong(item, (known or {}).get(key, more), f"{place}.{key}")


def check(name: str, value: Any) -> None:
    """`value` is plain JSON that fits the schema of this name."""
    assert list(wrong(json.loads(json.dumps(value)), SCHEMAS[name], name)) == []


SHOP = """
[request.login]
get = "/"
[[scenario]]
name = "buy"
do = [{group = "checkout", do = ["login"]}]
"""
PARAMS: list[dict[str, Any]] = [{}, {"rate": 100.0}, {"workload": SHOP}]


@pytest.fixture(scope="module", params=PARAMS, ids=["closed loop", "rate", "scenarios"])
def world(request: pytest.FixtureRequest) -> World:
    """A run that is over, one that goes, and one in the queue."""
    world = World()
    world.cluster("a", "b")
    world.master.submit(a_task(**request.param))
    world.finish()
    world.master.pin("1")
    world.master.submit(a_task(**request.param), who="ada")
    world.advance(4.0)
    world.master.submit(a_task(**request.param))
    return world


@pytest.mark.parametrize("ref", ["1", "2", "3"])
def test_a_run_in_each_state(world: World, ref: str) -> None:
    check("Run", world.master.run(ref))


def test_the_states_are_different(world: World) -> None:
    assert [run["state"] for run in world.master.runs()] == ["queued", "running", "finished"]


@pytest.mark.parametrize("ref", ["1", "2", "3"])
def test_an_update_with_its_rows_and_events(world: World, ref: str) -> None:
    check("Update", world.master.update(ref))


@pytest.mark.parametrize("ref", ["1", "2"])
def test_a_report(world: World, ref: str) -> None:
    check("Report", world.master.report(ref))


def test_the_other_documents(world: World) -> None:
    for node in world.master.nodes():
        check("Node", node)
    for baseline in world.master.baselines():
        check("Baseline", baseline)
    check("Window", world.master.window("1", 0, 3))


def test_a_run_is_the_same_document_after_the_wire(world: World) -> None:
    """Leave out what only JSON has."""
    run = convert.run_from_proto(convert.run_to_proto(world.master.run("2")))
    check("Run", run)
    assert set(RunDocument.__annotations__) - set(run) == {"kind", "notice", "summary", "waits"}


def test_what_is_wrong_is_found() -> None:
    assert list(wrong({"text": 5}, SCHEMAS["Notes"], "Notes")) == ["Notes.text: 5 is no string"]
    assert list(wrong({}, SCHEMAS["Notes"], "Notes")) == ["Notes.text is missing"]
    assert list(wrong({"text": "", "more": 1}, SCHEMAS["Notes"], "Notes")) == ["Notes.more is not described"]
    assert list(wrong(True, {"type": "integer"}, "x")) == ["x: True is no integer"]


@pytest.mark.parametrize("hint", [set[int], bytes, object, tuple])
def test_a_type_that_json_does_not_have_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="has no JSON schema"):
        schema_of(hint, {})
