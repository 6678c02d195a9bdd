"""A check: what must be true of a response. Grammar:

    [not] status OP N · status in N N · status 2xx · time OP T · size OP N · json PATH count OP N
    [not] header NAME · cookie NAME · body · json PATH, then exists · contains VALUE · matches RE · OP VALUE

A check is a text, parsed once. `holds` says whether it is true of one response.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gluten.errors import WorkloadError
from gluten.units import UnitError, parse_duration, parse_size
from gluten.workload.checks.condition import Condition, condition, split_operator
from gluten.workload.checks.response import Response, Unreadable
from gluten.workload.checks.subject import Subject, subject, word
from gluten.workload.json_text import Json
from gluten.workload.templates.environment import with_env
from gluten.workload.templates.values import NO_NAMES, NOTHING, Names, Scope, Values
from gluten.workload.templates.words import shown

LONGEST = 4096
SUBJECTS = ("status", "time", "size", "header", "cookie", "body", "json")

_STATUS = re.compile("[1-5][0-9][0-9]")
_CLASS = re.compile("([1-5])xx", re.IGNORECASE)
_STATUS_HELP = "status == 200, status < 400, status in 200 204, or status 2xx"
_UNITS = re.compile("us|ms|s|m|h", re.IGNORECASE)


IsTrue = Callable[[Response, Values], bool]


@dataclass(frozen=True)
class Check:
    """`text` is as it was written, and the check's name in reports.

    `subject` is its first word, without `not`. `of_bytes`: its outcome depends on the response's bytes alone, so it
    can be kept beside them. `names`: what its VALUE needs. `needle`: it is true where these bytes stand in a
    body of UTF-8.
    """

    text: str
    subject: str
    of_bytes: bool
    names: Names = field(default=NO_NAMES, compare=False, repr=False)
    needle: bytes | None = field(default=None, compare=False, repr=False)
    _is_true: IsTrue = field(default=lambda *_: False, compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, scope: Scope = NOTHING, place: str = "") -> Check:
        """Raises `WorkloadError`, which quotes the check as it was written."""
        if len(text) > LONGEST:
            raise WorkloadError(f"{shown(text)}: a check has up to {LONGEST} characters")
        try:
            return _parse(text, with_env(text, scope.env), scope, place)
        except WorkloadError as error:
            raise WorkloadError(f"{shown(text)}: {error}") from None

    def holds(self, response: Response, values: Values) -> bool:
        """Where the body cannot be read, a check of it fails, also behind `not`."""
        try:
            return self._is_true(response, values)
        except Unreadable:
            return False


def _parse(text: str, expanded: str, scope: Scope, place: str) -> Check:
    kind, rest = word(expanded)
    negated = kind == "not"
    if negated:
        kind, rest = word(rest)
    if kind not in SUBJECTS:
        raise WorkloadError(f"a check begins with {', '.join(SUBJECTS)}, or not in front of one of these")
    measured = _measure(kind, rest)
    if measured is not None:
        return Check(text, kind, kind != "time", NO_NAMES, None, _negated(measured) if negated else measured)
    about, found = _subject(kind, rest, scope, place)
    find, test = about.find, found.test

    def is_true(response: Response, values: Values) -> bool:
        return test(find(response), values)

    needle = None if negated or kind != "body" else _needle(found.part)
    return Check(text, kind, found.constant, found.names, needle, _negated(is_true) if negated else is_true)


def _needle(part: str | None) -> bytes | None:
    """The text in bytes. What is not UTF-8 in a body is read as U+FFFD, so that one is left out."""
    if part is None or "\ufffd" in part:
        return None
    try:
        return part.encode()
    except UnicodeEncodeError:
        return None


def _negated(is_true: IsTrue) -> IsTrue:
    return lambda response, values: not is_true(response, values)


def _measure(kind: str, rest: str) -> IsTrue | None:
    """Of what is a number of each response: no value has to be looked for."""
    match kind:
        case "status":
            of_status = _status(rest)
            return lambda response, _: of_status(response.status)
        case "time":
            of_time = _comparison(rest, _time, "time < 500ms")
            return lambda response, _: of_time(response.time)
        case "size":
            of_size = _comparison(rest, _size, "size < 64k")
            return lambda response, _: of_size(len(response.body))
    return None


def _subject(kind: str, rest: str, scope: Scope, place: str) -> tuple[Subject, Condition]:
    about, rest = subject(kind, rest)
    verb, behind = word(rest)
    if verb == "count" and about.path is not None:
        return about, _count(about, behind)
    return about, condition(about, rest, scope, place)


def _status(rest: str) -> Callable[[int], bool]:
    if of_class := _CLASS.fullmatch(rest):
        first = int(of_class[1])
        return lambda status: status // 100 == first
    if _STATUS.fullmatch(rest):
        raise WorkloadError(f"write status == {rest}")
    verb, behind = word(rest)
    if verb == "in" and (numbers := frozenset(_status_number(text) for text in re.split(r"[\s,]+", behind))):
        return lambda status: status in numbers
    return _comparison(rest, _status_number, _STATUS_HELP)


def _status_number(text: str) -> int:
    if not _STATUS.fullmatch(text):
        raise WorkloadError(f"a status is a number from 100 to 599: {_STATUS_HELP}")
    return int(text)


def _comparison(rest: str, read: Callable[[str], float], example: str) -> Callable[[float], bool]:
    """`OP N`, as a test of a number."""
    compared = split_operator(rest)
    if compared is None:
        hint = " (equal is ==)" if rest.startswith("=") else ""
        raise WorkloadError(f"write one of == != < <= > >= and a number behind it, such as {example}{hint}")
    compare, wanted = compared[0], read(compared[1])
    return lambda found: compare(found, wanted)


def _time(text: str) -> float:
    if not _UNITS.search(text):
        raise WorkloadError("the time has no unit: write us, ms, s, m or h behind it, such as 500ms")
    return _with_unit(parse_duration, text, "a time has us, ms, s, m or h behind its number, such as 500ms")


def _size(text: str) -> float:
    return _with_unit(parse_size, text, "a size is a number of bytes, also with k, M or G, such as 64k")


def _with_unit(parse: Callable[[str], float], text: str, allowed: str) -> float:
    try:
        return parse(text)
    except UnitError:
        raise WorkloadError(allowed) from None


def _count(about: Subject, rest: str) -> Condition:
    is_true = _comparison(rest, _whole, "json $.items count > 0")
    has_many = about.path is not None and about.path.has_many
    return Condition(lambda found, _: is_true(_counted(found, has_many)))


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]{1,15}", text):
        raise WorkloadError("a count is a whole number, such as json $.items count > 0")
    return int(text)


def _counted(found: Sequence[Json], has_many: bool) -> int:
    """The matches of a path with `[*]`; else the elements or members of what was found, or 1."""
    if has_many or not found:
        return len(found)
    return len(found[0]) if isinstance(found[0], list | dict) else 1
