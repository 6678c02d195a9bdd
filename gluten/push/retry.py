"""Whether a body is sent again, and when. Pure."""

from __future__ import annotations

FIRST, LONGEST = 0.5, 5.0
"""Seconds before the second attempt, and between later ones at most."""
MOST_ASKED = 60.0
"""Seconds that a server may ask to wait."""
AGAIN = frozenset({0, 408, 425, 429, 502, 503, 504})
"""After these statuses, and after no answer (0), a body is sent again. After other refusals that would be of no use."""


def accepted(status: int) -> bool:
    return 200 <= status < 300


def again(status: int) -> bool:
    return status in AGAIN


def pause(attempts: int, asked: float) -> float:
    """Seconds to wait after so many attempts that failed. `asked`: what the server wants, or 0."""
    return min(MOST_ASKED, max(asked, min(LONGEST, FIRST * 2.0 ** min(attempts - 1, 8))))
