"""Requests that are due and wait for a connection: when to report them, and how many connections are needed. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from gluten.stats.delta import Delta

HEADROOM = 1.2
"""Response times vary. With exactly rate x time connections, some request would always wait."""
WAIT = 0.1
"""A backlog is reported when the requests of so many seconds wait."""
LEAST = 2
"""A smaller backlog is never reported."""
QUIET = 5
"""A backlog is over after so many seconds without one. So one that comes and goes is reported once."""
OVER = "no request waits for a connection any more"


class Waiting(NamedTuple):
    """The state at the end of a second: `asked` requests/s, `backlog` requests wait, `connections` are open. A request
    occupies a connection for `hold` s (None: unknown). With scenarios they are sessions (`what`), and `connections` is
    how many are under way."""

    asked: float
    backlog: int
    connections: int
    hold: float | None
    what: str = "request"


def waiting(asked: float, delta: Delta, hold: float | None) -> Waiting:
    """The state at the end of the second of `delta`."""
    if delta.by_scenario:
        return Waiting(asked, delta.backlog, delta.active, hold, "session")
    return Waiting(asked, delta.backlog, delta.connections, hold)


def hold(delta: Delta, timeout: float, streams: int = 1) -> float | None:
    """The mean time in s for which a request, or a session, occupies its connection; `timeout` for a request that
    timed out. One of `streams` requests at once occupies that part of it."""
    if delta.by_scenario:
        return _hold_of_session(delta)
    count = len(delta.service) + delta.failed
    if not count:
        return None
    seconds = delta.service.mean / 1e6 * len(delta.service) + delta.errors.get("timeout", 0) * timeout
    return seconds / count / (delta.streams or streams)


def _hold_of_session(delta: Delta) -> float | None:
    """Of those that finished. For how long a session waited for its connection is in its first response time."""
    whole = delta.sessions
    if not whole.finished or not whole.begun:
        return None
    waited = max(0, delta.response.total - delta.service.total) / whole.begun
    return max(0.0, whole.time.mean - waited) / 1e6


def needed(asked: float, seconds: float) -> int:
    """About how many connections are needed for `asked` requests/s that occupy one for so many seconds each (Little's
    law), with some reserve, rounded up to two digits."""
    exact = max(1, math.ceil(asked * seconds * HEADROOM - 1e-9))
    step = _step(exact)
    return -(-exact // step) * step


def needed_at(waiting: Waiting) -> int | None:
    return None if waiting.hold is None or waiting.asked <= 0 else needed(waiting.asked, waiting.hold)


def words(waiting: Waiting) -> str:
    """The backlog in one line."""
    count, wait = waiting.connections, waiting.backlog
    one = "the connection is busy" if count else "no connection is open yet"
    busy = f"all {count:,} connections are busy" if count > 1 else one
    enough = needed_at(waiting)
    more = f": about {enough:,} are needed" if enough is not None and enough > count else ""
    return f"{busy}, {_rounded(wait):,} {waiting.what}{' waits' if wait == 1 else 's wait'}{more}"


class Connected(Protocol):
    """The end of a second: a delta, or what is known of a packed one."""

    @property
    def backlog(self) -> int: ...
    @property
    def connections(self) -> int: ...


def capped(delta: Connected, room: int | None) -> str:
    """The text for a second in which requests wait and all connections are open that this node may open (`room`; None:
    they are not elastic); empty: not so."""
    if room is None or not delta.backlog or delta.connections < room:
        return ""
    what = "open files, ports, --max-connections"
    return (
        f"all {room:,} connections that this node may open are open, and requests wait ({what}): see gluten.pyz doctor"
    )


def _rounded(count: int) -> int:
    """Rounded to two digits."""
    return round(count / _step(count)) * _step(count)


def _step(count: int) -> int:
    return int(10 ** max(0, len(str(count)) - 2))


class Watch:
    """Gets each second in turn. `hint` is the backlog in words; empty: there is none. `needed` is how many connections
    would be enough; None: unknown."""

    def __init__(self) -> None:
        self.hint = ""
        self.needed: int | None = None
        self._quiet = 0

    def take(self, waiting: Waiting) -> str:
        """The text to report about this second; empty: nothing new."""
        self.needed = needed_at(waiting)
        if waiting.backlog >= max(LEAST, WAIT * waiting.asked):
            began, self._quiet, self.hint = not self.hint, 0, words(waiting)
            return self.hint if began else ""
        self._quiet += 1
        if self.hint and self._quiet >= QUIET:
            self.hint = ""
            return OVER.replace("request", waiting.what)
        return ""

    def end(self) -> None:
        """The load is over: what was not sent is dropped, and nothing waits any more."""
        self.hint, self.needed = "", None
