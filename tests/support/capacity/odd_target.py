"""Targets that do not behave, for searches of a capacity: `python -m tests.support.capacity.odd_target KIND`.

    limiter N      answers 429 beyond N requests/s
    degrading S    its servers get slower from its first request on: after S seconds they take twice as long
    collapsing     once requests wait for 0.4 s, no request is answered any more
    slow T         once requests wait for half a second, its servers take five times as long, for T seconds

All but the first are 4 servers of 10 ms on average: 400 requests/s at most.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import time
from collections.abc import Callable

from gluten.target.scripted_answer import Answer, Script
from gluten.target.server import behaviour_of, serve
from gluten.target.servers import Servers
from gluten.target.target_options import TargetOptions, parse_options

SERVERS, WORK = 4, "exp:10ms"
NEVER = 1e9
TOO_MANY = Answer(429, b"too many requests\n")


class Limiter(Script):
    """A bucket of tokens: `rate` a second, a fifth of a second's at most."""

    def __init__(self, options: TargetOptions, rate: float) -> None:
        super().__init__(options)
        self._rate, self._tokens, self._at = rate, 0.0, time.monotonic()

    def next(self) -> tuple[float, Answer]:
        now = time.monotonic()
        self._tokens = min(self._rate / 5, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return 0.0, TOO_MANY
        self._tokens -= 1
        return super().next()


class Degrading(Servers):
    """Servers that take twice as long after `seconds`, four times as long after twice that, and so on."""

    def __init__(self, count: int, seconds: float) -> None:
        super().__init__(count)
        self._seconds, self._began = seconds, math.nan

    def serve(self, arrived: float, work: float) -> float:
        if math.isnan(self._began):
            self._began = arrived
        return super().serve(arrived, work * 2 ** ((arrived - self._began) / self._seconds))


class Collapsing(Servers):
    """Servers that answer nothing any more once a request has waited for 0.4 s."""

    def serve(self, arrived: float, work: float) -> float:
        waits = self._free_at[0] - arrived
        return super().serve(arrived, NEVER if waits > 0.4 else work)


class Slow(Servers):
    """Servers that take five times as long for `seconds`, once a request has waited for half a second."""

    def __init__(self, count: int, seconds: float) -> None:
        super().__init__(count)
        self._seconds, self._until = seconds, -math.inf

    def serve(self, arrived: float, work: float) -> float:
        if self._free_at[0] - arrived > 0.5:
            self._until = arrived + self._seconds
        return super().serve(arrived, work * 5 if arrived < self._until else work)


def main(kind: str, number: float = 0.0) -> int:
    options = parse_options(port="0", delay="2ms" if kind == "limiter" else WORK)
    behaviour = behaviour_of(options)
    if kind == "limiter":
        return serve(options, dataclasses.replace(behaviour, script=Limiter(options, number)))
    kinds: dict[str, Callable[[], Servers]] = {
        "degrading": lambda: Degrading(SERVERS, number),
        "collapsing": lambda: Collapsing(SERVERS),
        "slow": lambda: Slow(SERVERS, number),
    }
    return serve(options, dataclasses.replace(behaviour, servers=kinds[kind]()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(float, sys.argv[2:])))
