"""A request's body, read by its media type: a JSON value, fields of a form, parts, or a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from gluten.workload.importers.recording import Body
from gluten.workload.json_text import loads

LONGEST = 64 << 10
"""Characters of a body that a workload file is to have; what is longer belongs into a file beside it."""
FORM_TYPE = "application/x-www-form-urlencoded"

_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\b|text/json\b", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)
_PART = re.compile(r'name="((?:[^"\\]|\\.)*)"(?:.*?filename="((?:[^"\\]|\\.)*)")?', re.DOTALL)

Fields = Iterable[tuple[str, str]]


def is_json(media: str) -> bool:
    return _JSON.match(media.strip()) is not None


def is_form(media: str) -> bool:
    return media.strip().lower().startswith(FORM_TYPE)


def is_multipart(media: str) -> bool:
    return media.strip().lower().startswith("multipart/form-data")


def body_of(media: str, text: str, params: Sequence[tuple[str, str, str]] = ()) -> Body:
    """`params` are name, value and file name, as a recording may have them in place of the text."""
    if is_multipart(media):
        return _multipart(params or _parts(media, text))
    if len(text) > LONGEST:
        return Body(lost=f'its body of {len(text):,} characters: write it into a file, and body = "@FILE" here')
    if is_json(media) and text:
        return _json(text)
    if is_form(media):
        return _form(parse_qsl(text, keep_blank_values=True) or [(name, item) for name, item, _ in params], text)
    return _text(text)


def _text(text: str) -> Body:
    if "\ufffd" in text or "\0" in text:
        return Body(lost='its body is no text: write it into a file, and body = "@FILE" here')
    return Body("body", text) if text else Body()


def _json(text: str) -> Body:
    try:
        return Body("json", loads(text))
    except ValueError:
        return _text(text)


def _form(fields: Fields, text: str) -> Body:
    form: dict[str, Any] = {}
    for name, item in fields:
        form.setdefault(name, []).append(item)
    if not form:
        return _text(text)
    return Body("form", {name: items[0] if len(items) == 1 else items for name, items in form.items()})


def _multipart(params: Sequence[tuple[str, str, str]]) -> Body:
    """The parts of a file are `@NAME`: recordings seldom have their bytes."""
    found: dict[str, Any] = {}
    for name, item, file in params:
        found[name] = File(_base(file)) if file else item
    if not found:
        return Body(lost="its parts: the recording does not have them")
    return Body("multipart", found)


class File(str):
    """The name of a file that a part sends."""

    __slots__ = ()


def _base(name: str) -> str:
    return re.split(r"[/\\]", name.replace("\0", ""))[-1][:200] or "file"


def _parts(media: str, text: str) -> list[tuple[str, str, str]]:
    """Parts of a multipart text (RFC 7578)."""
    boundary = _BOUNDARY.search(media)
    if boundary is None or not text:
        return []
    found = []
    for part in text.replace("\r\n", "\n").split(f"--{boundary[1]}")[1:]:
        head, _, content = part.partition("\n\n")
        if names := _PART.search(head):
            found.append((names[1], content.removesuffix("\n"), names[2] or ""))
    return found
