"""The texts of steps: pauses, how often, how likely, and conditions. Raises `WorkloadError`."""

from __future__ import annotations

import math
import re

from gluten.errors import WorkloadError
from gluten.units import UnitError, parse_count, parse_duration
from gluten.workload.checks.condition import Condition, condition
from gluten.workload.checks.subject import Subject, word
from gluten.workload.scenarios.steps import Think
from gluten.workload.templates.environment import with_env
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Scope
from gluten.workload.templates.words import Hole, split

LONGEST_PAUSE = 86400.0
LONGEST_OF_EXP = 10
"""An exponential pause is at most so many times its mean."""
PAUSE_HELP = "'2s', '1s..3s' or 'exp 2s'"
TIMES_HELP = "3 or '1..4'"
IF_HELP = "'{{plan}} == gold': a template, then one of == != < <= > >=, contains or matches, and a value"

_EXP = re.compile(r"exp\s+(\S+)")
_VERB = re.compile(r"\s*(==|!=|<=|>=|<|>|(?<=\s)(?:contains|matches|exists)\b)")
_TEXT = Subject("a value", lambda _: ())


def pause(text: str) -> Think:
    """`2s`, `1s..3s` (even) or `exp 2s` (at most ten times that)."""
    text = text.strip()
    if found := _EXP.fullmatch(text):
        mean = _seconds(found[1])
        return Think(mean, mean * LONGEST_OF_EXP, exponential=True)
    low, _, high = text.partition("..")
    think = Think(_seconds(low), _seconds(high if ".." in text else low))
    if think.low > think.high:
        raise WorkloadError(f"{text[:40]!r}: the shorter pause stands first, such as '1s..3s'")
    return think


def times(text: str, most: int) -> tuple[int, int]:
    """`3` or `1..4`."""
    low, dots, high = text.partition("..")
    try:
        found = parse_count(low), parse_count(high if dots else low)
    except UnitError:
        raise WorkloadError(f"{text[:40]!r} is not how often: write {TIMES_HELP}") from None
    if not found[0] <= found[1] or not 1 <= found[1] <= most:
        raise WorkloadError(f"{text[:40]!r}: must be from 1 to {most:,}, and the smaller number stands first")
    return found


def share(number: float) -> float:
    """A probability."""
    if not 0 <= number <= 1:
        hint = f": {number:g} % is {number / 100:g}" if 1 < number <= 100 else ""
        raise WorkloadError(f"must be a number from 0 to 1, such as 0.7{hint}")
    return float(number)


def if_of(text: str, scope: Scope, place: str) -> tuple[Template, Condition]:
    """What is compared, and what must be true of it. `not` may stand in front."""
    negated, rest = _without_not(text)
    end = _end_of_left(rest)
    if "{{" not in rest:
        raise WorkloadError(f"{text[:60]!r}: has no template, so it never changes: write {IF_HELP}")
    found = _condition(with_env(rest[end:], scope.env), scope, f"{place}#value")
    return Template.parse(rest[:end].strip(), scope, place), _negated(found) if negated else found


def _condition(text: str, scope: Scope, place: str) -> Condition:
    """Something that was not taken is an empty text, and does not exist."""
    if text.strip() == "exists":
        return Condition(lambda found, _: any(found))
    return condition(_TEXT, text, scope, place)


def _without_not(text: str) -> tuple[bool, str]:
    first, rest = word(text)
    return (True, rest) if first == "not" else (False, text)


def _end_of_left(text: str) -> int:
    """Where the operator begins: behind the templates of the left side."""
    position = 0
    for part in split(text):
        source = part.source if isinstance(part, Hole) else part
        if isinstance(part, str) and (found := _VERB.search(part)):
            return position + found.start(1)
        position += len(source)
    raise WorkloadError(f"{text[:60]!r} is no condition: write {IF_HELP}")


def _negated(found: Condition) -> Condition:
    test = found.test
    return Condition(lambda values, session: not test(values, session), found.constant, found.names)


def _seconds(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except UnitError:
        raise WorkloadError(f"{text[:40]!r} is not a pause: write {PAUSE_HELP}") from None
    if not math.isfinite(seconds) or seconds > LONGEST_PAUSE:
        raise WorkloadError(f"{text[:40]!r}: a pause is at most {LONGEST_PAUSE / 3600:.0f}h")
    return seconds
