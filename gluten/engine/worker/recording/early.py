"""What was due in the warmup, and is answered after it. It counts in the last second of the warmup.

So the sum of the seconds after the warmup is exactly what was due after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from gluten.engine.worker.recording.recorded_second import RecordedSecond
from gluten.engine.worker.recording.recorder import Recorder, Recorders
from gluten.stats.delta import GAUGES, Delta

AHEAD = 0.02
"""Seconds before the end of a warmup: from then on it is looked at when a request was due."""


class Slots(Protocol):
    """What it asks of the slot table."""

    early: Early | None

    def waits_for(self, instant: float) -> bool:
        """Whether a request is in flight that is of the time before an instant."""


class Planned(Protocol):
    """What it asks of a thread at a rate: when its next slot is due, and whether there is none any more."""

    due: float
    over: bool


class Early:
    """`start` is the instant of run-second 0 (monotonic seconds), `warmup` the run-second at which the warmup ends,
    `boundary` its instant. `last`: what was counted of the last second; None: that is handed over already, late.

    Each recorder has a twin from now on. While requests of the warmup are under way, each answer is accounted for by
    the slot table, which asks here by whom."""

    __slots__ = ("_gauges", "_recorders", "_slots", "_threads", "_twins", "boundary", "second")

    def __init__(
        self,
        recorders: Recorders,
        slots: Slots,
        threads: Sequence[Planned],
        start: float,
        warmup: int,
        last: Delta | None,
    ) -> None:
        self.boundary, self.second = start + warmup, warmup - 1
        self._recorders, self._slots, self._threads = recorders, slots, threads
        self._gauges = {"connections": recorders.connections.open}
        if last is not None:
            self._gauges = {name: getattr(last, name) for name in GAUGES}
        self._twins = {recorder: recorder.twin() for recorder in recorders.by_name.values()}
        recorders.forget()
        slots.early = self
        if recorders.sessions is not None:
            recorders.sessions.split(self.boundary)

    def recorder(self, recorder: Recorder, due: float, start: float) -> Recorder:
        """Who records the end of a request. In a closed loop a request is due when it is sent; one that was redirected
        is sent more than once."""
        return self._twins[recorder] if (due if recorder.apart else start) < self.boundary else recorder

    def settle(self, now: float) -> None:
        """Go on as ever when no request of the warmup is in flight, or waits to be sent."""
        if self._slots.early is None or now < self.boundary:
            return
        if self._slots.waits_for(self.boundary):
            return
        if not any(thread.due < self.boundary and not thread.over for thread in self._threads):
            self._slots.early = None
            self._recorders.learn()

    def delta(self, second: int) -> Delta | None:
        """What has ended since this was asked last, to be handed over before the counts of `second`; None: nothing.

        It has the gauges of the warmup's last second, so it must not come together with that."""
        if second <= self.second:
            return None
        counts, micros = Delta(self.second), {}
        for name, recorder in self._recorders.by_name.items():
            counts.by_name[name], micros[name] = self._twins[recorder].cut()
        sessions = self._recorders.sessions
        times = None if sessions is None or sessions.early is None else sessions.early.take(counts)
        scenarios = counts.by_scenario.values()
        if not (counts.completed or counts.failed or any(one.finished or one.ended or one.cut for one in scenarios)):
            return None
        for name, value in self._gauges.items():
            setattr(counts, name, value)
        counts.most_active = 0
        return RecordedSecond(counts, micros, Counter(), times).delta()
