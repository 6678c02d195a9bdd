"""The body of a request: `json`, `form`, `multipart` or `body`, written out or in a file beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gluten.errors import WorkloadError
from gluten.task.limits import MAX_BODY
from gluten.task.toml_scan import Path
from gluten.workload.json_text import loads
from gluten.workload.tables.entries import Reader
from gluten.workload.tables.file_names import file_of
from gluten.workload.tables.multipart import boundary_of, multipart
from gluten.workload.tables.source import Table
from gluten.workload.templates.bodies import form_template, json_template
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Scope
from gluten.workload.workload import Body, FileBody, Headers

_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


def read_body(reader: Reader, values: Table, path: Path, scope: Scope) -> Body:
    """Raises `WorkloadError`."""
    found = [name for name in _READERS if name in values]
    if len(found) > 1:
        raise reader.source.error((*path, found[1]), f"there is {found[0]} already: a request has one body")
    if not found:
        return b""
    (name,) = found
    with reader.source.at(*path, name):
        return _READERS[name](values[name], scope, f"{'.'.join(map(str, path))}.{name}")


def content_type(values: Table, headers: Headers, place: str) -> Headers:
    """The `Content-Type` of `json`, `form` and `multipart`, where no header says it."""
    if "multipart" in values:
        return (("Content-Type", Template.parse(f"multipart/form-data; boundary={boundary_of(f'{place}.multipart')}")),)
    kind = next((_TYPES[name] for name in _TYPES if name in values), "")
    given = any(name.lower() == "content-type" for name, _ in headers)
    return () if given or not kind else (("Content-Type", Template.parse(kind)),)


def json_of(content: bytes, scope: Scope, place: str) -> Template:
    """The template of JSON in a file. Raises `WorkloadError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorkloadError(f"is not UTF-8 at byte {error.start}") from None
    return _json_text(text, scope, place)


def _json(value: Any, scope: Scope, place: str) -> Body:
    if not isinstance(value, str):
        return json_template(value, scope, place)
    if value.startswith("@"):
        return FileBody(file_of(value, scope), is_json=True)
    return _json_text(value, scope, place)


def _json_text(text: str, scope: Scope, place: str) -> Template:
    try:
        value = loads(text)
    except ValueError as error:
        hint = '; a template stands in a JSON text: "{{raw X}}" keeps X\'s type' if "{{" in text else ""
        raise WorkloadError(f"is not JSON: {error}{hint}") from None
    return json_template(value, scope, place)


def _form(value: Any, scope: Scope, place: str) -> Body:
    if not isinstance(value, dict):
        raise WorkloadError('must be a table of fields, such as {q = "shoes", page = 2}')
    return form_template(value, scope, place)


def _text(value: Any, scope: Scope, place: str) -> Body:
    if not isinstance(value, str):
        raise WorkloadError("must be a text, or @FILE")
    if value.startswith("@"):
        return FileBody(file_of(value, scope))
    if len(value.encode()) > MAX_BODY:
        raise WorkloadError(f"longer than {MAX_BODY >> 20} MiB: write it into a file, and @FILE here")
    return Template.parse(value, scope, place)


_READERS: dict[str, Callable[[Any, Scope, str], Body]] = {
    "json": _json,
    "form": _form,
    "multipart": multipart,
    "body": _text,
}
