"""An operation as a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from gluten.task.validate import TOKEN
from gluten.workload.importers.bodies import LONGEST, File, is_form, is_json, is_multipart
from gluten.workload.importers.openapi.operations import Operation
from gluten.workload.importers.openapi.security import Access
from gluten.workload.importers.openapi.tree import Tree, table, text
from gluten.workload.importers.openapi.values import Values, plain
from gluten.workload.importers.recording import Body, Entry
from gluten.workload.importers.request_headers import can_be_sent
from gluten.workload.importers.toml_text import literal
from gluten.workload.json_text import Number, loads

_HOLE = re.compile(r"(\{\{(?:[^'{}]|'[^']*')*\}\})")
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_SAFE = "!$&'()*+,;=:@/?~"
_RESERVED = {"accept", "content-type", "authorization"}


class Requests:
    """Makes entries of operations. `base` is the server."""

    def __init__(self, tree: Tree, base: str) -> None:
        self._tree, self._base, self._values = tree, base, Values(tree)

    def entry(self, operation: Operation, access: Access) -> Entry:
        self._values.begin()
        media, content = _media(operation.content)
        body = self._body(media, content)
        headers = [*self._headers(operation), *access.headers]
        if cookies := [*self._cookies(operation), *access.cookies]:
            headers.append(f"Cookie: {'; '.join(cookies)}")
        if body.kind == "body" or (body.kind == "json" and media != "application/json"):
            headers.append(f"Content-Type: {literal(media)}")
        notes = (f"left out: {body.lost}",) if body.lost else ()
        return Entry(
            method=operation.method,
            origin=self._base,
            path=self._path(operation) + self._query(operation, access),
            headers=tuple(dict.fromkeys(line for line in map(_one_line, headers) if _is_sendable(line))),
            body=body,
            checks=tuple(checks(operation.responses)),
            extra={"basic": access.basic} if access.basic else {},
            notes=notes,
        )

    def _value(self, parameter: dict[str, Any]) -> Any:
        if parameter.get("example") is not None:
            return plain(parameter["example"])
        for one in table(parameter.get("examples")).values():
            if (given := self._tree.table(one).get("value")) is not None:
                return plain(given)
        return self._values.of(parameter.get("schema"))

    def _of(self, operation: Operation, place: str) -> Iterator[dict[str, Any]]:
        """The parameters of a place that are needed, or for which the document has a value."""
        for one in operation.parameters:
            schema = self._values.merged(one.get("schema"))
            given = any(
                known.get(key) is not None for known in (one, schema) for key in ("example", "examples", "default")
            )
            if one["in"] == place and (one.get("required") is True or given):
                yield one

    def _path(self, operation: Operation) -> str:
        known = {one["name"]: one for one in operation.parameters if one["in"] == "path"}
        parts = _PARAMETER.split(operation.path)
        written = [
            _encoded(self._value(known.get(part, {}))) if index % 2 else literal(quote(part, safe=_SAFE + "%"))
            for index, part in enumerate(parts)
        ]
        return "".join(written).partition("#")[0]

    def _query(self, operation: Operation, access: Access) -> str:
        pairs = [pair for one in self._of(operation, "query") for pair in self._pairs(one)]
        pairs += [f"{quote(name, safe='')}={value}" for name, value in access.query]
        return f"?{'&'.join(pairs)}" if pairs else ""

    def _pairs(self, parameter: dict[str, Any]) -> Iterator[str]:
        name, value = quote(parameter["name"], safe="[]"), self._value(parameter)
        if isinstance(value, dict):
            deep = parameter.get("style") == "deepObject"
            for key, item in value.items():
                yield f"{f'{name}[{_encoded(key)}]' if deep else _encoded(key)}={_encoded(item)}"
        elif isinstance(value, list):
            yield from (f"{name}={_encoded(item)}" for item in value)
        else:
            yield f"{name}={_encoded(value)}"

    def _headers(self, operation: Operation) -> Iterator[str]:
        for one in self._of(operation, "header"):
            if one["name"].lower() not in _RESERVED and TOKEN.fullmatch(one["name"]):
                yield f"{one['name']}: {_text(self._value(one))}"

    def _cookies(self, operation: Operation) -> Iterator[str]:
        for one in self._of(operation, "cookie"):
            yield f"{literal(one['name'])}={_text(self._value(one))}"

    def _body(self, media: str, content: dict[str, Any]) -> Body:
        if not media:
            return Body()
        value = self._value(content)
        if is_form(media) or is_multipart(media):
            fields = self._fields(value, content) if isinstance(value, dict) else {}
            return Body("form" if is_form(media) else "multipart", fields) if fields else Body()
        if is_json(media):
            value = _parsed(value)
            return (
                Body("json", value) if len(json.dumps(value)) <= LONGEST else Body(lost="its example: it is too long")
            )
        given = content.get("example")
        if isinstance(given, str) or media.startswith("text/"):
            return Body("body", _text(value))
        return Body(lost=f'its body of {media}: write it into a file, and body = "@FILE" here')

    def _fields(self, value: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        members = table(self._values.merged(content.get("schema")).get("properties"))
        files = {name for name, schema in members.items() if _is_file(self._values.merged(schema))}
        return {
            name: File(f"{name}.bin") if name in files else [_text(one) for one in item] if isinstance(item, list)
            else _text(item)
            for name, item in value.items()
        }  # fmt: skip


def checks(responses: dict[str, Any]) -> Iterator[str]:
    """The declared success; a redirect, where that is all."""
    codes = [str(code) for code in responses]
    for first in "23":
        if f"{first}XX" in (code.upper() for code in codes):
            yield f"status {first}xx"
            return
        if found := sorted({code for code in codes if re.fullmatch(f"{first}[0-9][0-9]", code)}):
            yield f"status == {found[0]}" if len(found) == 1 else f"status in {' '.join(found)}"
            return


def _media(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The media type that a workload file says best, and what the document has for it."""
    known = {text(media).partition(";")[0].strip(): table(item) for media, item in content.items() if text(media)}
    for fits in (is_json, is_form, is_multipart, lambda media: "*" not in media):
        if found := next((media for media in known if fits(media)), None):
            return found, known[found]
    return ("application/json", next(iter(known.values()))) if known else ("", {})


def _is_file(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "file" or schema.get("format") == "binary"


def _parsed(value: Any) -> Any:
    """An example that is JSON in a text, as that."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return loads(value)
        except ValueError:
            return value
    return value


def _text(value: Any) -> str:
    """A value as a text with templates; a number or a truth needs no `raw` there."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return re.sub(r"\{\{raw ", "{{", value)
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    return literal(json.dumps(value, ensure_ascii=False))


def _encoded(value: Any) -> str:
    """The text for a path or a query: what is no template is percent-encoded."""
    parts: Iterable[str] = _HOLE.split(_text(value))
    return "".join(part if index % 2 else quote(part, safe="~") for index, part in enumerate(parts))


def _is_sendable(line: str) -> bool:
    name, _, text = line.partition(": ")
    return can_be_sent(name, text)


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)
