"""A document becomes a request for each operation, which the server would take."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from gluten.errors import UsageError
from gluten.workload.importers.openapi.document import import_openapi
from tests.support.imported import read_back

Document = dict[str, Any]


def new(paths: Document, **more: Any) -> Document:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop"},
        "servers": [{"url": "https://shop.test/v1"}],
        "paths": paths,
    } | more


def old(paths: Document, **more: Any) -> Document:
    return {
        "swagger": "2.0",
        "host": "shop.test",
        "basePath": "/v1",
        "schemes": ["http", "https"],
        "paths": paths,
    } | more


def imported(document: Document) -> Document:
    """The file as TOML. It must be one that the reader takes."""
    text = import_openapi(json.dumps(document), "shop.json")
    read_back(text)
    return tomllib.loads(text)


def request(operation: Document, method: str = "get", path: str = "/a", **more: Any) -> Document:
    (found,) = imported(new({path: {method: {"responses": {}} | operation}}, **more))["request"].values()
    return dict(found)


def body(schema: Document, media: str = "application/json", **components: Any) -> Document:
    operation = {"requestBody": {"content": {media: {"schema": schema}}}}
    return request(operation, "post", components={"schemas": components})


def test_each_operation_is_a_request() -> None:
    operations = {"get": {"operationId": "list orders"}, "post": {}, "trace": {}}
    file = imported(new({"/orders": operations, "/orders/{orderId}": {"delete": {}}, "x-note": {}}))
    assert file["url"] == "https://shop.test/v1"
    assert list(file["request"]) == ["list-orders", "post-orders", "trace-orders", "delete-orders-orderId"]
    assert file["request"]["trace-orders"] == {"method": "TRACE", "path": "/orders"}


@pytest.mark.parametrize(
    ("parameter", "path"),
    [
        (
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 5, "maximum": 9}},
            "/a/{{int 5 9}}",
        ),
        ({"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}, "/a/{{uuid}}"),
        ({"name": "id", "in": "path", "required": True, "example": "x y/{{"}, "/a/x%20y%2F{{'{{'}}"),
        ({"name": "id", "in": "path", "required": True, "schema": {"enum": ["a", "b c"]}}, "/a/{{pick a 'b c'}}"),
        ({"name": "other", "in": "query", "schema": {"type": "string"}}, "/a/{{text 8}}"),
        ({"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}, "/a/{{text 8}}?q={{text 8}}"),
        ({"name": "q", "in": "query", "schema": {"type": "integer", "default": 20}}, "/a/{{text 8}}?q=20"),
        ({"name": "q", "in": "query", "examples": {"one": {"value": "a&b"}}}, "/a/{{text 8}}?q=a%26b"),
        (
            {"name": "q", "in": "query", "required": True, "schema": {"type": "array", "items": {"enum": ["x"]}}},
            "/a/{{text 8}}?q=x",
        ),
        (
            {
                "name": "q",
                "in": "query",
                "required": True,
                "style": "deepObject",
                "schema": {"properties": {"k": {"const": 1}}},
            },
            "/a/{{text 8}}?q[k]=1",
        ),
    ],
)
def test_parameters(parameter: Document, path: str) -> None:
    assert request({"parameters": [parameter]}, path="/a/{id}")["get"] == path


def test_parameters_of_the_path_count_for_its_operations() -> None:
    shared = [{"$ref": "#/components/parameters/id"}, {"name": "n", "in": "query", "schema": {"default": 1}}]
    own = [{"name": "n", "in": "query", "schema": {"default": 2}}]
    paths = {"/a/{id}": {"parameters": shared, "get": {"parameters": own}}}
    known = {"parameters": {"id": {"name": "id", "in": "path", "schema": {"type": "boolean"}}}}
    file = imported(new(paths, components=known))
    assert file["request"]["get-a-id"]["get"] == "/a/{{pick true false}}?n=2"


def test_headers_and_cookies() -> None:
    parameters = [
        {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string", "maxLength": 4}},
        {"name": "Accept", "in": "header", "required": True},
        {"name": "lang", "in": "cookie", "example": "de"},
    ]
    assert request({"parameters": parameters})["header"] == ["X-Tenant: {{text 4}}", "Cookie: lang=de"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "properties": {"a": {"type": "number"}}}, {"a": "{{raw int 1 100}}"}),
        ({"type": "object", "properties": {"a": {"type": ["null", "boolean"]}}}, {"a": "{{raw pick true false}}"}),
        ({"type": "array", "items": {"type": "string", "minLength": 20}}, ["{{text 20}}"]),
        ({"example": {"a": [1, True, "{{x}}"]}}, {"a": [1, True, "{{'{{'}}x}}"]}),
        ({"examples": [{"a": 1}]}, {"a": 1}),
        ({"properties": {"a": {"readOnly": True}, "b": {"default": "x"}}}, {"b": "x"}),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]}, {"a": 1, "b": 2}),
        ({"oneOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]}, {"a": 1}),
        ({"properties": {"a": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 3}}},
         {"a": "{{raw int 1 3}}"}),
        ({"properties": {"a": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 3}}},
         {"a": "{{raw int 1 2}}"}),
        ({"properties": {"a": {"type": "number", "minimum": 0.5, "maximum": 2.5}}}, {"a": "{{raw int 1 2}}"}),
        ({"properties": {"a": {"type": "integer", "maximum": -5}}}, {"a": "{{raw int -5 -5}}"}),
        ({"properties": {"a": {"enum": [1, 2]}, "b": {"enum": ["x"]}}}, {"a": "{{raw pick 1 2}}", "b": "x"}),
        ({"properties": {"a": {"format": "date-time"}, "b": {"format": "email"}}},
         {"a": "{{now}}", "b": "{{text 8}}@example.com"}),
        ({"$ref": "#/components/schemas/Pet"}, {"name": "{{text 8}}"}),
        ({"$ref": "https://elsewhere.test/schema.json"}, "{{text 8}}"),
    ],
)  # fmt: skip
def test_json_bodies(schema: Document, value: Any) -> None:
    pet = {"properties": {"name": {"type": "string"}, "friend": {"$ref": "#/components/schemas/Pet"}}}
    found = body(schema, Pet=pet)["json"]
    assert (json.loads(found) if isinstance(found, str) else found) == value


def test_forms_and_files() -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"const": "x"}}}}
    assert body(schema, "application/x-www-form-urlencoded")["form"] == {"a": "{{int 1 100}}", "b": ["x"]}
    files = {"properties": {"f": {"type": "string", "format": "binary"}, "t": {"const": "@x"}}}
    operation = {"requestBody": {"content": {"multipart/form-data": {"schema": files}}}}
    text = import_openapi(json.dumps(new({"/a": {"put": operation}})), "x")
    assert tomllib.loads(text)["request"]["put-a"]["multipart"] == {"f": "@f.bin", "t": "{{'@'}}x"}
    assert "# f.bin: looked up beside this file" in text


def test_a_body_of_another_kind_is_left_out_and_said() -> None:
    operation: Document = {"requestBody": {"content": {"application/xml": {"schema": {}}}}}
    text = import_openapi(json.dumps(new({"/a": {"put": operation}})), "x")
    assert "# left out: its body of application/xml" in text
    found = request({"requestBody": {"content": {"application/xml": {"example": "<a/>"}}}}, "put")
    assert (found["body"], found["header"]) == ("<a/>", ["Content-Type: application/xml"])


@pytest.mark.parametrize(
    ("responses", "check"),
    [
        (["200", "404"], ["status == 200"]),
        (["201", "202", "default"], ["status in 201 202"]),
        (["2XX"], ["status 2xx"]),
        (["302"], ["status == 302"]),
        (["404", "default"], None),
    ],
)
def test_the_declared_success_is_checked(responses: list[str], check: list[str] | None) -> None:
    assert request({"responses": {key: {} for key in responses}}).get("check") == check


SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "jar": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "login": {"type": "http", "scheme": "basic"},
    "shop_auth": {"type": "oauth2"},
    "jwt": {"type": "http", "scheme": "bearer"},
}


@pytest.mark.parametrize(
    ("security", "key", "value"),
    [
        ([{"key": []}, {"jwt": []}], "header", ["X-Key: {{env KEY}}"]),
        ([{"query": []}], "get", "/a?key={{env QUERY}}"),
        ([{"jar": []}], "header", ["Cookie: sid={{env JAR}}"]),
        ([{"login": []}], "basic", "{{env LOGIN_USER}}:{{env LOGIN_PASSWORD}}"),
        ([{"shop_auth": ["read"]}], "header", ["Authorization: Bearer {{env SHOP_AUTH_TOKEN}}"]),
        ([{"jwt": [], "key": []}], "header", ["Authorization: Bearer {{env JWT_TOKEN}}", "X-Key: {{env KEY}}"]),
        ([], "get", "/a"),
    ],
)
def test_security_is_a_variable(security: list[Document], key: str, value: Any) -> None:
    document = new(
        {"/a": {"get": {"security": security}}}, components={"securitySchemes": SCHEMES}, security=[{"jwt": []}]
    )
    found = imported(document)["request"]["get-a"]
    assert found[key] == value
    assert set(found) == {"get", key}


def test_security_of_the_whole_document() -> None:
    document = new({"/a": {"get": {}}}, components={"securitySchemes": SCHEMES}, security=[{"jwt": []}])
    text = import_openapi(json.dumps(document), "x")
    assert "Bearer {{env JWT_TOKEN}}" in text
    assert "#     export JWT_TOKEN=…" in text


def test_swagger_2() -> None:
    parameters = [
        {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Pet"}},
        {"name": "n", "in": "query", "type": "integer", "default": 3},
        {"name": "id", "in": "path", "type": "string", "enum": ["a"]},
    ]
    form = [{"name": "f", "in": "formData", "type": "string"}, {"name": "up", "in": "formData", "type": "file"}]
    paths = {
        "/p/{id}": {"post": {"parameters": parameters}},
        "/up": {"post": {"parameters": form}},
        "/f": {"post": {"parameters": form[:1]}},
    }
    known = {
        "definitions": {"Pet": {"properties": {"a": {"type": "boolean"}}}},
        "securityDefinitions": SCHEMES,
        "security": [{"key": []}],
    }
    text = import_openapi(json.dumps(old(paths, **known)), "x")
    read_back(text)
    file = tomllib.loads(text)
    assert file["url"] == "https://shop.test/v1"
    assert file["header"] == ["X-Key: {{env KEY}}"]
    assert file["request"]["post-p-id"]["post"] == "/p/a?n=3"
    assert file["request"]["post-p-id"]["json"] == {"a": "{{raw pick true false}}"}
    assert file["request"]["post-up"]["multipart"] == {"f": "{{text 8}}", "up": "@up.bin"}
    assert file["request"]["post-f"]["form"] == {"f": "{{text 8}}"}


@pytest.mark.parametrize(
    ("servers", "url"),
    [
        (
            [{"url": "https://{env}.shop.test/{v}", "variables": {"env": {"default": "api"}, "v": {"default": "v2"}}}],
            "https://api.shop.test/v2",
        ),
        ([{"url": "/v2/"}], "{{env BASE_URL http://127.0.0.1:8080}}/v2"),
        ([], "{{env BASE_URL http://127.0.0.1:8080}}"),
        ([{"url": "https://{env}.shop.test"}], "{{env BASE_URL http://127.0.0.1:8080}}"),
        ("x", "{{env BASE_URL http://127.0.0.1:8080}}"),
    ],
)
def test_servers(servers: Any, url: str) -> None:
    assert imported(new({"/a": {"get": {}}}, servers=servers))["url"] == url


def test_the_65th_operation_is_left_out_and_said() -> None:
    text = import_openapi(json.dumps(new({f"/p{n}": {"get": {}} for n in range(70)})), "x")
    assert len(read_back(text).requests) == 64
    assert "# Left out: 6 of 70 operations." in text


def test_what_deletes_is_named() -> None:
    assert "# These delete: delete-a." in import_openapi(json.dumps(new({"/a": {"delete": {}}})), "x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON"),
        ("openapi: 3.0.0\npaths: {}\n", "is YAML: only JSON is read: convert it first"),
        ("---\n# x\nswagger: '2.0'\n", "is YAML"),
        ("{}", "neither openapi 3.x nor swagger 2.0"),
        ('{"openapi": "3.0.0"}', "no operation under paths"),
        ('{"openapi": "3.0.0", "paths": {"/a": {"summary": "x"}}}', "no operation under paths"),
    ],
)
def test_what_is_no_document_is_refused_in_one_line(content: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as told:
        import_openapi(content, "x.json")
    assert "\n" not in str(told.value)
