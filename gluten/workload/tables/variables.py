"""`[vars]`: constants, and templates that make one for each session. A var may name another, but not itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from gluten.task.toml_scan import Path
from gluten.workload.keys import MAX_VARS
from gluten.workload.tables.entries import Reader
from gluten.workload.tables.names import check_name
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Scope


def read_vars(reader: Reader, table: Any, scope: Scope) -> tuple[dict[str, Template], Scope]:
    """The vars by name, and the scope with those that are the same text in every session. Those that `scope` names
    are not: a take replaces them."""
    given = reader.checked_table(table, ("vars",))
    if len(given) > MAX_VARS:
        raise reader.source.error(("vars",), f"has {len(given)} vars; at most {MAX_VARS}")
    texts = {name: _text(reader, name, value) for name, value in given.items()}
    taken = scope.names
    scope = replace(scope, names=scope.names | texts.keys())
    found: dict[str, Template] = {}
    for name in _ordered(reader, texts, scope):
        found[name] = _parsed(reader, name, texts[name], scope)
        if found[name].constant and name not in taken:
            text = "".join(part if isinstance(part, str) else part.constant or "" for part in found[name].parts)
            scope = replace(scope, constants={**scope.constants, name: text})
    return {name: found[name] for name in texts}, scope


def _text(reader: Reader, name: str, value: Any) -> str:
    path: Path = ("vars", name)
    check_name(reader.source, path, name)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise reader.source.error(path, "must be a text, a number, true or false")


def _parsed(reader: Reader, name: str, text: str, scope: Scope) -> Template:
    with reader.source.at("vars", name):
        return Template.parse(text, scope, f"vars.{name}")


def _ordered(reader: Reader, texts: Mapping[str, str], scope: Scope) -> list[str]:
    """The vars, each behind those that it names."""
    needs = {name: _parsed(reader, name, text, scope).names.words & texts.keys() for name, text in texts.items()}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        ring = error.args[1]
        raise reader.source.error(("vars", ring[0]), f"names itself: {' -> '.join(ring)}") from None
