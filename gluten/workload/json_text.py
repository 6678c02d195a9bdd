"""JSON (RFC 8259) whose numbers keep their text: `1.10` stays `1.10`, and a number of a hundred digits is exact."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from json.scanner import make_scanner
from typing import Any, cast

_LITERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_WHOLE = re.compile(r"-?[0-9]{1,400}")
_WORDS = {None: "null", True: "true", False: "false"}


class Number(str):
    """A number of a JSON text, as it was written."""

    __slots__ = ()

    def value(self) -> int | float:
        """Whole numbers are exact; others are rounded as floats are."""
        return int(self) if _WHOLE.fullmatch(self) else float(self)


Json = str | Number | bool | None | list[Any] | dict[str, Any]
"""A JSON value. A text is of the type `str` itself, a number is a `Number`."""


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_no_number)
_SCAN: Callable[[str, int], tuple[Json, int]] = make_scanner(cast(Any, _DECODER))
_BLANK = " \t\r\n"


def loads(text: str) -> Json:
    """The value. Raises `ValueError`, also where it is nested too deeply."""
    try:
        # The usual text begins with its value, so nothing has to be skipped. That is half the price of `decode`.
        value, end = _SCAN(text, 0)
        if end == len(text) or not text[end:].strip(_BLANK):
            return value
    except StopIteration:
        pass
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return _decoded(text)


def _decoded(text: str) -> Json:
    try:
        value: Json = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def quoted(text: str) -> str:
    """The text as a JSON string, in quotes."""
    return encode_basestring(text)


def is_literal(text: str) -> bool:
    """Whether the text is a number, true, false or null in JSON."""
    return _LITERAL.fullmatch(text) is not None


def plain(value: Json) -> str:
    """The value as text for places outside JSON: a text as it is, all else as JSON."""
    return str(value) if isinstance(value, str) else dumps(value)


def dumps(value: Json) -> str:
    """The value as compact JSON. It uses no recursion, so nothing is nested too deeply for it."""
    written: list[str] = []
    pending: list[tuple[bool, Any]] = [(True, value)]
    while pending:
        is_value, item = pending.pop()
        if not is_value:
            written.append(item)
        elif isinstance(item, dict | list) and item:
            pending += reversed(_opened(item))
        else:
            written.append(_scalar(item))
    return "".join(written)


def _opened(value: dict[str, Any] | list[Any]) -> list[tuple[bool, Any]]:
    """One level of `value`, as texts (False) and values (True)."""
    ends, keys = ("{}", [quoted(key) + ":" for key in value]) if isinstance(value, dict) else ("[]", [""] * len(value))
    items = value.values() if isinstance(value, dict) else value
    opened: list[tuple[bool, Any]] = []
    for key, item in zip(keys, items, strict=True):
        opened += [(False, f",{key}"), (True, item)]
    opened[0] = (False, ends[0] + keys[0])
    return [*opened, (False, ends[1])]


def _scalar(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return "{}" if isinstance(value, dict) else "[]"
