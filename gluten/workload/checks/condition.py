"""What must be true of the values that a subject finds: `exists`, `contains VALUE`, `matches RE`, `OP VALUE`.

One value suffices. In JSON a number, a text, true, false and null are different things. Elsewhere all is text, and
`<` compares it as numbers.
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gluten.errors import WorkloadError
from gluten.workload.checks.subject import Subject, word
from gluten.workload.json_text import Json, Number, is_literal, loads, plain
from gluten.workload.templates.environment import expand_env
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import NO_NAMES, Names, Scope, Values

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CONDITION_HELP = "exists, contains VALUE, matches RE, or one of == != < <= > >= and a VALUE"

_OPERATOR = re.compile(r"\s*(==|!=|<=|>=|<|>)\s*(.+)", re.DOTALL)
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,400}(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,9})?\s*")
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,400}\s*")

Test = Callable[[Sequence[Json], Values], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """`constant`: its outcome depends on the found values alone. `part`: it asks whether a text contains this one."""

    test: Test
    constant: bool = True
    names: Names = NO_NAMES
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A VALUE. Without quotes a number, true, false and null have their types in JSON."""

    template: Template
    is_quoted: bool

    @classmethod
    def parse(cls, text: str, scope: Scope, place: str) -> Value:
        is_quoted = text[:1] in ("'", '"')
        if is_quoted and (len(text) == 1 or text[-1] != text[0]):
            raise WorkloadError(f"the quote {text[0]} is not closed at the end")
        return cls(Template.parse(text[1:-1] if is_quoted else text, scope, place), is_quoted)

    def text(self, values: Values) -> str:
        return self.template.text_of(values)

    def typed(self, text: str) -> Json:
        """What the text is in JSON."""
        return loads(text) if not self.is_quoted and is_literal(text) else text


def split_operator(text: str) -> tuple[Callable[[Any, Any], bool], str] | None:
    """An operator and what follows it."""
    found = _OPERATOR.fullmatch(text)
    return (OPERATORS[found[1]], found[2].strip()) if found else None


def condition(about: Subject, text: str, scope: Scope, place: str) -> Condition:
    """Raises `WorkloadError`."""
    if compared := split_operator(text):
        return _compared(about, *compared, scope, place)
    verb, rest = word(text)
    if verb == "exists" and not rest:
        # There is always a body. It exists if it has a byte.
        return Condition(lambda found, _: any(found) if about.kind == "body" else bool(found))
    if verb == "contains" and rest:
        return _contains(about, Value.parse(rest, scope, place))
    if verb == "matches" and rest:
        return _matches(pattern(rest))
    hint = " (equal is ==)" if text.startswith("=") else ""
    raise WorkloadError(f"{CONDITION_HELP} must follow {about.kind}{hint}")


def _compared(about: Subject, compare: Callable[[Any, Any], bool], text: str, scope: Scope, place: str) -> Condition:
    value = Value.parse(text, scope, place)
    is_order = compare not in (operator.eq, operator.ne)
    fixed = value.template.fixed
    if is_order and not about.is_json and fixed is not None and number(fixed) is None:
        raise WorkloadError(f"{about.kind} is compared as a number by < <= > >=, so a number must follow")
    if about.is_json:
        return _condition(value, lambda found, wanted: _compare_json(compare, found, wanted), value.typed)
    if is_order:
        return _condition(value, lambda found, wanted: _compare_numbers(compare, found, wanted), str)
    return _condition(value, lambda found, wanted: compare(plain(found), wanted), str)


def _condition(value: Value, test: Callable[[Json, Any], bool], read: Callable[[str], Json]) -> Condition:
    """`read` makes of the VALUE's text what is compared. That of a constant is made once."""
    fixed = value.template.fixed
    if fixed is not None:
        wanted = read(fixed)
        return Condition(lambda found, _: _any(test, found, wanted), names=value.template.names)
    return Condition(
        lambda found, values: bool(found) and _any(test, found, read(value.text(values))), False, value.template.names
    )


def _any(test: Callable[[Json, Any], bool], found: Sequence[Json], wanted: Json) -> bool:
    # A generator would be half the price of a check.
    for item in found:  # noqa: SIM110
        if test(item, wanted):
            return True
    return False


def _contains(about: Subject, value: Value) -> Condition:
    """A text has it as a part, an array as an element."""

    def test(found: Json, wanted: Json) -> bool:
        if isinstance(found, list):
            return any(_equal(item, wanted) for item in found)
        return plain(wanted) in plain(found)

    made = _condition(value, test, value.typed if about.is_json else str)
    return made if about.is_json else replace(made, part=value.template.fixed)


def _matches(found_by: re.Pattern[str]) -> Condition:
    return Condition(lambda found, _: any(found_by.search(plain(item)) for item in found))


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression of Python. Quotes around it, if it has none inside, do not belong to it."""
    text = expand_env(text, {})
    if text[:1] in ("'", '"') and len(text) > 1 and text.find(text[0], 1) == len(text) - 1:
        text = text[1:-1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(text)
    except re.error as error:
        where = f" at character {error.pos + 1}" if error.pos is not None else ""
        raise WorkloadError(f"the regular expression is wrong{where}: {error.msg}") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise WorkloadError(f"the regular expression is wrong: {error}") from None


def number(text: str) -> int | float | None:
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def _compare_numbers(compare: Callable[[Any, Any], bool], found: Json, wanted: str) -> bool:
    left, right = number(plain(found)), number(wanted)
    return left is not None and right is not None and compare(left, right)


def _compare_json(compare: Callable[[Any, Any], bool], found: Json, wanted: Json) -> bool:
    if compare is operator.eq or compare is operator.ne:
        return compare(_equal(found, wanted), True)
    if isinstance(found, Number) and isinstance(wanted, Number):
        return compare(found.value(), wanted.value())
    return type(found) is str and type(wanted) is str and compare(found, wanted)


def _equal(found: Json, wanted: Json) -> bool:
    if isinstance(found, Number) and isinstance(wanted, Number):
        return found.value() == wanted.value()
    return type(found) is type(wanted) and found == wanted
