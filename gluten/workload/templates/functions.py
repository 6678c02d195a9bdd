"""The functions of `{{…}}`: a table from a name to what makes its getter.

What is drawn follows from the seed, the session's number, its step and the place in the file. `uuid` and `now` come
from `Values`, because this package knows neither clock nor chance.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gluten.errors import WorkloadError
from gluten.workload.draws import Draws
from gluten.workload.json_text import Json, plain
from gluten.workload.templates.values import Values
from gluten.workload.templates.words import shown

Getter = Callable[[Values], Json]

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_LONGEST = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    """A function's arguments, where they stand, and what it draws from."""

    arguments: Sequence[str]
    source: str
    draws: Draws

    def refuse(self, allowed: str) -> WorkloadError:
        return WorkloadError(f"{shown(self.source)}: {allowed}")


def _seq(call: Call) -> Getter:
    _alone(call, "seq")
    return lambda values: str(values.number)


def _run(call: Call) -> Getter:
    _alone(call, "run")
    return lambda values: values.run


def _uuid(call: Call) -> Getter:
    _alone(call, "uuid")
    return lambda values: values.uuid()


def _alone(call: Call, name: str) -> None:
    if call.arguments:
        raise call.refuse(f"{name} stands alone: {{{{{name}}}}}")


def _int(call: Call) -> Getter:
    if len(call.arguments) != 2 or not all(_WHOLE.fullmatch(word) for word in call.arguments):
        raise call.refuse("int A B takes two whole numbers of up to 18 digits, such as {{int 1 6}}")
    low, high = (int(word) for word in call.arguments)
    if low > high:
        raise call.refuse(f"int A B takes the lower number first: {{{{int {high} {low}}}}}")
    below, size = call.draws.below, high - low + 1
    return lambda values: str(low + below(size, values.number, values.step))


def _text(call: Call) -> Getter:
    words = call.arguments
    if len(words) != 1 or not re.fullmatch("[0-9]{1,5}", words[0]) or not 1 <= int(words[0]) <= _LONGEST:
        raise call.refuse(f"text N takes a whole number from 1 to {_LONGEST}, such as {{{{text 8}}}}")
    letters, length = call.draws.letters, int(words[0])
    return lambda values: letters(length, values.number, values.step)


def _pick(call: Call) -> Getter:
    if not call.arguments:
        raise call.refuse("pick takes what it may pick, such as {{pick red green}}")
    words, count, below = tuple(call.arguments), len(call.arguments), call.draws.below
    return lambda values: words[below(count, values.number, values.step)]


def _now(call: Call) -> Getter:
    match tuple(call.arguments):
        case ():
            return _Rfc3339()
        case ("s",):
            return lambda values: str(int(values.clock()))
        case ("ms",):
            return lambda values: str(int(values.clock() * 1000))
    raise call.refuse("now is written {{now}}, {{now s}} or {{now ms}}")


class _Rfc3339:
    """RFC 3339, UTC, with milliseconds. The text of the current second is kept."""

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def __call__(self, values: Values) -> str:
        millis = int(values.clock() * 1000)
        second, rest = divmod(millis, 1000)
        if second != self._second:
            self._second = second
            self._text = (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.")
        return f"{self._text}{rest:03d}Z"


def base64_of(value: Json) -> str:
    """RFC 4648, section 4, of the value's UTF-8."""
    return b64encode(plain(value).encode("utf-8", "replace")).decode("ascii")


FUNCTIONS: dict[str, Callable[[Call], Getter]] = {
    "seq": _seq,
    "run": _run,
    "int": _int,
    "text": _text,
    "uuid": _uuid,
    "now": _now,
    "pick": _pick,
}
WRAPPERS = ("raw", "base64")
"""These stand in front of a name, a function or a text."""

USAGE = "seq, run, int A B, text N, uuid, now, pick A B, base64 X, raw X, env NAME"
EVERY_NAME = frozenset([*FUNCTIONS, *WRAPPERS, "env"])
