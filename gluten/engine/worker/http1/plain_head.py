"""Reads a header block without llhttp. Pure.

Its answer is that of the parser (`parser`). It has none for a block that is wrong or rare in any way; then the parser
decides. Loading the parser takes 15 ms, because it brings `http.client`, `email` and `ssl`.
"""

from __future__ import annotations

import re

_STATUS = re.compile(rb"(HTTP/1\.[01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t\x20-\x7e\x80-\xff]*")
_LENGTH = re.compile(r"\d{1,15}")
_SWITCHING = 101


class PlainHead:
    """A header block, with the names that `Parser` has for the same."""

    __slots__ = ("_code", "_version", "fields")

    complete = False

    def __init__(self, version: str, code: int, fields: list[tuple[str, str]]) -> None:
        self._version, self._code, self.fields = version, code, fields

    @property
    def interim(self) -> bool:
        return self._code < 200

    def get_code(self) -> int:
        return self._code

    def get_http_version(self) -> str:
        return self._version


def read(block: bytes) -> PlainHead | None:
    """The block, which has no blank line at its end, or None if the parser has to read it."""
    first, *lines = block.split(b"\r\n")
    status = _STATUS.fullmatch(first)
    if status is None or not all(map(_FIELD.fullmatch, lines)):
        return None
    version, code, fields = status[1].decode(), int(status[2]), [_field(line) for line in lines]
    if code == _SWITCHING or not _is_usual(fields):
        return None
    return PlainHead(version, code, fields)


def _field(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name.lower(), value.strip(" \t")


def _is_usual(fields: list[tuple[str, str]]) -> bool:
    """Whether at most one field says how long the body is, and says it in the usual words."""
    lengths = [value for name, value in fields if name == "content-length"]
    codings = [value for name, value in fields if name == "transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        return False
    return all(map(_LENGTH.fullmatch, lengths)) and all(coding.lower() == "chunked" for coding in codings)
