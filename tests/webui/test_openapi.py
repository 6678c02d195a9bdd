"""The OpenAPI document tells of all routes of the JSON interface, and of no other."""

from __future__ import annotations

import json
import re
from typing import Any

from gluten.webui.api import Api
from gluten.webui.app import Wsgi, api_routes
from tests.webui.fake_master import FakeMaster
from tests.webui.gates import open_gate
from tests.webui.wsgi import get


def document(app: Wsgi) -> Any:
    return get(app, "/api/v1/openapi.json").json()


def test_every_route_is_described(app: Wsgi) -> None:
    paths = document(app)["paths"]
    told = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    api = Api(FakeMaster(), {}, open_gate())
    routes = {(method, rule.replace("<ref>", "{run}")) for method, rule, _ in api_routes(api)}
    routes -= {("GET", "/api/v1/openapi.json")}
    assert {item for item in told if item[1].startswith("/api/")} == routes


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
