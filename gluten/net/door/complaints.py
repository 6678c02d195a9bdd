"""Complaints about strangers in the log. A stranger may cause any number of them, so each kind is logged rarely."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

EVERY = 10.0
"""Seconds between two lines of one kind."""


class Complaints:
    """Logs the first complaint of a kind at once, then at most one in `EVERY` seconds, with the number of the others.

    The text with its `%` marks is the kind, so it must not hold what a stranger sent. `now` is in monotonic seconds.
    """

    def __init__(self, log: logging.Logger, now: Callable[[], float] = time.monotonic) -> None:
        self._log, self._now = log, now
        self._next: dict[str, float] = {}
        self._hidden: dict[str, int] = {}

    def warn(self, text: str, *values: Any) -> None:
        self._complain(logging.WARNING, text, values)

    def note(self, text: str, *values: Any) -> None:
        """A complaint that is no reason to worry."""
        self._complain(logging.INFO, text, values)

    def _complain(self, level: int, text: str, values: tuple[Any, ...]) -> None:
        now = self._now()
        if now < self._next.get(text, now):
            self._hidden[text] = self._hidden.get(text, 0) + 1
            return
        self._next[text] = now + EVERY
        hidden = self._hidden.pop(text, 0)
        more = f" (and {hidden} more of this kind since the last such line)" if hidden else ""
        self._log.log(level, f"{text}%s", *values, more)
