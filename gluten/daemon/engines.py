"""The engine processes of a node: the first one, and others where one dies."""

from __future__ import annotations

import socket
from collections import deque
from typing import NamedTuple

from gluten.engine.host import keeper, zygote
from gluten.engine.host.zygote import DoChore
from gluten.task.policy import Policy

MOST_DEATHS, WITHIN = 5, 60.0
"""If more engine processes than `MOST_DEATHS` die within `WITHIN` seconds, no other one is started."""


class Engines(NamedTuple):
    """The sockets of the first engine process, and of the keeper, which forks others."""

    first: socket.socket
    keeper: socket.socket

    def close(self) -> None:
        """End both processes."""
        self.first.close()
        self.keeper.close()


def spawn(cores: int, policy: Policy, do_chore: DoChore) -> Engines:
    """Fork both. Call before anything else is imported."""
    # The keeper comes first: it must not hold the channel of an engine process, which ends with its channel.
    control = keeper.spawn(lambda parent: zygote.spawn(cores, policy, do_chore, parent))
    return Engines(zygote.spawn(cores, policy, do_chore, control), control)


class Deaths:
    """Counts deaths of the engine process. A host where it dies again and again needs a person."""

    def __init__(self) -> None:
        self._at: deque[float] = deque(maxlen=MOST_DEATHS)

    def bearable(self, now: float) -> bool:
        """An engine process has died at `now` (monotonic s). Returns whether another one is to be started."""
        many = len(self._at) == MOST_DEATHS and now - self._at[0] < WITHIN
        self._at.append(now)
        return not many
