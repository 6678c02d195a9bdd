"""A thread of the task: a group of connections with its own pace.

In a closed loop a request is always due while the budget lasts. At a constant rate (`Paced`) a slot is due by the
schedule, and the connection that has been idle longest takes it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from gluten.engine.budget import Budget
from gluten.plan.schedule import Schedule

SendCallback = Callable[[float, float], None]
"""Sends the request that was due at the first instant. The second instant is now."""


class Sender(Protocol):
    """What a thread asks of a slot of a session. It is `parked` while it is idle, and `shoot` sends."""

    parked: bool
    shoot: SendCallback
    group: object
    """What is the same for all that share a connection."""

    @property
    def idle_since(self) -> float:
        """Since when it is idle, in monotonic seconds."""

    def fire_late(self, due: float, now: float) -> None:
        """Send in a closed loop, after a time without a request."""

    def proceed(self, now: float) -> None:
        """Ask the thread for the next request: send it, or become idle, or end."""


class Idle(Protocol):
    """The idle senders of a paced thread. The first one has waited longest."""

    def __len__(self) -> int: ...
    def __getitem__(self, place: int, /) -> Sender: ...
    def append(self, sender: Sender, /) -> None: ...
    def popleft(self) -> Sender:
        """The one that is to send next."""

    def remove(self, sender: Sender, /) -> None: ...


class LoadThread(Protocol):
    """What a session asks of its thread. Instants are monotonic seconds."""

    def take(self, sender: Sender, now: float) -> float | None:
        """The due instant of the request that `sender` may send now. None: nothing is due, or the load is over."""

    def unpark(self, sender: Sender) -> None:
        """`sender` is not idle any more, and it does not connect ahead any more."""

    @property
    def idle(self) -> Idle | Sequence[Sender]:
        """The senders that wait for something to be due. The first one has waited longest."""

    over: bool
    """True when nothing will ever be due again."""


class Grower(Protocol):
    """What a paced thread asks of the object that opens its connections."""

    def next(self) -> float:
        """When the next slot is due that a new connection could take."""

    def grow(self, now: float) -> None:
        """Open what is needed."""

    def connected(self, sender: Sender) -> None:
        """The connection that `sender` opened ahead is there, or has failed."""


class Closed:
    """The next request is due when the last one is answered."""

    __slots__ = ("_left", "idle", "over")

    def __init__(self, budget: Budget) -> None:
        self._left: Any = budget.left
        self.idle: tuple[Sender, ...] = ()
        self.over = False

    def take(self, sender: Sender, now: float) -> float | None:
        if self.over:
            return None
        if self._left[0] <= 0:
            self.over = True
            return None
        self._left[0] -= 1
        return now

    def unpark(self, sender: Sender) -> None:
        return None


class Paced:
    """Slots `index`, `index + threads` … of the schedule. `due` is the instant of the next one.

    `fire` releases all slots that are due by then, and `released` is when that was last. If no connection was idle, the
    next one that becomes idle takes a released slot. If `released` is infinity, nobody calls `fire`, and a slot may be
    taken as soon as it is due. `wake(due)` asks for a call of `fire` at `due` or soon after. `growth` opens connections
    if they are elastic.
    """

    __slots__ = (
        "_dues",
        "_first",
        "due",
        "growth",
        "idle",
        "index",
        "over",
        "released",
        "schedule",
        "start",
        "taken",
        "threads",
        "wake",
    )

    def __init__(self, index: int, threads: int, schedule: Schedule, start: float, begin: float = 0.0) -> None:
        self.index, self.threads, self.schedule, self.start = index, threads, schedule, start
        self.over = False
        self.idle: Idle = deque()
        self.taken, self.due = 0, math.inf
        self.released = math.inf
        self.wake: Callable[[float], None] = lambda due: None
        self.growth: Grower | None = None
        self._first = index + threads * schedule.planned_of(index, threads, begin)
        self._restart()

    def take(self, sender: Sender, now: float) -> float | None:
        due = self.due
        if due <= now and due <= self.released and not self.over:
            self._advance()
            return due
        if not sender.parked:
            self.park(sender)
        return None

    def park(self, sender: Sender) -> None:
        """`sender` is idle from now on."""
        sender.parked = True
        self.idle.append(sender)
        if len(self.idle) == 1:
            self.wake(self.due)

    def fire(self, clock: Callable[[], float]) -> None:
        """Release every slot that is due, and give each to an idle connection while there is one. The clock is read for
        each, because sending takes time."""
        idle, dues, due, now = self.idle, self._dues, self.due, clock()
        while due <= now and idle and not self.over:
            sender = idle.popleft()
            sender.parked = False
            self.taken += 1
            self.due = next(dues)
            sender.shoot(due, now)
            # One that could not send may have taken a slot meanwhile.
            due, now = self.due, clock()
        self.released = now
        if self.growth is not None:
            self.growth.grow(now)

    def next(self) -> float:
        """When `fire` can send something."""
        if self.idle:
            return self.due
        return math.inf if self.growth is None else self.growth.next()

    def claim(self) -> float:
        """The due instant of the next slot, which the caller takes."""
        due = self.due
        self._advance()
        return due

    def unpark(self, sender: Sender) -> None:
        if sender.parked:
            sender.parked = False
            self.idle.remove(sender)
        if self.growth is not None:
            self.growth.connected(sender)

    def adjust(self, schedule: Schedule) -> None:
        """Go on with another schedule, which is the same until now."""
        self.schedule = schedule
        self._restart()
        self.wake(self.next())

    def waiting(self, at: float) -> int:
        """Slots that are due by run-second `at` and wait for a connection."""
        return 0 if self.idle or self.over else self.dropped(at)

    def dropped(self, until: float) -> int:
        """Slots due before run-second `until` that nobody took."""
        planned = self.index + self.threads * self.schedule.planned_of(self.index, self.threads, until)
        return max(0, (planned - self._first) // self.threads - self.taken)

    def _advance(self) -> None:
        self.taken += 1
        self.due = next(self._dues)

    def _restart(self) -> None:
        slot = self._first + self.threads * self.taken
        self._dues = _dues(self.schedule, slot, self.threads, self.start)
        self.due = next(self._dues)


def _dues(schedule: Schedule, slot: int, step: int, start: float) -> Iterator[float]:
    """The instants of slots `slot`, `slot + step` …, and infinity for ever after the last."""
    while not schedule.even:
        yield start + schedule.due(slot)
        slot += step
    last = schedule.pieces[-1]
    most = math.inf if schedule.limit is None else schedule.limit
    while slot < last.before or last.rate <= 0:
        yield start + schedule.due(slot)
        slot += step
    # The last piece is constant: the common case, without the search.
    base, rate, before, end = start + last.start, last.rate, last.before, start + schedule.end
    while slot < most:
        due = base + (slot - before) / rate
        if due >= end:
            break
        yield due
        slot += step
    while True:
        yield math.inf
