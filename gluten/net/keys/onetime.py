"""Tokens for the login link that a master prints. Each works once. Time comes in as `now`, in seconds."""

from __future__ import annotations

import hashlib
import secrets

LIFE = 600.0
MAX_TOKENS = 16
"""Unused tokens that are kept. Beyond that, the oldest one is dropped."""


class OneTimeTokens:
    """Tokens that are valid for one login within `life` seconds. Only their hashes are kept."""

    def __init__(self, life: float = LIFE) -> None:
        self._life = life
        self._ends: dict[bytes, float] = {}

    def create(self, now: float) -> str:
        """Make a new token."""
        token = secrets.token_urlsafe(32)
        while len(self._ends) >= MAX_TOKENS:
            self._ends.pop(next(iter(self._ends)))
        self._ends[_hash(token)] = now + self._life
        return token

    def take(self, token: str, now: float) -> bool:
        """Use up `token`. Returns whether it was valid."""
        # The look-up uses the hash, so the time it takes reveals nothing about the token.
        end = self._ends.pop(_hash(token), None)
        return end is not None and now <= end

    def clear(self) -> None:
        """Make all tokens invalid."""
        self._ends.clear()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
