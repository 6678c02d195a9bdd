"""What of a workload file is a secret, and how its text is shown without. Pure.

A secret is known by its place: a header that is called so, a member of `json`, `form` or `[vars]` with such a name, the
`else` of a take with such a name, a password in a URL. A template is no secret, since the text contains only its name.
`{{env NAME}}` makes the value of the variable NAME a secret where the variable or its place is called so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from gluten.task.secrets import HIDDEN, is_secret, redact_header
from gluten.task.toml_scan import KEY, TEXT, Piece, TomlProblem, scan

_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
_ENV = re.compile(r"\benv\s+['\"]?(\w{1,200})['\"]?[ \t]*([^{}]{0,1000})\}\}")
_SCHEME = re.compile(r"\s*(?:basic|bearer|digest|dpop|token)?\s*", re.IGNORECASE)
_USER = re.compile(r"(?<=//)([^/?#\s@]{1,1000})@")
_PARAMETER = re.compile(r"([\w.%-]{1,100})=([^&;#\s\"']+)")
_MEMBER = re.compile(r"""\\?"([\w.-]{1,100})\\?"\s{0,9}:\s{0,9}\\?"((?:[^"\\]|\\[^"])*)""")
_ELSE = re.compile(r"""(.*\selse\s+)(?:[^'"]*|\\?(['"]).*\2)""", re.DOTALL)
_BODIES = ("json", "form", "query", "multipart", "body")
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "path", "url")


class _Span(NamedTuple):
    """Where a secret stands. `quoted`: inside the quotes of a text."""

    start: int
    end: int
    quoted: bool = True


@lru_cache(maxsize=8)
def redact_workload(text: str, every: bool) -> str:
    """The text without its secrets; `every`: without any value of a header or a body. What cannot be read is hidden
    as a whole."""
    try:
        spans = sorted(_spans(text, every), reverse=True)
    except TomlProblem:
        return HIDDEN
    for start, end, quoted in spans:
        text = f"{text[:start]}{HIDDEN if quoted else repr(HIDDEN)}{text[end:]}"
    return text


@lru_cache(maxsize=8)
def hides_secrets(text: str) -> bool:
    """Whether something in the text was redacted."""
    if HIDDEN not in text:
        return False
    try:
        spans = [span for every in (False, True) for span in _spans(text, every)]
    except TomlProblem:
        return text == HIDDEN
    return text == HIDDEN or any(text[start:end] == HIDDEN for start, end, _ in spans)


@lru_cache(maxsize=8)
def secret_variables(text: str) -> frozenset[str]:
    """The environment variables whose values are secrets by the place where the text names them."""
    try:
        places = [piece for piece in scan(text) if piece.kind == TEXT and _is_secret_place(piece, text, every=False)]
    except TomlProblem:
        return frozenset()
    return frozenset(found[1] for place in places for found in _ENV.finditer(text, place.start, place.end))


def redact_variables(text: str, env: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The environment variables of the workload file `text`, without the values that are secrets."""
    placed = secret_variables(text)
    return tuple((name, HIDDEN if value and (is_secret(name) or name in placed) else value) for name, value in env)


def _spans(text: str, every: bool) -> Iterator[_Span]:
    for piece in scan(text):
        if piece.kind == KEY:
            continue
        secret = _is_secret_place(piece, text, every)
        value = _value(piece, text)
        if secret and not _is_template(text[value.start : value.end]):
            yield value
        elif piece.kind == TEXT:
            yield from _defaults(piece, text, secret)
            yield from _inside(piece, text)


def _is_secret_place(piece: Piece, text: str, every: bool) -> bool:
    """Whether the piece is a secret by its place: its header's name, or the names of its keys."""
    names = [part for part in piece.path if isinstance(part, str)]
    if names[-1:] == ["header"]:
        name, _, value = text[piece.start : piece.end].partition(":")
        return every or redact_header(name, value) == HIDDEN
    if names[:1] == ["vars"]:
        return any(map(is_secret, names[1:]))
    kind = names[2:3] if names[:1] == ["request"] else []
    if kind == ["take"]:
        return any(map(is_secret, names[3:])) and _ELSE.fullmatch(text, piece.start, piece.end) is not None
    if kind and kind[0] in _BODIES:
        return every or any(map(is_secret, names[3:]))
    return kind == ["basic"]


def _value(piece: Piece, text: str) -> _Span:
    """The whole piece; of a header what stands after its name, of a take what stands after `else`."""
    if piece.kind != TEXT:
        return _Span(piece.start, piece.end, quoted=False)
    start = piece.start
    if piece.path[2:3] == ("take",) and (found := _ELSE.fullmatch(text, piece.start, piece.end)):
        start = found.end(1)
    elif "header" in piece.path:
        colon = text.find(":", piece.start, piece.end)
        start = piece.end if colon < 0 else colon + 1
    while start < piece.end and text[start] == " ":
        start += 1
    return _Span(start, piece.end)


def _is_template(value: str) -> bool:
    """True where nothing but templates stands there, and the name of a scheme such as Bearer."""
    return _SCHEME.fullmatch(_TEMPLATE.sub("", value)) is not None


def _defaults(piece: Piece, text: str, secret: bool) -> Iterator[_Span]:
    """The defaults of secret environment variables: `{{env TOKEN abc}}`."""
    for found in _ENV.finditer(text, piece.start, piece.end):
        if found[2].strip() and (secret or is_secret(found[1])):
            yield _Span(found.start(2), found.end(2))


def _inside(piece: Piece, text: str) -> Iterator[_Span]:
    """Secrets in a URL, a form or a JSON text."""
    last = next((part for part in reversed(piece.path) if isinstance(part, str)), "")
    if last not in (*_METHODS, *_BODIES):
        return
    for found in _USER.finditer(text, piece.start, piece.end) if last in _METHODS else ():
        yield _Span(*found.span(1))
    for pattern in (_PARAMETER, _MEMBER):
        for found in pattern.finditer(text, piece.start, piece.end):
            if is_secret(found[1]) and not _is_template(found[2]):
                yield _Span(*found.span(2))
