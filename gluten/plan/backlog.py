"""Requests that are due and wait for a connection: when to tell of them, and how many connections would do. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from gluten.stats.delta import Delta

HEADROOM = 1.2
"""Times are never all alike: with exactly rate x time connections, some request would always wait."""
WAIT = 0.1
"""Seconds of requests that wait, from which on it is told."""
LEAST = 2
QUIET = 5
"""Seconds without a backlog, after which it is over: one that comes and goes is told once."""
OVER = "no request waits for a connection any more"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The end of a second: `asked` in requests/s, `backlog` requests wait, `connections` are open, `hold` is how long a
    request holds one, in s (None: nobody knows)."""

    asked: float
    backlog: int
    connections: int
    hold: float | None


def hold(delta: Delta, timeout: float) -> float | None:
    """The mean time in s for which a request holds its connection; one that timed out did so for all of `timeout`."""
    count = len(delta.service) + delta.failed
    if not count:
        return None
    return (delta.service.mean / 1e6 * len(delta.service) + delta.errors.get("timeout", 0) * timeout) / count


def needed(asked: float, seconds: float) -> int:
    """About how many connections carry `asked` requests/s that hold one for so many seconds (Little's law), with
    head-room, to two digits."""
    exact = max(1, math.ceil(asked * seconds * HEADROOM - 1e-9))
    step = _step(exact)
    return -(-exact // step) * step


def needed_at(waiting: Waiting) -> int | None:
    return None if waiting.hold is None or waiting.asked <= 0 else needed(waiting.asked, waiting.hold)


def words(waiting: Waiting) -> str:
    """The backlog in one line."""
    count, wait = waiting.connections, waiting.backlog
    busy = f"all {count:,} connections are busy" if count > 1 else "the connection is busy" if count else "none is open"
    enough = needed_at(waiting)
    more = f": about {enough:,} are needed" if enough is not None and enough > count else ""
    return f"{busy}, {_rounded(wait):,} request{' waits' if wait == 1 else 's wait'}{more}"


class Connected(Protocol):
    """The end of a second: a delta, or what is known of a packed one."""

    @property
    def backlog(self) -> int: ...
    @property
    def connections(self) -> int: ...


def capped(delta: Connected, room: int | None) -> str:
    """What to say of a second in which requests wait and a node has all the connections that it may open (`room`; None:
    they are not elastic); empty: it is not so."""
    if room is None or not delta.backlog or delta.connections < room:
        return ""
    what = "open files, ports, --max-connections"
    return (
        f"all {room:,} connections that this node may open are open, and requests wait ({what}): see gluten.pyz doctor"
    )


def _rounded(count: int) -> int:
    """To two digits where there are more."""
    return round(count / _step(count)) * _step(count)


def _step(count: int) -> int:
    return int(10 ** max(0, len(str(count)) - 2))


class Watch:
    """Told of each second in turn. `hint` is the backlog in words while there is one, `needed` how many connections
    would do (None: not known)."""

    def __init__(self) -> None:
        self.hint = ""
        self.needed: int | None = None
        self._quiet = 0

    def take(self, waiting: Waiting) -> str:
        """What is to be told once of this second; empty: nothing."""
        self.needed = needed_at(waiting)
        if waiting.backlog >= max(LEAST, WAIT * waiting.asked):
            began, self._quiet, self.hint = not self.hint, 0, words(waiting)
            return self.hint if began else ""
        self._quiet += 1
        if self.hint and self._quiet >= QUIET:
            self.hint = ""
            return OVER
        return ""

    def end(self) -> None:
        """The load is over: what was not sent is dropped and waits no more."""
        self.hint, self.needed = "", None
