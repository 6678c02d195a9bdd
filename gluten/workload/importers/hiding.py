"""Secrets of a recording: what they are, and the environment variables that stand in their places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gluten.task.secrets import is_secret
from gluten.workload.importers.names import free, variable
from gluten.workload.importers.spots import HEADER, JSON, PATH, TEXT, Spot
from gluten.workload.importers.strength import STRONG, is_identifier, strength

MOST = 150
"""Variables; a task may have 200."""

_SCHEME = re.compile(r"((?:basic|bearer|dpop|token|apikey|api-key|jwt)\s+)(\S.*)", re.IGNORECASE | re.DOTALL)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?")
_NAMED = re.compile(
    r"""(?i)(?<![\w-])([\w-]{0,40}?(?:password|passwd|passphrase|secret|token|api_?key)[\w-]{0,40})(\\?["']?\s*[:=>]\s*\\?["']?)([^\s"'<>&;,)}\\]+)"""
)
_MORE = {"cvv", "cvc", "pin", "iban", "ssn", "cardnumber", "card_number", "otp"}
_VAGUE = {"key", "auth", "session", "cookie"}
_SHORT = re.compile("|true|false|null|yes|no|on|off|[0-9]{1,2}|[a-z]{1,12}", re.IGNORECASE)


class Hidden:
    """The variables of the secrets that were found, and what each is for."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.places: dict[str, str] = {}

    def name(self, value: str, wanted: str, place: str) -> str:
        """The variable of this secret. `place` says for people where it stands."""
        if value not in self.names and len(self.places) < MOST:
            self.names[value] = free(variable(wanted), self.places, "_")
            self.places[self.names[value]] = place
        return self.names.get(value, next(iter(self.places), "SECRET"))

    def known(self) -> dict[str, str]:
        """The secrets that are known again wherever they stand."""
        return {value: name for value, name in self.names.items() if strength(value) >= STRONG or len(value) >= 8}


class Secret:
    """A part of a spot that is secret: `start` to `end` of its raw text."""

    __slots__ = ("end", "name", "start", "value")

    def __init__(self, start: int, end: int, name: str, value: str) -> None:
        self.start, self.end, self.name, self.value = start, end, name, value


def secrets_in(spot: Spot) -> Iterator[Secret]:
    """Secrets by the spot's name, by a scheme such as Bearer, by their own form, or by the name in front in a text."""
    raw = spot.raw
    if not raw:
        return
    if spot.kind == HEADER and (scheme := _SCHEME.fullmatch(raw)):
        kind = scheme[1].strip().lower()
        name = {"basic": "BASIC_AUTH", "bearer": "BEARER_TOKEN"}.get(kind, spot.name)
        yield Secret(scheme.end(1), len(raw), name, scheme[2])
    elif _is_secret(spot):
        yield Secret(0, len(raw), spot.name, spot.text)
    else:
        yield from (Secret(found.start(), found.end(), "TOKEN", found[0]) for found in _JWT.finditer(raw))
        if spot.kind in (TEXT, JSON, HEADER):
            yield from (Secret(found.start(3), found.end(3), found[1], found[3]) for found in _NAMED.finditer(raw))


def _is_secret(spot: Spot) -> bool:
    name = spot.name.lower()
    if not (name in _MORE or is_secret(spot.name)):
        return False
    if spot.kind == PATH:
        return is_identifier(spot.text)
    return name not in _VAGUE or not _SHORT.fullmatch(spot.text)
