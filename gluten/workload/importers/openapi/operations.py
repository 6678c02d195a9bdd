"""The operations of a document: Swagger 2.0 in the terms of OpenAPI 3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gluten.workload.importers.openapi.tree import Tree, items, table, text

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """`parameters` have `in`, `name` and a schema. `content`: media types of the body, with schema and example."""

    method: str
    path: str
    name: str
    parameters: tuple[dict[str, Any], ...]
    content: dict[str, Any]
    responses: dict[str, Any]
    security: Any


def operations_of(tree: Tree) -> Iterator[Operation]:
    for path, raw in table(tree.root.get("paths")).items():
        whole = tree.table(raw)
        for method in METHODS:
            if isinstance(whole.get(method), dict) and path.startswith("/"):
                yield _operation(tree, method, text(path), whole, whole[method])


def _operation(tree: Tree, method: str, path: str, whole: dict[str, Any], own: dict[str, Any]) -> Operation:
    parameters = _parameters(tree, whole, own)
    return Operation(
        method=method.upper(),
        path=path,
        name=text(own.get("operationId")),
        parameters=tuple(one for one in parameters if one["in"] in ("path", "query", "header", "cookie")),
        content=_content(tree, own, parameters),
        responses=table(own.get("responses")),
        security=own.get("security", tree.root.get("security")),
    )


def _parameters(tree: Tree, whole: dict[str, Any], own: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the path, in which those of the operation replace what has the same place and name."""
    found = {}
    for raw in [*items(whole.get("parameters")), *items(own.get("parameters"))]:
        one = tree.table(raw)
        place, name = text(one.get("in")), text(one.get("name"))
        if place and name:
            found[place, name] = {**one, "in": place, "name": name, "schema": _schema(one)}
    return list(found.values())


def _schema(parameter: dict[str, Any]) -> Any:
    """Of 3.x, or of a media type of it; in 2.0 the parameter is the schema of itself."""
    if "schema" in parameter:
        return parameter["schema"]
    for media in table(parameter.get("content")).values():
        return table(media).get("schema")
    return {name: item for name, item in parameter.items() if name not in ("in", "name", "required", "description")}


def _content(tree: Tree, own: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    if not tree.is_old:
        return table(tree.table(own.get("requestBody")).get("content"))
    media = [text(one) for one in items(own.get("consumes", tree.root.get("consumes"))) if text(one)]
    for one in parameters:
        if one["in"] == "body":
            return {kind: {"schema": one["schema"]} for kind in media or ["application/json"]}
    fields = {one["name"]: one["schema"] for one in parameters if one["in"] == "formData"}
    if not fields:
        return {}
    has_file = any(table(schema).get("type") == "file" for schema in fields.values())
    kind = "multipart/form-data" if has_file or media[:1] == ["multipart/form-data"] else ""
    return {kind or "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": fields}}}
