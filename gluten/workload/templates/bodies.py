"""Bodies of `json` and `form`: one template, whose parts are each encoded for where they stand.

The constants of such a template are encoded already. Render it with `Encoding.PLAIN`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from math import isfinite
from typing import Any
from urllib.parse import quote

from gluten.errors import WorkloadError
from gluten.workload.json_text import Number, dumps, quoted
from gluten.workload.templates.encoding import Encoding
from gluten.workload.templates.template import Part, Slot, Template, joined_texts, parsed
from gluten.workload.templates.values import NOTHING, Names, Scope


def json_template(value: Any, scope: Scope = NOTHING, place: str = "") -> Template:
    """`value` is of TOML, or of `json_text.loads`. Its strings may have templates. Raises `WorkloadError`."""
    body = _Body(scope, place)
    try:
        body.value(value)
    except RecursionError:
        raise WorkloadError("the JSON is nested too deeply") from None
    return body.template()


def form_template(fields: Mapping[str, Any], scope: Scope = NOTHING, place: str = "", what: str = "form") -> Template:
    """A value is a text, a number, true, false, or a list of these: one field for each. `what` they are fields of.
    Raises `WorkloadError`."""
    body = _Body(scope, place)
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            body.constant("&" if body.parts else "")
            body.text(name, Encoding.FORM)
            body.constant("=")
            body.text(field_text(name, item, what), Encoding.FORM)
    return body.template()


def field_text(name: str, value: Any, what: str) -> str:
    """The text of a field, with its templates. Raises `WorkloadError`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise WorkloadError(f"{name}: a field of a {what} is a text, a number, true, false, or a list of these")


class _Body:
    """Parts and names, as they are collected."""

    def __init__(self, scope: Scope, place: str) -> None:
        self.parts: list[Part] = []
        self._names: list[Names] = []
        self._scope = scope
        self._place = place

    def template(self) -> Template:
        parts = tuple(joined_texts(self.parts))
        text = "".join(part if isinstance(part, str) else part.source for part in parts)
        return Template(text, parts, Names.of_all(self._names))

    def constant(self, text: str) -> None:
        if text:
            self.parts.append(text)

    def text(self, text: str, encoding: Encoding) -> None:
        """A text with templates, encoded."""
        for part in self._parsed(text):
            if isinstance(part, str):
                self.constant(
                    quote(part, safe="", errors="replace") if encoding is Encoding.FORM else quoted(part)[1:-1]
                )
            else:
                self.parts.append(replace(part, encoding=encoding))

    def _parsed(self, text: str) -> list[Part]:
        parts, names = parsed(text, self._scope, f"{self._place}/{len(self.parts)}")
        self._names.append(names)
        return parts

    def value(self, value: Any) -> None:
        match value:
            case dict():
                self._object(value)
            case list():
                self._array(value)
            case str() if not isinstance(value, Number):
                self._string(value)
            case _:
                self.constant(_scalar(value))

    def _object(self, value: Mapping[str, Any]) -> None:
        self.constant("{")
        for position, (key, item) in enumerate(value.items()):
            self.constant(',"' if position else '"')
            self.text(key, Encoding.JSON)
            self.constant('":')
            self.value(item)
        self.constant("}")

    def _array(self, value: Sequence[Any]) -> None:
        self.constant("[")
        for position, item in enumerate(value):
            self.constant("," if position else "")
            self.value(item)
        self.constant("]")

    def _string(self, text: str) -> None:
        """`{{raw X}}` as the whole of a string keeps its type, so it takes the place of the quotes too."""
        parts = self._parsed(text)
        if len(parts) == 1 and isinstance(parts[0], Slot) and parts[0].raw:
            self.parts.append(replace(parts[0], encoding=Encoding.JSON_VALUE))
            return
        self.constant('"')
        self.text(text, Encoding.JSON)
        self.constant('"')


def _scalar(value: Any) -> str:
    if isinstance(value, float) and not isfinite(value):
        raise WorkloadError(f"JSON has no {value}: write a number, a text or a list")
    if isinstance(value, date | time):
        return quoted(value.isoformat())
    return dumps(value) if value is None or isinstance(value, bool | Number) else str(value)
