"""Where things stand in a TOML text: keys, texts and other values with their path, line and place. Pure.

`tomllib` says what a text means, but not where. Messages need the line of a key, and redaction the place of a value.
The scanner also refuses what `tomllib` takes too long for, or explains badly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Keys, and indices of arrays: `("feed", 0, "name")`."""

DEEPEST = 32
ONE_LINE = (
    "an inline table { … } stands on one line in TOML 1.0: write it on one line, or as a [table] of its own; "
    "or a } or ] is missing"
)

# The end of a text may be missing: then it ends where the line or the file does, so that no place is read twice.
_TOKEN = re.compile(
    r"""(?P<text>\"""(?:[^\\]|\\.)*?(?:"{3,5}|\Z)|'''.*?(?:'{3,5}|\Z)|"(?:[^"\\\n]|\\[^\n])*"?|'[^'\n]*'?)"""
    r"""|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<sign>[\[\]{}=,])|(?P<word>[^\s"'#\[\]{}=,]+)""",
    re.DOTALL,
)
_QUOTES = ('"""', "'''", '"', "'")


class TomlProblem(ValueError):
    """What is wrong, in words, with its line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Piece(NamedTuple):
    """A key (or a table's header), a text or another value. `start` and `end` are the place of it, without quotes."""

    kind: str
    path: Path
    line: int
    start: int
    end: int


KEY, TEXT, VALUE = "key", "text", "value"


@dataclass
class _Open:
    """The file, an inline table or an array that is open here; `path` is its own."""

    sign: str
    path: Path
    index: int = 0


@dataclass
class _Scanner:
    line: int = 1
    opened: list[_Open] = field(default_factory=lambda: [_Open("", ())])
    parts: list[str] = field(default_factory=list)
    """The words of the key, or of the header, that is being read."""
    key: Path | None = None
    """The key whose value is being read."""
    header: int = 0
    """How many brackets the header of a table has that is being read."""
    tables: dict[Path, int] = field(default_factory=dict)
    """The last index of each array of tables."""

    def take(self, kind: str, token: str, start: int) -> Iterator[Piece]:
        if kind == "newline":
            yield from self._newline(start)
        elif kind == "sign":
            yield from self._sign(token, start)
        elif kind != "comment" and self._expects_value():
            quote = next((mark for mark in _QUOTES if token.startswith(mark)), "") if kind == "text" else ""
            end = start + len(token) - (len(quote) if token.endswith(quote) and len(token) > len(quote) else 0)
            yield Piece(TEXT if quote else VALUE, self._value_path(), self.line, start + len(quote), end)
        elif kind != "comment":
            self._key_part(kind, token)
        self.line += token.count("\n")

    def _expects_value(self) -> bool:
        return self.opened[-1].sign == "[" or (self.key is not None and not self.header)

    def _value_path(self) -> Path:
        inner = self.opened[-1]
        return (*inner.path, inner.index) if inner.sign == "[" else self.key or ()

    def _key_part(self, kind: str, token: str) -> None:
        self.parts += [token.strip("\"'")] if kind == "text" else filter(None, token.split("."))
        if len(self.parts) > DEEPEST:
            raise TomlProblem(self.line, f"a key of more than {DEEPEST} parts")

    def _newline(self, start: int) -> Iterator[Piece]:
        if self.opened[-1].sign == "{":
            raise TomlProblem(self.line, ONE_LINE)
        if self.opened[-1].sign == "":
            if self.header:
                yield self._table(start)
            self.parts, self.key, self.header = [], None, 0

    def _sign(self, sign: str, start: int) -> Iterator[Piece]:
        inner = self.opened[-1]
        if sign == "=" and inner.sign != "[" and self.parts:
            self.key, self.parts = (*inner.path, *self.parts), []
            yield Piece(KEY, self.key, self.line, start, start)
        elif sign in "[{" and self._expects_value():
            self._open(sign)
        elif sign == "[" and not inner.sign and not self.parts:
            self.header += 1
        elif sign == "," and inner.sign:
            inner.index += 1
            self.key = None if inner.sign == "{" else self.key
        elif sign in "]}" and inner.sign:
            self._close()

    def _open(self, sign: str) -> None:
        self.opened.append(_Open(sign, self._value_path()))
        self.key = None
        if len(self.opened) > DEEPEST:
            raise TomlProblem(self.line, f"values inside one another, more than {DEEPEST} deep")

    def _close(self) -> None:
        closed = self.opened.pop()
        self.key, self.parts = (closed.path if self.opened[-1].sign != "[" else None), []

    def _table(self, start: int) -> Piece:
        """The table whose header has just ended. A part that is an array of tables means its last one."""
        path: Path = ()
        for place, part in enumerate(self.parts):
            path = (*path, part)
            if self.header > 1 and place == len(self.parts) - 1:
                self.tables[path] = self.tables.get(path, -1) + 1
            if path in self.tables:
                path = (*path, self.tables[path])
        self.opened = [_Open("", path)]
        return Piece(KEY, path, self.line, start, start)


def scan(text: str) -> Iterator[Piece]:
    """The pieces in their order, also of a text that is not TOML. Raises TomlProblem."""
    scanner = _Scanner()
    for found in _TOKEN.finditer(text):
        yield from scanner.take(str(found.lastgroup), found[0], found.start())
    yield from scanner.take("newline", "\n", len(text))


def lines_of(text: str) -> dict[Path, int]:
    """The first line of each key, table and item of an array. Raises TomlProblem."""
    found: dict[Path, int] = {}
    for piece in scan(text):
        found.setdefault(piece.path, piece.line)
    return found
