"""The OpenAPI document tells of all routes of the JSON interface, and of no other."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

from gluten.webui.api.api import Api
from gluten.webui.api.files import FileApi
from gluten.webui.app import Wsgi, api_routes, file_routes
from gluten.webui.http.web_request import MAX_BODY
from tests.support.web.fake_master import FakeMaster
from tests.support.web.gates import open_gate
from tests.support.web.wsgi import call, get


def document(app: Wsgi) -> Any:
    return get(app, "/api/v1/openapi.json").json()


def test_every_route_is_described(app: Wsgi) -> None:
    paths = document(app)["paths"]
    told = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    master, gate = FakeMaster(), open_gate()
    rules = [*api_routes(Api(master, {}, gate)), *file_routes(FileApi(master, gate))]
    routes = {(method, rule.replace("<ref>", "{run}").replace("<sha>", "{sha256}")) for method, rule, _ in rules}
    routes -= {("GET", "/api/v1/openapi.json")}
    assert {item for item in told if item[1].startswith("/api/")} == routes


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_a_method_that_a_path_does_not_have_is_answered_as_the_document_says(app: Wsgi) -> None:
    for path, item in document(app)["paths"].items():
        known = {method for method in METHODS if method.lower() in item}
        for method in {*METHODS} - known:
            reply = call(app, method, path.format(run="12", sha256="a" * 64), value={})
            assert reply.status == 405, (method, path)
            assert set(re.findall(r"\w+", reply.headers["Allow"])) - {"HEAD"} == known
            assert reply.json()["error"]["field"] == "method"
        assert not any("405" in item[method.lower()]["responses"] for method in known)


class Slow(io.BytesIO):
    def read(self, *_: object) -> bytes:
        raise TimeoutError("it came too slowly")


def test_what_is_wrong_with_a_body_is_described_where_there_is_one_and_nowhere_else(app: Wsgi) -> None:
    kinds = {"Content_Type": "application/json"}
    wrong: dict[str, dict[str, Any]] = {
        "415": {"body": b"{}", "Content_Type": "text/plain"},
        "413": {**kinds, "Content_Length": str(MAX_BODY + 1)},
        "408": {**kinds, "Content_Length": "2", "wsgi.input": Slow()},
    }
    for path, item in document(app)["paths"].items():
        for method in item.keys() & {"get", "post"}:
            told = item[method]["responses"].keys() & wrong.keys()
            replies = {
                status: call(app, "POST", path.format(run="12", sha256="a" * 64), **sent)
                for status, sent in wrong.items()
            }
            given = {status for status, reply in replies.items() if str(reply.status) == status and method == "post"}
            assert told == given, (method, path)
            assert all(replies[status].json()["error"]["message"] for status in given)


def test_every_reference_leads_somewhere(app: Wsgi) -> None:
    found = document(app)
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(found)):
        assert name in found["components"]["schemas"]


def test_operations_have_names_of_their_own(app: Wsgi) -> None:
    names = re.findall(r'"operationId": "(\w+)"', json.dumps(document(app)))
    assert len(names) == len(set(names)) > 10


def test_what_is_sent_has_the_keys_that_are_required(app: Wsgi) -> None:
    schemas = document(app)["components"]["schemas"]
    sent = {
        "Run": get(app, "/api/v1/runs/12").json(),
        "Update": get(app, "/api/v1/runs/12/seconds").json(),
        "Second": get(app, "/api/v1/runs/12/seconds").json()["rows"][0],
        "Node": get(app, "/api/v1/nodes").json()["nodes"][0],
        "Report": get(app, "/api/v1/runs/12/report").json(),
        "Error": get(app, "/api/v1/runs/0").json(),
    }
    for name, value in sent.items():
        assert set(schemas[name]["required"]) <= set(value), name


def schemas_in(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each schema of the document that has a type, with its place."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from schemas_in(inner, f"{place}/{key}")
    if isinstance(value, dict) and isinstance(value.get("type"), (str, list)):
        yield place, value


def test_a_client_can_be_generated_from_it(app: Wsgi) -> None:
    """Generators leave out what has an array of they do not know what, and send numbers that are refused."""
    found = document(app)
    for place, schema in schemas_in(found):
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        assert "array" not in kinds or "items" in schema, place
        if "parameters" in place and "integer" in kinds:
            assert {"minimum", "maximum"} <= schema.keys(), place


def test_numbers_at_the_bounds_are_taken_and_those_beyond_are_refused(app: Wsgi) -> None:
    tried = 0
    for path, item in document(app)["paths"].items():
        for asked in [*item.get("parameters", []), *item.get("get", {}).get("parameters", [])]:
            schema = asked["schema"]
            if asked["in"] != "query" or schema.get("type") != "integer" or path.endswith("/events"):
                continue
            address = f"{path.format(run='12')}?{asked['name']}="
            for value in (schema["minimum"], schema["maximum"]):
                assert get(app, f"{address}{value}").status == 200, (address, value)
            assert get(app, f"{address}{schema['maximum'] + 1}").status == 400, address
            tried += 1
    assert tried == 6
