"""What one `{{…}}` stands for: a column of a feed, a name of the file, a function, or a text.

A single word that the file defines is that name, even if a function is called so. Words behind it make it a function,
because a name takes none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gluten.errors import TemplateFailure, WorkloadError
from gluten.workload.draws import Draws
from gluten.workload.json_text import Json, plain
from gluten.workload.templates.environment import asked, value_of
from gluten.workload.templates.functions import EVERY_NAME, FUNCTIONS, USAGE, WRAPPERS, Call, Getter, base64_of
from gluten.workload.templates.values import NO_NAMES, Names, Scope, Values
from gluten.workload.templates.words import Hole, Word, shown

_NAME = re.compile(r"\w+")
_COLUMN = re.compile(r"""(\w+)(?:\.([^\s.\[\]'"]+)|\[(?:'([^']*)'|"([^"]*)")\])""")


@dataclass(frozen=True, slots=True)
class Expression:
    """A getter, or a constant. `literal`: the constant counts as if it had been written in the file."""

    get: Getter
    names: Names = NO_NAMES
    constant: str | None = None
    literal: bool = False
    raw: bool = False


def expression(hole: Hole, scope: Scope, place: str) -> Expression:
    """Raises `WorkloadError`. `place` is where the hole stands in the file: what it draws depends on it."""
    return _Reader(hole.source, scope, place).value(hole.words)


@dataclass(frozen=True, slots=True)
class _Reader:
    source: str
    scope: Scope
    place: str

    def value(self, words: Sequence[Word]) -> Expression:
        first, rest = words[0], words[1:]
        if rest and not first.quoted:
            return self._function(first.text, rest)
        if rest:
            raise self._refuse(f"nothing can stand behind the text '{shown(first.text)}'")
        return _constant(first.text, NO_NAMES, literal=True) if first.quoted else self._word(first.text)

    def _word(self, word: str) -> Expression:
        if column := _COLUMN.fullmatch(word):
            return _column(column[1], next(text for text in column.groups()[1:] if text is not None))
        if not _NAME.fullmatch(word):
            raise self._refuse(f"{shown(word)} is neither a name, FEED.COLUMN nor a function{_hint(word)}")
        if word in self.scope.constants:
            return _constant(self.scope.constants[word], Names(words=frozenset([word])))
        if word in self.scope.names or word not in EVERY_NAME:
            return _name(word)
        return self._function(word, [])

    def _function(self, name: str, rest: Sequence[Word]) -> Expression:
        if name in WRAPPERS:
            return self._wrapped(name, rest)
        if name == "env":
            return self._env(rest)
        if name not in FUNCTIONS:
            raise self._refuse(f"{shown(name)} is not a function: {USAGE} are")
        draws = Draws(self.scope.seed, self.place)
        getter = FUNCTIONS[name](Call([word.text for word in rest], self.source, draws))
        return Expression(getter, Names(functions=frozenset([name])))

    def _wrapped(self, name: str, rest: Sequence[Word]) -> Expression:
        if not rest:
            raise self._refuse(f"{name} stands in front of a name, a function or a text in quotes")
        if name == "raw":
            inner = self.value(rest)
            return Expression(inner.get, inner.names, inner.constant, inner.literal, raw=True)
        return _base64(self._text_or_value(rest))

    def _text_or_value(self, words: Sequence[Word]) -> Expression:
        """Of `base64 X`: a single word that cannot be a name or a column is a text, such as `ann:pw`."""
        word = words[0]
        is_text = len(words) == 1 and not (_NAME.fullmatch(word.text) or _COLUMN.fullmatch(word.text))
        return _constant(word.text, NO_NAMES, literal=True) if is_text else self.value(words)

    def _env(self, rest: Sequence[Word]) -> Expression:
        wanted = asked([Word("env", False), *rest], self.source)
        if wanted is None:
            raise self._refuse("env takes a name and perhaps a default, such as {{env PORT 8080}}")
        text = value_of(wanted, self.scope.env, self.source)
        return _constant(text, Names(functions=frozenset(["env"])), literal=True)

    def _refuse(self, why: str) -> WorkloadError:
        return WorkloadError(f"{shown(self.source)}: {why}")


def _hint(word: str) -> str:
    """What the word may have been meant as: `uuid()`, and `$uuid` of Postman, are `uuid` here."""
    name = word.strip("$()")
    return f": write {{{{{name}}}}}" if name != word and _NAME.fullmatch(name) else ""


def _constant(text: str, names: Names, literal: bool = False) -> Expression:
    return Expression(lambda values: text, names, text, literal)


def _column(feed: str, column: str) -> Expression:
    def get(values: Values) -> Json:
        try:
            return values.rows[feed][column]
        except KeyError:
            raise TemplateFailure(f"the row of {feed} has no column {shown(column)}") from None

    return Expression(get, Names(columns=frozenset([(feed, column)])))


def _name(name: str) -> Expression:
    def get(values: Values) -> Json:
        return values.taken.get(name) or values.name(name)

    return Expression(get, Names(words=frozenset([name])))


def _base64(inner: Expression) -> Expression:
    names = inner.names | Names(functions=frozenset(["base64"]))
    if inner.constant is not None:
        return _constant(base64_of(inner.constant), names)
    get = inner.get
    return Expression(lambda values: base64_of(plain(get(values))), names)
