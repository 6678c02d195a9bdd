"""How much a value tells: whether it is a token or an id, and no word that occurs twice by chance."""

from __future__ import annotations

import re

STRONG = 24.0
"""Bits from which a value is known again wherever it stands: eight digits, or six letters and digits in turn."""
WEAK = 13.0
"""Bits that do for what is called an id, and stands alone: four digits."""
LONGEST = 8192

_RUN = re.compile("[A-Za-z0-9]+")
_GROUPS = re.compile("[A-Za-z]+|[0-9]+")
_WORD = re.compile("(?:[A-Z]?[a-z]{2,}|[A-Z]{2,})+")
_HEX = re.compile("[0-9a-f]+|[0-9A-F]+")
_TELLING = {"id", "uuid", "guid", "key", "code", "number", "no", "sku", "slug", "ref", "token", "hash", "handle"}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_UUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_COMMON = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?|[0-9]+\.[0-9]+", re.DOTALL)


def strength(value: str) -> float:
    """Bits, roughly: words count little, digits 3.3 each, letters and digits in turn 4 or 5.5 each."""
    if len(value) > LONGEST or any(letter.isspace() for letter in value) or _COMMON.fullmatch(value):
        return 0.0
    return sum(_bits(run) for run in _RUN.findall(value))


def _bits(run: str) -> float:
    groups = _GROUPS.findall(run)
    if len(groups) > 2 or not all(group.isdigit() or _WORD.fullmatch(group) or len(group) == 1 for group in groups):
        return len(run) * (4.0 if _HEX.fullmatch(run) else 5.5)
    return sum(len(group) * (3.3 if group.isdigit() else 1.5) for group in groups)


def is_identifier(segment: str) -> bool:
    """Whether a segment of a path is an id and no word."""
    return (
        segment.isdigit()
        or bool(_UUID.fullmatch(segment))
        or (strength(segment) >= STRONG and any(letter.isdigit() for letter in segment))
    )


def is_called_id(name: str) -> bool:
    """Whether the last word of the name says that it is an id: `orderId`, `cart_token`."""
    words = _WORDS.findall(name)
    return bool(words) and words[-1].lower() in _TELLING
