"""Logins that work once: the link that a master prints. Time comes in as `now`, in seconds."""

from __future__ import annotations

import hashlib
import secrets

LIFE = 600.0
MAX_TOKENS = 16
"""Tokens that wait to be taken; the oldest gives way."""


class OneTime:
    """Tokens that are good for one login within `life` seconds. Only their hashes are kept."""

    def __init__(self, life: float = LIFE) -> None:
        self._life = life
        self._ends: dict[bytes, float] = {}

    def mint(self, now: float) -> str:
        """A new token."""
        token = secrets.token_urlsafe(32)
        while len(self._ends) >= MAX_TOKENS:
            self._ends.pop(next(iter(self._ends)))
        self._ends[_hash(token)] = now + self._life
        return token

    def take(self, token: str, now: float) -> bool:
        """Whether it is good; it is not, from now on."""
        # The look-up is by the hash: how long it takes tells nothing about the token.
        end = self._ends.pop(_hash(token), None)
        return end is not None and now <= end

    def clear(self) -> None:
        """None of them is good any more."""
        self._ends.clear()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
