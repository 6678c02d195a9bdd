"""A take: what is kept of a response for later requests of the session. Grammar:

    json PATH · header NAME · cookie NAME · regex RE · body, then [any] [else VALUE]

The first match counts; with `any` one of the matches, drawn. Without `else`, nothing found is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gluten.errors import WorkloadError
from gluten.workload.checks.condition import Value, pattern
from gluten.workload.checks.json_path import JsonPath
from gluten.workload.checks.response import Response, Unreadable
from gluten.workload.checks.subject import Subject, subject, word
from gluten.workload.draws import Draws
from gluten.workload.json_text import plain
from gluten.workload.templates.environment import with_env
from gluten.workload.templates.values import NO_NAMES, NOTHING, Names, Scope, Values
from gluten.workload.templates.words import shown

LONGEST = 4096
SOURCES = ("json", "header", "cookie", "regex", "body")

_QUOTED = re.compile(r"""\s*("[^"]*"|'[^']*')(?=\s|$)(.*)""", re.DOTALL)
_PLAIN = re.compile(r"(.*?)((?:\s+any)?(?:\s+else(?:\s.*)?)?)", re.DOTALL)
_END = re.compile(r"\s*(any(?=\s|$))?\s*(?:else\s+(\S.*))?", re.DOTALL)


@dataclass(frozen=True)
class Take:
    """`text` is as it was written. `names`: what the value behind `else` needs. `of_body`: it looks into the body.

    `path`: the first match of this path into JSON is taken. None: it is another take, or one of several matches is
    drawn."""

    text: str
    names: Names = field(default=NO_NAMES, compare=False, repr=False)
    of_body: bool = field(default=True, compare=False, repr=False)
    path: JsonPath | None = field(default=None, compare=False, repr=False)
    _find: Callable[[Response], Iterator[str]] = field(default=lambda _: iter(()), compare=False, repr=False)
    _any: Draws | None = field(default=None, compare=False, repr=False)
    _default: Value | None = field(default=None, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, scope: Scope = NOTHING, place: str = "") -> Take:
        """Raises `WorkloadError`, which quotes the take as it was written."""
        if len(text) > LONGEST:
            raise WorkloadError(f"{shown(text)}: a take has up to {LONGEST} characters")
        try:
            return _parse(text, with_env(text, scope.env), scope, place)
        except WorkloadError as error:
            raise WorkloadError(f"{shown(text)}: {error}") from None

    @property
    def required(self) -> bool:
        """Without `else`, a response without a match is not good."""
        return self._default is None

    def value(self, response: Response, values: Values) -> str | None:
        """What was taken. None: there is no match, and no `else`."""
        try:
            found = self._matches(response, values)
        except Unreadable:
            found = None
        if found is None and self._default is not None:
            return self._default.text(values)
        return found

    def _matches(self, response: Response, values: Values) -> str | None:
        if self._any is None:
            return next(self._find(response), None)
        matches = list(self._find(response))
        return matches[self._any.below(len(matches), values.number, values.step)] if matches else None


def _parse(text: str, expanded: str, scope: Scope, place: str) -> Take:
    kind, rest = word(expanded)
    if kind not in SOURCES:
        raise WorkloadError(f"a take begins with {', '.join(SOURCES)}")
    about, rest = (None, rest) if kind == "regex" else subject(kind, rest)
    find, rest = _regex(rest) if about is None else (_values(about), rest)
    end = _END.fullmatch(rest)
    if end is None:
        raise WorkloadError("only any and else VALUE can stand behind it")
    default = Value.parse(end[2].rstrip(), scope, place) if end[2] else None
    names = default.template.names if default else NO_NAMES
    return Take(
        text,
        names,
        kind not in ("header", "cookie"),
        about.path if about is not None and not end[1] else None,
        find,
        Draws(scope.seed, f"{place}#any") if end[1] else None,
        default,
    )


def _values(about: Subject) -> Callable[[Response], Iterator[str]]:
    find = about.find
    return lambda response: map(plain, find(response))


def _regex(rest: str) -> tuple[Callable[[Response], Iterator[str]], str]:
    """The pattern reaches to its closing quote; without quotes to ` any`, to ` else `, or to the end."""
    divided = _QUOTED.fullmatch(rest) or _PLAIN.fullmatch(rest)
    if divided is None or not divided[1]:
        raise WorkloadError("regex takes a regular expression, such as regex 'id=([0-9]+)'")
    compiled = pattern(divided[1])
    return lambda response: map(_group, compiled.finditer(response.text())), divided[2]


def _group(match: re.Match[str]) -> str:
    """Group 1, if there is one and it took part; else all that was matched."""
    return match[1] if match.re.groups and match[1] is not None else match[0]
