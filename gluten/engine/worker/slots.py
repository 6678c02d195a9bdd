"""The slot table: what is in flight, since when, and the one place where requests are accounted for.

A slot carries one request at a time. In HTTP/1 a connection has one slot. In HTTP/2 each stream is a slot. The fastest
callbacks (`always_due`, `paced` and `send_callback` in `read_callbacks`, those of `named_callbacks`) and a session's
sender do by themselves what `sent`, `answered` and `rest` do here, because a call costs a hundredth of a request.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gluten.engine.fault import Fault
from gluten.engine.worker.recording.early import Early
from gluten.engine.worker.recording.recorder import Outcome, Recorder

_INFINITY = math.inf
HELD_UP, _HELD = 2e-3, 0.1
"""Seconds: a worker whose clock ticks so late counts as held up for so long."""


class SlotTable:
    """All instants are monotonic seconds. `starts`: when the slot's request was written; infinity if none is in flight.
    `dues`: when that request was due; for an idle slot, since when it is idle. `recorders`: that of the slot's named
    request; `recorder` is what a slot begins with. `timeouts`: seconds that a slot's request may take; `shortest`: that
    any request may take which a slot carries later. `early` is there while requests of the warmup are in flight."""

    __slots__ = ("_begun", "_connects", "_expire", "_firsts", "_held_until", "_shortest", "_timeout", "dues", "early",
                 "held_up", "recorder", "recorders", "starts", "timeouts")  # fmt: skip

    def __init__(self, recorder: Recorder, timeout: float = math.inf, shortest: float = math.inf) -> None:
        self.recorder, self._timeout, self._shortest = recorder, timeout, min(timeout, shortest)
        self.recorders: list[Recorder] = []
        self.early: Early | None = None
        self.held_up, self._held_until, self._begun = False, -math.inf, -math.inf
        self.timeouts: list[float] = []
        self.starts: list[float] = []
        self.dues: list[float] = []
        self._firsts: list[float] = []
        self._connects: list[float] = []
        self._expire: list[Callable[[], None]] = []

    def ticked(self, now: float, late: float) -> float:
        """The worker's clock ticked `late` seconds after its time; its first tick begins the load. Returns the same."""
        if self._begun == -math.inf:
            self._begun = now
        if late > HELD_UP:
            self._held_until = now + _HELD
        self.held_up = now < self._held_until
        return late

    def at_fault(self, due: float, idle: float, now: float) -> float:
        """For how many seconds of its delay the generator is at fault, if the request that was due at `due` is sent
        now. A connection is idle since `idle`. Before that the target had them all, unless the load had not begun.
        A worker that is held up reads responses late, and cannot tell."""
        if self.held_up or due >= idle:
            return now - due
        return now - max(idle, self._begun) + self.begun_late(due)

    def begun_late(self, due: float) -> float:
        """How many seconds after `due` the load began; 0 if it was on."""
        late = self._begun - due
        return late if late > 0.0 else 0.0

    def kept_waiting(self, slot: int, due: float, now: float) -> float:
        """Seconds in which the request that was due at `due` waited though its slot was idle, or because the worker
        began its load late."""
        was_idle = not self.busy(slot) and self.dues[slot] > 0.0
        return max(self.begun_late(due), now - max(due, self.dues[slot]) if was_idle else 0.0)

    def add(self, expire: Callable[[], None]) -> int:
        """Add an idle slot. `expire` is called when its request is past the deadline."""
        self.starts.append(_INFINITY)
        self.dues.append(0.0)
        self._firsts.append(_INFINITY)
        self._connects.append(0.0)
        self._expire.append(expire)
        self.recorders.append(self.recorder)
        self.timeouts.append(self._timeout)
        return len(self.starts) - 1

    # What is in flight.

    def busy(self, slot: int) -> bool:
        """Whether a request is in flight."""
        return self.starts[slot] != _INFINITY

    @property
    def in_flight(self) -> int:
        return sum(map(math.isfinite, self.starts))

    def begun_after(self, instant: float) -> bool:
        """Whether a request is in flight that began later."""
        return any(instant < start < _INFINITY for start in self.starts)

    def began(self, slot: int, now: float, connect: float = 0.0) -> None:
        """The request in flight is the first on its connection. It waited `connect` seconds for it until now. Its
        service time counts from now, its deadline from before."""
        self.starts[slot] = self._firsts[slot] = now
        self._connects[slot] = connect

    def began_at(self, slot: int) -> float:
        """From when on the deadline of the request in flight counts."""
        start = self.starts[slot]
        return start - self._connects[slot] if self._firsts[slot] == start else start

    def is_first(self, slot: int) -> bool:
        """True while the request in flight is the first on its connection. Its start shows that, so other requests cost
        nothing."""
        return self._firsts[slot] == self.starts[slot]

    def expire(self, now: float) -> float:
        """Expire the requests that are too old. Returns the seconds until the next one could be."""
        wait = min(self._shortest, *self.timeouts)
        for slot, start in enumerate(self.starts):
            if start == _INFINITY:
                continue
            connect = self._connects[slot] if self._firsts[slot] == start else 0.0
            rest = start - connect + self.timeouts[slot] - now
            if rest <= 0:
                self._expire[slot]()
            elif rest < wait:
                wait = rest
        return wait

    # What is sent.

    def sent(self, slot: int, due: float, now: float, late: float, written: int = 0) -> None:
        """A request that was due at `due` begins. `late`: how many seconds of its delay are the generator's fault.
        `written`: how many of its bytes are written at once."""
        self.starts[slot], self.dues[slot] = now, due
        recorder = self.recorders[slot]
        recorder.sent += 1
        recorder.written += written
        recorder.lateness.append(late)

    def sent_again(self, slot: int, now: float) -> None:
        """The next request of a slot that is never idle begins. It is written whole."""
        self.starts[slot] = now
        recorder = self.recorders[slot]
        recorder.sent += 1
        recorder.written += recorder.size

    def wrote(self, slot: int, count: int) -> None:
        """Bytes of a request were written. Below 0: fewer than were counted before."""
        self.recorders[slot].written += count

    # How it ends.

    def answered_as_known(self, slot: int, data: bytes, now: float) -> bool:
        """True if `data` is a whole response that is known by its bytes. It is recorded."""
        recorder = self.recorders[slot]
        hit = recorder.exact.get(data)
        if hit is None:
            return False
        hit(now - self.starts[slot])
        recorder.response.append(now - self.dues[slot])
        return True

    def answered(
        self, slot: int, status: int, size: int, now: float, outcome: Outcome | None = None, first: float | None = None
    ) -> None:
        """A whole response of `size` bytes came; its first byte at the instant `first`, if not with the last one."""
        recorder, start = self.accountant(slot, self.recorders[slot]), self.starts[slot]
        recorder.completed(status, size, now - start, outcome, None if first is None else first - start)
        recorder.response.append(now - self.dues[slot])

    def accountant(self, slot: int, recorder: Recorder) -> Recorder:
        """Who records how the slot's request ends: `recorder`, but for what was due in the warmup."""
        return recorder if self.early is None else self.early.recorder(recorder, self.dues[slot], self.starts[slot])

    def waits_for(self, instant: float) -> bool:
        """Whether a request is in flight that began before an instant, or was due before it, if that is what counts."""
        found = zip(self.recorders, self.dues, self.starts, strict=True)
        return any((due if one.apart else start) < instant and start != _INFINITY for one, due, start in found)

    def know(self, slot: int, data: bytes, status: int, outcome: Outcome | None = None) -> None:
        """`data` is a whole response that is likely to come again."""
        self.recorders[slot].know(data, status, outcome)

    def failed(self, slot: int, fault: Fault) -> None:
        recorder = self.accountant(slot, self.recorders[slot])
        self.starts[slot] = _INFINITY
        recorder.failed(fault)

    def rest(self, slot: int, now: float) -> None:
        """The slot is idle from now on."""
        self.starts[slot], self.dues[slot] = _INFINITY, now

    # Connections.

    def connected(self, opened: int) -> None:
        """One more connection is open. `opened`: how many were established. That is not known yet if nobody waited for
        the connect."""
        self.recorder.connected()
        self.recorder.opened += opened

    def disconnected(self, opened: int = 0) -> None:
        """One connection less is open. `opened`: it had been established, which was not known before."""
        self.recorder.disconnected()
        self.recorder.opened += opened
