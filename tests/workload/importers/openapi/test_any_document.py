"""Whatever a document says, what is written is read, or the document is refused in one line."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.errors import UsageError
from gluten.workload.importers.openapi.document import import_openapi
from tests.support.imported import read_back

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        0,
        -1,
        1.5,
        10**30,
        True,
        "",
        "{{a}}",
        "${a}",
        "it's {",
        "\ud800",
        "a\nb\0",
        "é /?#&",
        [],
        {},
        [[None]],
        "x" * 300,
    ]
)
WORDS = st.sampled_from([
    "type", "properties", "items", "enum", "example", "default", "required", "allOf", "oneOf", "$ref", "format",
    "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "readOnly", "{{a}}", "password",
])  # fmt: skip
KINDS = st.sampled_from(
    ["string", "integer", "number", "boolean", "array", "object", "file", "#/components/schemas/S", "uuid", "binary"]
)
SCHEMAS: st.SearchStrategy[Any] = st.recursive(
    ODD | KINDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)
PARAMETERS = st.fixed_dictionaries({
    "name": st.sampled_from(["id", "X-A", "{{q}}", "a b", "\ud800"]) | ODD,
    "in": st.sampled_from(["path", "query", "header", "cookie", "body", "formData"]),
    "required": st.booleans(),
    "schema": SCHEMAS,
})  # fmt: skip
MEDIA = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "*/*", "x\n"]
)
OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "operationId": ODD,
        "parameters": st.lists(PARAMETERS | ODD, max_size=3),
        "requestBody": ODD
        | st.fixed_dictionaries(
            {"content": st.dictionaries(MEDIA, st.fixed_dictionaries({"schema": SCHEMAS}), max_size=2)}
        ),
        "responses": ODD | st.dictionaries(st.sampled_from(["200", "2XX", "default", "{{", "999"]), ODD, max_size=3),
        "security": ODD | st.just([{"s": []}]),
        "consumes": ODD | st.lists(MEDIA, max_size=2),
    },
)
SCHEMES = st.fixed_dictionaries({
    "type": st.sampled_from(["apiKey", "http", "basic", "oauth2"]),
    "in": st.sampled_from(["header", "query", "cookie"]),
    "name": st.sampled_from(["X-Key", "a b", "{{", "\ud800"]) | ODD,
    "scheme": st.sampled_from(["basic", "bearer", "digest"]),
})  # fmt: skip
PATHS = st.sampled_from(["/a/{id}", "/{{x}}", "/a b/{a}{b}", "/é?x={y}", "/${a}", "/#", "x"])


@settings(max_examples=120, deadline=None)
@given(
    st.booleans(),
    st.dictionaries(
        PATHS, st.dictionaries(st.sampled_from(["get", "post", "trace", "parameters"]), OPERATIONS | ODD), max_size=3
    ),
    SCHEMAS,
    SCHEMES,
    ODD | st.just([{"url": "https://h.test/{a}"}]) | st.just([{"url": "/v1"}]),
)
def test_it_is_read_or_refused(is_old: bool, paths: Any, schema: Any, scheme: Any, servers: Any) -> None:
    version = {"swagger": "2.0", "host": "h.test"} if is_old else {"openapi": "3.1.0", "servers": servers}
    known = {
        "components": {"schemas": {"S": schema}, "securitySchemes": {"s": scheme}},
        "securityDefinitions": {"s": scheme},
    }
    try:
        text = import_openapi(json.dumps({**version, **known, "paths": paths, "security": [{"s": []}]}), "odd.json")
    except UsageError:
        return
    read_back(text)
