"""What a long computation in the hub calls between its steps, so that everything else goes on meanwhile."""

from __future__ import annotations

import time

from gluten.hub_turn import turn

LONGEST = 0.002
"""Seconds for which a computation holds the hub at once. A heartbeat passes the hub some five times, there and back."""


class YieldPoint:
    """Each call gives the hub a turn if it had none for `LONGEST` s. Not for what must happen as a whole."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self._since >= LONGEST:
            turn()
            self._since = time.monotonic()
