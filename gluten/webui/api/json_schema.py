"""The JSON schema of a type: of the classes in `gluten/documents`, and of what stands in them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

Map = dict[str, Any]
Names = Mapping[type, str]
"""Classes that are referred to by a name, and not written out."""

Arguments = tuple[Any, ...]

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def ref(name: str) -> Map:
    return {"$ref": f"#/components/schemas/{name}"}


def object_schema(kind: type, names: Names) -> Map:
    """Of a TypedDict."""
    hints = get_type_hints(kind, include_extras=True)
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    return {
        "type": "object",
        "properties": {key: schema_of(hint, names) for key, hint in hints.items()},
        "required": [key for key in hints if key in required],
    }


def schema_of(hint: Any, names: Names) -> Map:
    """Raises TypeError for a type that JSON does not have."""
    if isinstance(hint, type) and hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if is_typeddict(hint):
        return ref(names[hint]) if hint in names else object_schema(hint, names)
    write = _WRITERS.get(get_origin(hint))
    if write is None:
        raise TypeError(f"{hint!r} has no JSON schema")
    return write(get_args(hint), names)


def _inner(arguments: Arguments, names: Names) -> Map:
    return schema_of(arguments[0], names)


def _annotated(arguments: Arguments, names: Names) -> Map:
    """A text is the description; a map has more keys of the schema."""
    schema = schema_of(arguments[0], names)
    for note in arguments[1:]:
        schema |= {"description": note} if isinstance(note, str) else note
    return schema


def _literal(words: Arguments, names: Names) -> Map:
    return {"const": words[0]} if len(words) == 1 else {"enum": list(words)}


def _union(kinds: Arguments, names: Names) -> Map:
    schemas = [schema_of(kind, names) for kind in kinds]
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"oneOf": schemas}


def _list(arguments: Arguments, names: Names) -> Map:
    return {"type": "array", "items": schema_of(arguments[0], names)}


def _map(arguments: Arguments, names: Names) -> Map:
    value = arguments[1]
    return {"type": "object"} if value is Any else {"type": "object", "additionalProperties": schema_of(value, names)}


_WRITERS: Mapping[Any, Callable[[Arguments, Names], Map]] = {
    Required: _inner,
    NotRequired: _inner,
    Annotated: _annotated,
    Literal: _literal,
    Union: _union,
    UnionType: _union,
    list: _list,
    dict: _map,
}
