"""Passes a master's runs on to a process that pushes them to one server: each second, as the store has it.

Only a few seconds are under way at once, so the process needs little memory. While the server is away the rest waits in
the store, and so does what an earlier master did not push. A delta that is stored late is passed on at the end of its
run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from gluten.cluster.ports import AsyncStore, Instant
from gluten.cluster.pushing.progress import Progress
from gluten.errors import NotFound, StoreError
from gluten.plan.run_state import ACTIVE, FINAL, QUEUED
from gluten.push import messages
from gluten.store.records import StoredDelta

SETTLE = 3.0
"""Seconds within which a run-second is usually stored after its end."""
STEP, UNDER_WAY = 10, 20
"""Seconds that are passed on at once, and that may be under way."""
TAIL = 30
"""At the end of a run, this many of its last seconds are read again."""
LOOK_BACK = 8
_EVER = 1 << 40

Kept = Mapping[str, tuple[int, int]]
"""Run -> the second up to which it is pushed, and how many of its events."""


class Runs(Protocol):
    """What a master tells of its runs (`cluster.master.master.Master`)."""

    @property
    def unsettled(self) -> bool: ...
    def run(self, ref: str) -> Any: ...
    def runs(self, limit: int = 50, before: int | None = None, search: str = "") -> list[Any]: ...


class Feed(Protocol):
    """The process that pushes. Sending may wait for it, never for the server. `pushed`: run -> second."""

    @property
    def pushed(self) -> Mapping[str, int]: ...
    def send(self, message: messages.Message) -> None: ...


class Courier:
    """`node` is the master's name. `kept` is what an earlier one has kept by `keep`."""

    def __init__(
        self,
        runs: Runs,
        store: AsyncStore,
        feed: Feed,
        wall: Instant,
        node: str,
        kept: Kept,
        keep: Callable[[Kept], None],
    ) -> None:
        self._master, self._store, self._feed, self._wall, self._node = runs, store, feed, wall, node
        self._keep, self._since = keep, wall()
        self._runs = {run: Progress(run, second, events) for run, (second, events) in kept.items()}
        self._done: set[str] = set()
        self._kept = dict(kept)
        self.closing = False
        """The master is about to end, so nothing comes late any more."""

    @property
    def idle(self) -> bool:
        """Everything is pushed, as far as is known."""
        return not self._runs

    def step(self) -> None:
        """Pass on what is there. Call it about once a second. Where the store is away, the next step does it."""
        try:
            self._find()
            for progress in list(self._runs.values()):
                self._advance(progress)
        except StoreError:
            return
        finally:
            self._save()

    def _find(self) -> None:
        """Take up the runs that have begun since the start of this master."""
        before: int | None = None
        while found := self._master.runs(LOOK_BACK, before):
            for run in found:
                self._take_up(run)
            if found[-1]["state"] != QUEUED:  # the queue may be longer than a page
                return
            before = found[-1]["number"]

    def _take_up(self, run: Mapping[str, Any]) -> None:
        known = run["id"] in self._runs or run["id"] in self._done
        if not known and run["started_at"] and (run["state"] in ACTIVE or _unix(run["ended_at"]) >= self._since):
            self._runs[run["id"]] = Progress(run["id"])

    def _advance(self, progress: Progress) -> None:
        self._hear(progress)
        if progress.done:
            self._forget(progress)
        elif not progress.over and progress.waiting < UNDER_WAY:
            try:
                self._pass_on(progress, self._master.run(progress.run))
            except NotFound:  # it was deleted, or the store is another one
                self._forget(progress)

    def _forget(self, progress: Progress) -> None:
        self._feed.send(messages.over(progress.run))
        del self._runs[progress.run]
        self._done.add(progress.run)

    def _pass_on(self, progress: Progress, run: Mapping[str, Any]) -> None:
        if not progress.begun:
            progress.begun = True
            self._feed.send(messages.run(progress.run, str(run["name"]), _unix(run["started_at"])))
        elapsed = float(run["elapsed"])
        final = self._is_final(run)
        progress.judged(elapsed, messages.slos_of(run["slo"]))
        until = progress.next + STEP
        if not final:
            until = min(until, math.floor(elapsed - SETTLE))
        if until <= progress.next:
            return
        last = self._seconds(progress, until, final)
        if final and last is None:
            self._finish(progress, messages.slos_of(run["slo"]))

    def _is_final(self, run: Mapping[str, Any]) -> bool:
        """All that is known of the run is stored."""
        settled = self.closing or self._wall() >= _unix(run["ended_at"]) + SETTLE
        return run["state"] in FINAL and settled and not self._master.unsettled

    def _seconds(self, progress: Progress, until: int, final: bool) -> int | None:
        """Pass on the seconds before `until`; of a run that is over, up to the last one that there is. Returns that
        one."""
        by_second: dict[int, list[StoredDelta]] = {}
        for delta in self._store.window(progress.run, progress.next, until):
            by_second.setdefault(delta.second, []).append(delta)
        last = max(by_second, default=None)
        end = until if not final else progress.next if last is None else last + 1
        if end > progress.next:
            self._events(progress)
        for second in range(progress.next, end):
            self._deltas(progress, by_second.get(second, ()))
            self._close(progress, second, progress.slos(second))
        return last

    def _deltas(self, progress: Progress, deltas: Iterable[StoredDelta]) -> None:
        for delta in deltas:
            if progress.take(delta):
                self._feed.send(messages.delta(progress.run, delta.node, delta.body))

    def _events(self, progress: Progress) -> None:
        for message in progress.new_events(self._store.events(progress.run), self._node):
            self._feed.send(message)

    def _close(self, progress: Progress, second: int, slos: Iterable[tuple[str, bool]]) -> None:
        progress.next = second + 1
        progress.closed(second)
        if second > progress.before:
            self._feed.send(messages.second(progress.run, second, slos, self._node))
        else:
            self._feed.send(messages.known(progress.run, second))

    def _finish(self, progress: Progress, slos: Iterable[tuple[str, bool]]) -> None:
        """Pass on what came late, as the second after the last one."""
        self._deltas(progress, self._store.window(progress.run, max(0, progress.next - TAIL), _EVER))
        if progress.has_gaps:
            self._deltas(progress, self._store.deltas(progress.run))
        self._events(progress)
        self._close(progress, progress.next, slos)
        progress.over = True

    def _hear(self, progress: Progress) -> None:
        progress.heard(self._feed.pushed.get(progress.run, -1))

    def _save(self) -> None:
        for each in self._runs.values():
            self._hear(each)
        kept = {run: (each.pushed, each.events_pushed) for run, each in self._runs.items()}
        if kept != self._kept:
            self._kept = kept
            self._keep(kept)


def _unix(at: str | None) -> float:
    return datetime.fromisoformat(at).timestamp() if at else 0.0
