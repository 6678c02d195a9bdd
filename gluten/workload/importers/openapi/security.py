"""What a document says of keys and logins, as headers and parameters whose secrets are variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gluten.workload.importers.hiding import Hidden
from gluten.workload.importers.openapi.tree import Tree, items, table, text
from gluten.workload.importers.toml_text import literal


@dataclass
class Access:
    """What a request needs to be let in."""

    headers: list[str] = field(default_factory=list)
    query: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    basic: str = ""


def access_of(tree: Tree, wanted: Any, hidden: Hidden) -> Access:
    """By the first of the ways that the document allows."""
    known = (
        tree.table(tree.root.get("securityDefinitions"))
        if tree.is_old
        else tree.table(tree.table(tree.root.get("components")).get("securitySchemes"))
    )
    access = Access()
    for name in table(next(iter(items(wanted)), None)):
        _add(access, text(name), tree.table(known.get(name)), hidden)
    return access


def _add(access: Access, name: str, scheme: dict[str, Any], hidden: Hidden) -> None:
    kind, way = text(scheme.get("type")), text(scheme.get("scheme")).lower()
    if kind == "apiKey":
        _key(access, name, scheme, hidden)
    elif kind == "basic" or (kind == "http" and way == "basic"):
        user, password = _variable(hidden, f"{name}_user"), _variable(hidden, f"{name}_password")
        access.basic = f"{user}:{password}"
    elif kind in ("oauth2", "openIdConnect") or (kind == "http" and way == "bearer"):
        access.headers.append(f"Authorization: Bearer {_variable(hidden, f'{name}_token')}")
    elif kind == "http":
        access.headers.append(f"Authorization: {_variable(hidden, name)}")


def _key(access: Access, name: str, scheme: dict[str, Any], hidden: Hidden) -> None:
    given, value = text(scheme.get("name")), _variable(hidden, name)
    match text(scheme.get("in")):
        case "header":
            access.headers.append(f"{given}: {value}")
        case "query":
            access.query.append((given, value))
        case "cookie":
            access.cookies.append(f"{literal(given)}={value}")


def _variable(hidden: Hidden, name: str) -> str:
    return f"{{{{env {hidden.name(name, name, f'{name} of the document')}}}}}"
