"""Which parts of a task are secrets, and how a task is shown without them. Pure.

A secret is shown as `***`. Some are known by their names: user-info of a URL, and parameters and headers that are
called a key, token, password, signature and the like, in any spelling (`apiKey`, `x-api-key`, `API_KEY`).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

from gluten.task.fields import Field, Kind, Secret

HIDDEN = "***"
"""What stands in a secret's place."""

_WORDS = frozenset({
    "apikey", "auth", "authentication", "authorization", "cookie", "credential", "credentials", "jwt", "key", "otp",
    "pass", "passphrase", "passwd", "password", "pwd", "secret", "session", "sessionid", "sid", "sig", "signature",
    "token",
})  # fmt: skip
_PARTS = re.compile(
    "accesskey|apikey|authkey|authorization|cookie|credential|passphrase|passw|privatekey|secret|sessionid|signature|token"
)
_SPLIT = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_VALUE = re.compile(r"\s*(?:aws4\S*|basic|bearer|digest|dpop|hawk|negotiate|token)\s+\S|\s*eyJ[\w-]+\.", re.IGNORECASE)
_USER = re.compile(r"^((?:[^/?#:]*:)?(?://)?)[^/?#]*@")
_PARAMETER = re.compile("([?&;#])([^=&;#?]+)=([^&;#]+)")


def is_secret(name: str) -> bool:
    """Whether a header or parameter of this name holds a secret."""
    words = {word.lower() for word in _SPLIT.findall(name)}
    return not words.isdisjoint(_WORDS) or _PARTS.search("".join(filter(str.isalnum, name.lower()))) is not None


def redact_url(url: str) -> str:
    """The URL (or a text in its place) without user-info and without the values of secret parameters."""
    return _PARAMETER.sub(_parameter, _USER.sub(rf"\g<1>{HIDDEN}@", url))


def redact_header(name: str, value: str) -> str:
    """The value for display. It is a secret by the header's name, or by its beginning (`Bearer …`)."""
    return HIDDEN if value and (is_secret(name) or _VALUE.match(value)) else value


def redact(field: Field, value: Any, every: bool) -> Any:
    """The field's value without its secrets. `every`: the task has `secret`."""
    match field.secret:
        case Secret.ALWAYS:
            return _hidden(value)
        case Secret.ASKED:
            return _hidden(value) if every else value
        case Secret.NAMED if field.kind is Kind.HEADERS:
            return tuple((name, HIDDEN if every else redact_header(name, text)) for name, text in value)
        case Secret.NAMED:
            return redact_url(value)
        case _:
            return value


def is_redacted(field: Field, value: Any) -> bool:
    """Whether a secret is missing in the field's value."""
    match field.secret:
        case Secret.NOTHING | Secret.PLACED:
            return False
        case Secret.NAMED if field.kind is Kind.HEADERS:
            return any(text == HIDDEN for _, text in value)
        case Secret.NAMED:
            return hides(value)
        case _:
            return value in (HIDDEN, HIDDEN.encode())


def _hidden(value: str | bytes) -> str | bytes:
    if not value:
        return value
    return HIDDEN if isinstance(value, str) else HIDDEN.encode()


def hides(url: str) -> bool:
    """Whether something in the URL was redacted."""
    user = _USER.match(url)
    return (user is not None and user[0].endswith(f"/{HIDDEN}@")) or any(
        found[3] == HIDDEN for found in _PARAMETER.finditer(url)
    )


def blunt(url: str) -> str:
    """A text that is no valid URL, for an error's message. Everything that may be user-info is left out."""
    before, at, rest = url.rpartition("@")
    return redact_url(f"{before[: before.find('//') + 2]}{HIDDEN}@{rest}" if at and "//" in before else url)


def _parameter(found: re.Match[str]) -> str:
    sign, name, value = found.groups()
    return f"{sign}{name}={HIDDEN if is_secret(unquote_plus(name)) else value}"
