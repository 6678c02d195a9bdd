"""Reads an SLO: `WHAT [of NAME | of each] OP VALUE [for T | over T] [, else stop]`.

Every refusal is one line: the SLO, what is wrong, what is allowed. What people write for other load testers is answered
with what to write here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gluten.errors import TaskError
from gluten.slo.slo import OF_SESSIONS, RATES, TIMES, Measure, Point, Slo, What, Window
from gluten.slo.words import HINTS, ON_TIMES, ON_WHAT, SINGLE
from gluten.stats.request_stats import ERROR_KINDS, MAX_NAME
from gluten.units import UnitError, parse_duration, parse_rate

MAX_SLO = 300
"""Characters of one SLO."""
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<op><=|>=|==|<|>)|(?P<comma>,)|(?P<word>[^\s<>=,"']+)|(?P<odd>\S))"""
)
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,6})?|100)", re.ASCII)
_STATUS = re.compile(r"[1-9]\d\d|[1-5]xx", re.ASCII)
_WITHOUT_UNIT = re.compile(r"\d+(\.\d+)?", re.ASCII)
_ALLOWED = "p50 … p99.999, mean, max, rate, errors, status, checks, dropped, lateness"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text. `kind`: quoted, op, comma, word."""

    kind: str
    text: str


class Words:
    """The words of an SLO, from the left to the right."""

    def __init__(self, text: str) -> None:
        self.whole = text
        self._left = _tokens(text)

    def __bool__(self) -> bool:
        return bool(self._left)

    def peek(self) -> str:
        """The next word; empty at the end. A quoted text is no word."""
        return self._left[0].text if self._left and self._left[0].kind != "quoted" else ""

    def take(self, allowed: str) -> Token:
        """The next word, whatever it is. Raises `TaskError`, which says what is `allowed`."""
        if not self._left:
            raise self.wrong(f"it ends too early; {allowed}")
        return self._left.pop(0)

    def accept(self, *texts: str) -> bool:
        """Take the next words if they are these."""
        if [token.text for token in self._left[: len(texts)]] != list(texts):
            return False
        del self._left[: len(texts)]
        return True

    def wrong(self, why: str) -> TaskError:
        return TaskError("slo", f"slo: {self.whole!r}: {why}")


def parse(text: str) -> Slo:
    """The SLO that `text` writes. Raises `TaskError`."""
    text = text.strip()
    if not text or len(text) > MAX_SLO or not text.isprintable():
        raise TaskError("slo", f"slo: {text[:80]!r} is not a text of 1 to {MAX_SLO} printable characters")
    for pattern, answer in HINTS:
        if found := re.search(pattern, text):
            raise TaskError("slo", f"slo: {text!r}: {found.expand(answer)}")
    words = Words(text)
    what = _what(words)
    name, each = _name(words, what)
    op = _op(words)
    limit, share = _limit(words, what)
    window, span = _window(words)
    stop = words.accept(",", "else", "stop")
    if words:
        raise words.wrong(f"{words.take('').text!r} is one word too many; may follow: for T, over T, ', else stop'")
    slo = Slo(text, what, op, limit, name, each, share, window, span, stop)
    _check_stop(words, slo)
    return slo


def parse_all(texts: Sequence[str]) -> tuple[Slo, ...]:
    """The SLOs of a run. Raises `TaskError`."""
    return tuple(parse(text) for text in texts)


def _tokens(text: str) -> list[Token]:
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "odd"
        if kind == "odd":
            raise TaskError("slo", f"slo: {text!r}: {match[0].strip()!r} is not allowed here")
        found.append(Token(kind, match[kind]))
    return found


def _what(words: Words) -> What:
    first = words.take(f"allowed: {_ALLOWED}").text
    if (point := _point(first)) is not None:
        return What(Measure.RESPONSE, point)
    if first in ON_TIMES:
        return _of_times(words, first)
    if first == "status":
        code = words.take("a status or a class of it, such as 503 or 5xx").text.lower()
        if not _STATUS.fullmatch(code):
            raise words.wrong(f"{code!r} is not a status, such as 503, or a class of it, such as 5xx")
        return What(Measure.STATUS, None, code)
    if first == "errors":
        return What(Measure.ERRORS, None, _kind(words))
    if first == "good" and words.accept("rate"):
        return What(Measure.GOOD_RATE)
    if first in SINGLE:
        return What(SINGLE[first])
    raise words.wrong(f"{first!r} is not a measure; allowed: {_ALLOWED}")


def _of_times(words: Words, first: str) -> What:
    """`service p99`, `session rate`: a measure of several figures."""
    second = words.take(f"after {first} stands {ON_WHAT[first]}").text
    if first == "session" and second in ("rate", "errors"):
        return What(Measure.SESSION_RATE if second == "rate" else Measure.SESSION_ERRORS)
    point = _point(second)
    if point is None:
        raise words.wrong(f"{second!r}: after {first} stands {ON_WHAT[first]}")
    return What(ON_TIMES[first], point)


def _point(word: str) -> float | Point | None:
    if word in ("mean", "max"):
        return Point.MEAN if word == "mean" else Point.MAX
    found = _PERCENTILE.fullmatch(word)
    return float(found[1]) if found and float(found[1]) > 0 else None


def _kind(words: Words) -> str:
    """The kind of errors, if one is said."""
    word = words.peek()
    if not word or word in ("of", ",") or word[0] in "<>=":
        return ""
    if word not in ERROR_KINDS:
        raise words.wrong(f"{word!r} is not a kind of errors; allowed: {', '.join(ERROR_KINDS)}")
    return words.take("").text


def _name(words: Words, what: What) -> tuple[str, bool]:
    """Of which request, and whether of each."""
    if not words.accept("of"):
        return "", False
    if what.measure in (Measure.DROPPED, Measure.LATENESS):
        raise words.wrong("dropped and lateness are of the whole run: leave the name out")
    token = words.take("after 'of' stands the name of a request, or each")
    if token.kind == "word" and token.text == "each":
        return "", True
    name = token.text[1:-1] if token.kind == "quoted" else token.text
    if token.kind not in ("quoted", "word") or not 1 <= len(name) <= MAX_NAME:
        raise words.wrong(f"{token.text!r} is not a name of 1 to {MAX_NAME} characters")
    if token.kind == "word" and not re.fullmatch(r"[\w\-./]+", name):
        raise words.wrong(f"{name!r}: a name with more than letters, digits and -_./ stands in quotes")
    return name, False


def _op(words: Words) -> str:
    token = words.take("after the measure stands < <= > >= or ==")
    if token.kind != "op":
        raise words.wrong(f"{token.text!r}: after the measure stands < <= > >= or ==")
    return token.text


def _limit(words: Words, what: What) -> tuple[float, bool]:
    """The value in the report's unit, and whether it is a share."""
    text = words.take(f"after the comparison stands {_wanted(what)}").text
    measure = what.measure
    try:
        if measure in TIMES:
            if _WITHOUT_UNIT.fullmatch(text):
                raise words.wrong(f"{text!r} has no unit: write {text}ms or {text}s")
            return round(parse_duration(text) * 1e6, 3), False
        if measure in RATES:
            return parse_rate(text.removesuffix("/s")), False
        if text.endswith("%"):
            return _percent(words, text), True
        if measure is Measure.CHECKS:
            raise words.wrong(f"{text!r}: write it in per cent, such as 99%")
        return parse_rate(text), False
    except UnitError as error:
        raise words.wrong(f"{error}; {_wanted(what)}") from None


def _percent(words: Words, text: str) -> float:
    value = parse_rate(text[:-1])
    if value > 100:
        raise words.wrong(f"{text} is more than 100%")
    return value / 100


def _wanted(what: What) -> str:
    if what.measure in TIMES:
        return "a time with its unit, such as 250ms"
    if what.measure in RATES:
        return "a rate, such as 2k"
    return "a share, such as 1%" if what.measure is Measure.CHECKS else "a share, such as 1%, or a number, such as 10"


def _window(words: Words) -> tuple[Window, int]:
    for word, window in (("for", Window.FOR), ("over", Window.OVER)):
        if words.accept(word):
            return window, _span(words, words.take(f"after {word} stands a time, such as 10s").text)
    return Window.WHOLE, 0


def _span(words: Words, text: str) -> int:
    try:
        seconds = parse_duration(text)
    except UnitError as error:
        raise words.wrong(str(error)) from None
    if seconds < 1 or seconds != int(seconds) or seconds > 86400:
        raise words.wrong(f"{text!r}: a window has whole seconds, from 1s to 24h")
    return int(seconds)


def _check_stop(words: Words, slo: Slo) -> None:
    if not slo.stop or slo.window is not Window.WHOLE:
        return
    vague = slo.what.measure in RATES | {Measure.LATENESS} or slo.what.point is Point.MEAN
    if vague:
        raise words.wrong("a mean, a rate or a lateness can recover: say for how long, such as 'for 10s, else stop'")


def of_sessions(slo: Slo) -> bool:
    """It is about sessions or groups, which only a workload with scenarios has."""
    return slo.what.measure in OF_SESSIONS
