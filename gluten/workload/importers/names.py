"""Names of requests, of taken values and of environment variables, made of what a recording has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from gluten.workload.importers.strength import is_identifier
from gluten.workload.keys import MAX_NAME
from gluten.workload.templates.functions import EVERY_NAME

_ROOM = MAX_NAME - 6
"""What `-NNN` behind a name leaves."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLAIN = {"id", "key", "code", "uuid", "guid", "number", "no", "ref", "value", "name", "slug", "hash"}


def request_name(method: str, path: str, operation: str = "") -> str:
    """`get-orders-id` of `GET /orders/4711?x=1`. `operation`: of GraphQL."""
    segments = [unquote(part) for part in path.partition("?")[0].split("/") if part]
    words = ["id" if is_identifier(part) else part for part in segments] or ["home"]
    return clean("-".join([method.lower(), *words, operation]))


def clean(text: str) -> str:
    """Letters, digits and `-_./` alone."""
    text = re.sub("[^A-Za-z0-9_./-]+", "-", text)
    return re.sub("-{2,}", "-", text)[:_ROOM].strip("-.") or "request"


def free(wanted: str, taken: Iterable[str], sign: str = "-") -> str:
    """The name, or with a number behind it where it is taken."""
    known, number, name = set(taken), 2, wanted
    while name in known:
        name, number = f"{wanted}{sign}{number}", number + 1
    return name


def identifier(text: str) -> str:
    """A name that templates can have: `csrfToken` becomes `csrf_token`."""
    name = "_".join(word.lower() for word in _WORDS.findall(text))[:40].strip("_") or "value"
    return f"{name}_value" if name[0].isdigit() else name


def value_name(words: Iterable[str]) -> str:
    """Of a path to a value, such as `items` and `id`: `item_id`. The last word alone, if it says enough."""
    known = [word for word in words if word]
    last = identifier(known[-1]) if known else "value"
    if last not in _PLAIN or len(known) < 2:
        return f"{last}_value" if last in EVERY_NAME else last
    return f"{singular(identifier(known[-2]))}_{last}"


def singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def variable(text: str) -> str:
    """The name of an environment variable."""
    return identifier(text).upper()
