"""A text with `{{…}}`, parsed once and rendered for each request.

    template = Template.parse("/api/products/{{product.id}}", scope, "request.view.get")
    write = template.writer(Encoding.PATH)     # once
    write(values)                              # for each request: bytes

`pieces` gives the constants and writers of a template, so that the engine joins those of path, headers and body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from gluten.workload.json_text import plain
from gluten.workload.templates.encoding import Encoding, encoder
from gluten.workload.templates.expression import Expression, expression
from gluten.workload.templates.functions import Getter
from gluten.workload.templates.values import NO_NAMES, NOTHING, Names, Scope, Values
from gluten.workload.templates.words import Hole, split

Writer = Callable[[Values], bytes]
Piece = bytes | Writer


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value stands. `encoding`: of a part of a JSON text or a form; else the template's user names it.
    `written`: of the environment, so no path becomes a reference by it."""

    get: Getter
    source: str
    constant: str | None = None
    raw: bool = False
    encoding: Encoding | None = None
    written: bool = False

    def piece(self, encoding: Encoding) -> Piece:
        encode = encoder(self.encoding or encoding, self.raw, self.source)
        if self.constant is not None:
            return encode(self.constant)
        get = self.get
        return lambda values: encode(get(values))


Part = str | Slot


@dataclass(frozen=True)
class Template:
    """`text` is as it was written. `leads`: it begins with a value, so as a path it is a reference (RFC 3986)."""

    text: str
    parts: tuple[Part, ...] = field(compare=False, repr=False)
    names: Names = field(default=NO_NAMES, compare=False, repr=False)
    leads: bool = field(default=False, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, scope: Scope = NOTHING, place: str = "") -> Template:
        """Raises `WorkloadError`. `place` names where the text stands, such as `request.login.json`."""
        parts, names = parsed(text, scope, place)
        return cls(text, tuple(parts), names, bool(parts) and isinstance(parts[0], Slot) and not parts[0].written)

    @property
    def constant(self) -> bool:
        """Whether it is the same in every session."""
        return self.fixed is not None

    @property
    def fixed(self) -> str | None:
        """The text without any encoding, if it is the same in every session."""
        texts = [part if isinstance(part, str) else part.constant for part in self.parts]
        return None if None in texts else "".join(text for text in texts if text is not None)

    def pieces(self, encoding: Encoding) -> tuple[Piece, ...]:
        """Constants and writers, in turn. A constant that cannot be sent raises `TemplateFailure`."""
        return merged(
            _constant(part, encoding) if isinstance(part, str) else part.piece(encoding) for part in self.parts
        )

    def writer(self, encoding: Encoding = Encoding.PLAIN) -> Writer:
        return joined(self.pieces(encoding))

    def text_of(self, values: Values) -> str:
        """The text without any encoding, as for a var or a check."""
        return "".join(part if isinstance(part, str) else plain(part.get(values)) for part in self.parts)


def parsed(text: str, scope: Scope, place: str) -> tuple[list[Part], Names]:
    """The parts of a text, constants joined, and the names that they need."""
    parts: list[Part] = []
    names: list[Names] = []
    for position, part in enumerate(split(text)):
        found = part if isinstance(part, str) else expression(part, scope, f"{place}#{position}")
        if isinstance(found, Expression):
            names.append(found.names)
        parts.append(_part(found, part))
    return list(joined_texts(parts)), Names.of_all(names)


def _part(found: str | Expression, part: str | Hole) -> Part:
    if isinstance(found, str) or isinstance(part, str):
        return str(found)
    written = found.literal and not found.raw
    if written and found.constant is not None and not found.names.functions:
        return found.constant
    return Slot(found.get, part.source, found.constant, found.raw, written=written)


def joined_texts(parts: Iterable[Part]) -> Iterator[Part]:
    """The same parts, with neighbouring texts joined."""
    for is_text, group in groupby(parts, lambda part: isinstance(part, str)):
        if not is_text:
            yield from group
        elif text := "".join(part for part in group if isinstance(part, str)):
            yield text


def _constant(text: str, encoding: Encoding) -> bytes:
    """What the file says itself is written as it is, if it can stand there at all."""
    as_written = encoding in (Encoding.PATH, Encoding.REFERENCE, Encoding.HEADER)
    return encoder(encoding if as_written else Encoding.PLAIN, True, "the text of the file")(text)


def merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same pieces, with neighbouring constants joined."""
    found: list[Piece] = []
    for is_constant, group in groupby(pieces, lambda piece: isinstance(piece, bytes)):
        if not is_constant:
            found += group
        elif constant := b"".join(piece for piece in group if isinstance(piece, bytes)):
            found.append(constant)
    return tuple(found)


def joined(pieces: Iterable[Piece]) -> Writer:
    """One writer of all pieces: a pattern with the constants, filled in by the writers."""
    whole = merged(pieces)
    writers = tuple(piece for piece in whole if not isinstance(piece, bytes))
    if not writers:
        text = b"".join(piece for piece in whole if isinstance(piece, bytes))
        return lambda values: text
    pattern = b"".join(piece.replace(b"%", b"%%") if isinstance(piece, bytes) else b"%b" for piece in whole)
    if len(writers) == 1:
        (only,) = writers
        return lambda values: pattern % only(values)
    return lambda values: pattern % tuple([write(values) for write in writers])
