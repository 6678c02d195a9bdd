"""Values as TOML 1.0, and texts of others as texts of a workload file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gluten.workload.json_text import Number

SHORT = 110
"""Characters that a line of a list may have."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LITERAL_ONLY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|'''")
_BRACES = re.compile(r"[{$]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal(text: str) -> str:
    """The text, in which nothing is a template: `{{` becomes `{{'{{'}}`."""
    return _BRACES.sub(_unbraced, text)


def _unbraced(found: re.Match[str]) -> str:
    """What could begin a template by itself, or together with one behind it."""
    is_harmless = "{" not in found[0] or (found[0] == "{" and found.end() < len(found.string))
    return found[0] if is_harmless else "{{'" + found[0] + "'}}"


def storable(text: str) -> str:
    """The text without lone surrogates, which UTF-8 has not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else quoted(name)


def quoted(text: str) -> str:
    """A text on one line."""
    text = storable(text)
    if ('"' in text or "\\" in text) and "'" not in text and not _CONTROL.search(text):
        return f"'{text}'"
    return '"' + re.sub(r'["\\\x00-\x1f\x7f]', _escape, text) + '"'


def block(text: str) -> str:
    """A text on several lines, as it is, if TOML can have it so."""
    text = storable(text)
    if _LITERAL_ONLY.search(text) or text.endswith("'"):
        return quoted(text)
    return f"'''\n{text}'''"


def value(item: Any) -> str:
    """A value on one line. Raises `ValueError` for what TOML has not, such as null."""
    match item:
        case bool():
            return "true" if item else "false"
        case Number():
            return _number(item)
        case str():
            return quoted(item)
        case int():
            return _number(str(item))
        case dict():
            return _inline(item)
        case list() | tuple():
            return f"[{', '.join(value(one) for one in item)}]"
    raise ValueError(f"TOML has no {type(item).__name__}")


def texts(items: Iterable[str]) -> str:
    """A list of texts: on one line if it is short, else one a line."""
    written = [quoted(item) for item in items]
    line = f"[{', '.join(written)}]"
    return line if len(line) <= SHORT else "[\n" + "".join(f"    {item},\n" for item in written) + "]"


def comment(text: str) -> str:
    """A line of a comment, whatever the text has."""
    return f"# {''.join(letter if letter.isprintable() else ' ' for letter in storable(text))}".rstrip()


def _inline(table: Mapping[str, Any]) -> str:
    members = [f"{key(name)} = {value(item)}" for name, item in table.items()]
    return f"{{{', '.join(members)}}}"


def _number(text: str) -> str:
    if not _WHOLE.fullmatch(text) or text == "-0":
        raise ValueError(f"{text} may change as a number of TOML")
    return text


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}"
