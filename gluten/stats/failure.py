"""The first failures of a request, kept whole: what was sent, what was answered. So a person sees why it was not good.

Of each kind the first one is kept: a kind is an error's kind, `status N`, or a check's text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

MAX_KINDS = 20
"""How many kinds of failures of one request are kept: the earliest ones."""
MAX_KIND = 1000
MAX_BODY = 4 << 10
"""Characters of a body that are kept."""
MAX_HEADERS = 64
MAX_TEXT = 8 << 10
"""Characters of a URL or of a header that are kept."""

Headers = tuple[tuple[str, str], ...]


class Sent(NamedTuple):
    """The request. Its secrets were left out where it was made."""

    method: str = ""
    url: str = ""
    headers: Headers = ()
    body: str = ""


class Answer(NamedTuple):
    """The response, as far as it came."""

    status: int = 0
    headers: Headers = ()
    body: str = ""


class Failure(NamedTuple):
    """One request that was not good. `second` is a run-second, `trace` a trace id or empty."""

    second: int
    node: str
    sent: Sent = Sent()
    answer: Answer | None = None
    text: str = ""
    trace: str = ""

    @property
    def rank(self) -> tuple[Any, ...]:
        """The earliest comes first; of one second the order is the same wherever it is asked for."""
        return (self.second, self.node, self.trace, repr(self.answer), repr(self.sent), self.text)

    def to_map(self) -> dict[str, Any]:
        """Plain values."""
        answer = None if self.answer is None else _plain(self.answer)
        return self._asdict() | {"sent": _plain(self.sent), "answer": answer}

    @classmethod
    def from_map(cls, plain: Mapping[str, Any]) -> Failure:
        """The inverse, for values from the wire. Raises ValueError, KeyError, TypeError, AttributeError."""
        sent, answer = plain["sent"], plain["answer"]
        return cls(
            _whole(plain["second"], 1 << 40),
            _text(plain["node"], MAX_TEXT),
            Sent(_text(sent["method"], MAX_TEXT), _text(sent["url"], MAX_TEXT), *_rest(sent)),
            None if answer is None else Answer(_whole(answer["status"], 999), *_rest(answer)),
            _text(plain["text"], MAX_TEXT),
            _text(plain["trace"], MAX_TEXT),
        )


def earliest(kept: Mapping[str, Failure], more: Mapping[str, Failure]) -> dict[str, Failure]:
    """The first of each kind, and of the kinds the `MAX_KINDS` earliest: the same in whatever order they are merged."""
    first = dict(kept)
    for kind, failure in more.items():
        known = first.get(kind)
        if known is None or failure.rank < known.rank:
            first[kind] = failure
    return dict(sorted(first.items(), key=lambda item: (item[1].rank, item[0]))[:MAX_KINDS])


def read_failures(plain: Any) -> dict[str, Failure]:
    """Failures by kind, from the wire. Raises ValueError and what `Failure.from_map` raises."""
    if type(plain) is not dict or len(plain) > MAX_KINDS:
        raise ValueError(f"failures are a map of at most {MAX_KINDS} kinds")
    return {_text(kind, MAX_KIND): Failure.from_map(failure) for kind, failure in plain.items()}


def printable(text: str, most: int = MAX_TEXT) -> str:
    """A text as terminals, databases and JSON take it; line breaks are kept."""
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text[:most])


def _plain(part: Sent | Answer) -> dict[str, Any]:
    return part._asdict() | {"headers": [list(pair) for pair in part.headers]}


def _rest(part: Mapping[str, Any]) -> tuple[Headers, str]:
    return _headers(part["headers"]), _text(part["body"], MAX_BODY)


def _headers(pairs: Iterable[Any]) -> Headers:
    found = tuple((_text(name, MAX_TEXT), _text(value, MAX_TEXT)) for name, value in pairs)
    if len(found) > MAX_HEADERS:
        raise ValueError(f"a kept failure has at most {MAX_HEADERS} headers")
    return found


def _text(value: Any, most: int) -> str:
    if type(value) is not str or len(value) > most:
        raise ValueError(f"a kept failure's text has at most {most} characters")
    return printable(value, most)


def _whole(value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{value!r} is not a whole number up to {most}")
    return value
