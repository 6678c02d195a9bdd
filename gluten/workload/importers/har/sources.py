"""What an answer gives that a later request may use, each with the `take` that finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gluten.errors import WorkloadError
from gluten.task.secrets import is_secret
from gluten.workload.checks.response import Response, Unreadable
from gluten.workload.checks.take import Take
from gluten.workload.importers.recording import Answer
from gluten.workload.importers.strength import is_called_id
from gluten.workload.json_text import Json, Number, loads
from gluten.workload.templates.values import Values

MOST_LEAVES = 100_000

_MEMBER = re.compile(r"[^\s.\[\]'\"*=<>!]+")
_TAG = re.compile(r"<(?:input|meta)\b[^<>]{0,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*("[^"]*"|'[^']*')""")
_CODED = ("content-encoding", "transfer-encoding", "content-type")


class Source(NamedTuple):
    """`take` finds `value`. `words` lead to it: the last is its name."""

    take: str
    value: str
    words: tuple[str, ...]

    @property
    def is_id(self) -> bool:
        return is_called_id(self.words[-1] if self.words else "")


def sources_of(answer: Answer) -> Iterator[Source]:
    """Headers first: a Location outranks what the body says of the same thing."""
    yield from _headers(answer)
    if answer.text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        yield from _leaves(answer.text)
    elif "<" in answer.text:
        yield from _fields(answer.text)


def found(take: str, answer: Answer) -> str | None:
    """What the take finds in the answer, by the rules of a run."""
    headers = [pair for pair in answer.headers if pair[0].lower() not in _CODED]
    response = Response(answer.status, headers, answer.text.encode("utf-8", "replace"))
    try:
        return Take.parse(take).value(response, Values(0, "", lambda: 0.0, str, {}))
    except (Unreadable, WorkloadError):
        return None


def _headers(answer: Answer) -> Iterator[Source]:
    for name, text in answer.headers:
        if name.lower() == "set-cookie":
            cookie, _, rest = text.partition("=")
            yield Source(f"cookie {_argument(cookie.strip())}", rest.partition(";")[0].strip(), (cookie.strip(),))
        elif name.lower() == "location" or is_secret(name) or is_called_id(name):
            yield Source(f"header {_argument(name)}", text.strip(), (name,))


def _argument(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _leaves(text: str) -> Iterator[Source]:
    try:
        root = loads(text.lstrip("\ufeff"))
    except ValueError:
        return
    pending: list[tuple[tuple[str | int, ...], Json]] = [((), root)]
    count = 0
    while pending and count < MOST_LEAVES:
        steps, value = pending.pop()
        if isinstance(value, dict):
            pending += [((*steps, name), item) for name, item in reversed(value.items())]
        elif isinstance(value, list):
            pending += [((*steps, index), value[index]) for index in range(len(value) - 1, -1, -1)]
        elif isinstance(value, (str, Number)):
            count += 1
            yield Source(_json_take(steps), str(value), tuple(step for step in steps if isinstance(step, str)))


def _json_take(steps: tuple[str | int, ...]) -> str:
    return "json $" + "".join(map(_step, steps))


def _step(step: Any) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _MEMBER.fullmatch(step):
        return f".{step}"
    quote = '"' if "'" in step else "'"
    return f"[{quote}{step}{quote}]"


def _fields(text: str) -> Iterator[Source]:
    """Hidden fields of forms, and `<meta name="csrf-token" content="…">`."""
    for tag in _TAG.finditer(text):
        attributes = {name.lower(): given[1:-1] for name, given in _ATTRIBUTE.findall(tag[0])}
        given = "content" if tag[0][:5].lower() == "<meta" else "value"
        if attributes.get("name") and attributes.get(given):
            yield Source(_regex(tag[0], given), attributes[given], (attributes["name"],))


def _regex(tag: str, given: str) -> str:
    """A pattern with the tag's name and the value, in the order and the quotes that they have there."""
    parts = []
    for name, text in _ATTRIBUTE.findall(tag):
        quote = r"\x22" if text[0] == '"' else r"\x27"
        if name.lower() == "name":
            parts.append(f"name={quote}{_escaped(text[1:-1])}{quote}")
        elif name.lower() == given:
            parts.append(f"{name}={quote}([^{quote}]+)")
    return f"regex '{'[^>]*?'.join(parts)}'"


def _escaped(text: str) -> str:
    """The text as a pattern, in which no quote and no brace stands."""
    return "".join(letter if letter.isalnum() or letter in "_-" else _code(letter) for letter in text)


def _code(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 256 else f"\\U{ord(letter):08x}"
