"""What a request writes apart from its path and its headers, although it becomes a part of them: `query`, `basic`."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from gluten.errors import WorkloadError
from gluten.workload.templates.bodies import form_template
from gluten.workload.templates.template import Part, Slot, Template, joined_texts
from gluten.workload.templates.values import Scope, Values


def with_query(path: Template, query: Any, scope: Scope, place: str) -> Template:
    """The path with the fields of `query` behind it. Raises `WorkloadError`."""
    if not isinstance(query, dict):
        raise WorkloadError('must be a table of fields, such as {q = "shoes", page = 2}')
    if not query:
        return path
    fields = form_template(query, scope, place, "query")
    sign = _sign(path)
    parts = tuple(joined_texts([*path.parts, sign, *fields.parts]))
    shown = sign if isinstance(sign, str) else "?"
    return Template(f"{path.text}{shown}{fields.text}", parts, path.names | fields.names, path.leads)


def _sign(path: Template) -> Part:
    """What stands between the path and the query: the path may have one of its own, also by a value."""
    written = [part for part in path.parts if isinstance(part, str)]
    if any("?" in part for part in written):
        return "" if path.text.endswith(("?", "&")) else "&"
    if path.leads or any(isinstance(part, Slot) and part.raw for part in path.parts):
        return Slot(lambda values: "&" if "?" in path.text_of(values) else "?", "query", raw=True)
    return "?"


def basic(text: Any, scope: Scope, place: str) -> tuple[str, Template]:
    """The header of `user:password` (RFC 7617). Raises `WorkloadError`."""
    if not isinstance(text, str):
        raise WorkloadError('must be a text, such as "user:password"')
    given = Template.parse(text, scope, place)
    if given.fixed is not None and ":" not in given.fixed:
        raise WorkloadError('needs a colon between user and password, such as "user:password"')
    if given.fixed is not None:
        return "Authorization", Template(text, (f"Basic {_coded(given.fixed)}",), given.names)

    def get(values: Values) -> str:
        return _coded(given.text_of(values))

    return "Authorization", Template(text, ("Basic ", Slot(get, "basic")), given.names)


def _coded(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode("ascii")
