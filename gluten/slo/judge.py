"""Judges the SLOs of a run: each second while it goes on, and at its end. Pure: it is told what was measured.

`look` takes a second's sum over all nodes, and takes it again where a delta came late. A few numbers are kept of a
second for each SLO; times are merged again only where a value is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gluten.slo import windows
from gluten.slo.decision import beyond, holds, number, rank
from gluten.slo.sample import Sample, merged, names_in, sample, times_of
from gluten.slo.slo import HOLDS, MISSED, OF_SESSIONS, RATES, TIMES, UNMEASURED, Measure, Point, Slo, Window
from gluten.slo.sure import sure
from gluten.stats.delta import Delta

_FEW = 500
"""With more seconds than this, `sure` is computed anew at intervals, the longest of which is `_REST` seconds."""
_REST = 4
Sum = Callable[[int, int], Delta]
"""The sum of the run-seconds from the first to the last, both included."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The whole run so far. `length`: seconds of load; `planned`: requests, or with scenarios sessions, None in a
    closed loop; `over`: it ended.

    Windows consist of the whole seconds of load, which end before run-second `whole`. `dropped`: how many of what was
    planned were dropped, where the run knows more than `total`.
    """

    total: Delta
    length: float
    planned: int | None
    over: bool
    whole: float = math.inf
    dropped: int | None = None

    def planned_for(self, slo: Slo) -> int | None:
        """How many of what the SLO counts the whole run has; None: unknown."""
        sessions = slo.what.measure in OF_SESSIONS | {Measure.DROPPED}
        if not self.total.by_scenario or (sessions and slo.what.measure is not Measure.GROUP):
            return self.planned
        return None


@dataclass(slots=True)
class Result:
    """How one SLO stands. `value` and `since` are None where there is none; `name`: the request, scenario or group that
    decides it."""

    slo: Slo
    state: str
    value: float | None
    since: int | None
    sure: bool | None
    name: str = ""

    def to_map(self) -> dict[str, Any]:
        """The entry of the report."""
        plain = {"slo": self.slo.text, "state": self.state, "value": self.value, "limit": self.slo.limit}
        more = {"request": self.name} if self.slo.each else {}
        return plain | {"sure": self.sure, "since": self.since, "unit": self.slo.unit} | more


class _Track:
    """One SLO of one request: what each second says to it. What follows from seconds that do not change is kept."""

    __slots__ = ("_busy", "_order", "_seconds", "_sure", "held", "name", "since", "slo")

    def __init__(self, slo: Slo, name: str) -> None:
        self.slo, self.name = slo, name
        self._seconds: dict[int, Sample] = {}
        self._order: list[windows.Second] = []
        self._busy: list[windows.Second] = []
        self._sure: tuple[int, bool] | None = None
        self.held = 0
        """How many windows, from the first on, are known to hold."""
        self.since: int | None = None

    def take(self, second: int, seen: Sample) -> None:
        """A second; what was known of it before is replaced."""
        newest = not self._order or second > self._order[-1][0]
        self._seconds[second] = seen
        if newest:
            self._order.append((second, seen))
            self._busy += [(second, seen)] if seen.measured else []
        else:
            self._order, self._sure, self.held, self.since = sorted(self._seconds.items()), None, 0, None
            self._busy = [one for one in self._order if one[1].measured]

    def all(self) -> list[windows.Second]:
        """In order."""
        return self._order

    def busy(self, seen: Seen) -> list[windows.Second]:
        """Those with traffic, of which windows consist. A run that ended before its first whole second has what there
        is."""
        if not self._busy or self._busy[-1][0] + 1 <= seen.whole:
            return self._busy
        kept = [one for one in self._busy if one[0] + 1 <= seen.whole]
        return kept if kept or not seen.over else self._busy

    def sure(self, over: bool) -> bool:
        """Whether the count of all seconds decides."""
        many = len(self._order)
        if over or self._sure is None or many - self._sure[0] > min(_REST - 1, many // _FEW):
            self._sure = (many, _decides(self.slo, self._order))
        return self._sure[1]


class Judge:
    """The SLOs of one run. A name that is asked for by `of each` is judged once it was sent."""

    def __init__(self, slos: Sequence[Slo]) -> None:
        self.slos = tuple(slos)
        self._tracks: list[dict[str, _Track]] = [
            {} if slo.each else {slo.name: _Track(slo, slo.name)} for slo in self.slos
        ]

    def look(self, second: int, delta: Delta) -> None:
        """What was measured in a run-second, over all nodes. A later call for the same second replaces it."""
        for slo, tracks in zip(self.slos, self._tracks, strict=True):
            for name in names_in(slo, delta) if slo.each else ():
                if name not in tracks:
                    tracks[name] = _Track(slo, name)
            for name, track in tracks.items():
                track.take(second, sample(slo, delta, name))

    def results(self, seen: Seen, total: Sum) -> list[Result]:
        """How each SLO stands."""
        return [self._result(slo, tracks, seen, total) for slo, tracks in zip(self.slos, self._tracks, strict=True)]

    def stopper(self, seen: Seen) -> Slo | None:
        """The first SLO with `else stop` that is missed for sure, or that cannot be mended."""
        for slo, tracks in zip(self.slos, self._tracks, strict=True):
            if slo.stop and any(_ends(track, seen) for track in tracks.values()):
                return slo
        return None

    def _result(self, slo: Slo, tracks: Mapping[str, _Track], seen: Seen, total: Sum) -> Result:
        """Of each request: the one that was missed first, else one that holds."""
        results = [_judged(track, seen, total) for track in tracks.values()]
        if not results:
            return Result(slo, MISSED if seen.over else UNMEASURED, None, None, None)
        missed = [result for result in results if result.state == MISSED]
        return min(missed, key=lambda result: result.since or 0) if missed else _worst(slo, results)


def _worst(slo: Slo, results: Sequence[Result]) -> Result:
    pick = max if slo.upper else min
    return pick(results, key=lambda result: result.value or 0.0)


def _judged(track: _Track, seen: Seen, total: Sum) -> Result:
    slo = track.slo
    if slo.window is not Window.WHOLE:
        return _judged_in_windows(track, seen, total)
    whole = _whole(track, seen)
    if not whole.measured and not seen.over:
        return Result(slo, UNMEASURED, None, None, None, track.name)
    state = HOLDS if holds(slo, whole, seen.length) else MISSED
    since = _since(track) if state == MISSED else None
    value = value_of(slo, whole, seen.total, track.name, seen.length)
    return Result(slo, state, value, since, _sure(track, seen.over), track.name)


def _whole(track: _Track, seen: Seen) -> Sample:
    """The whole run. What is dropped is known at the end alone, so the plan counts, not the seconds."""
    found = sample(track.slo, seen.total, track.name)
    if track.slo.what.measure is not Measure.DROPPED:
        return found
    dropped = found.hits if seen.dropped is None else seen.dropped
    return found._replace(measured=max(found.measured, seen.planned or 0), hits=dropped)


def _since(track: _Track) -> int | None:
    """The first second as of which it was missed, of those in which anything was measured."""
    if track.since is None:
        track.since = _first_missed(track.slo, track.all())
    return track.since


def _first_missed(slo: Slo, seconds: Sequence[windows.Second]) -> int | None:
    whole, length, last = Sample(), 0.0, None
    for second, seen in seconds:
        whole, length, last = merged((whole, seen)), length + 1, second
        if whole.measured and not holds(slo, whole, length):
            return second
    return last


def _sure(track: _Track, over: bool) -> bool | None:
    if not track.slo.counted:
        return None
    return track.sure(over) if _by_share(track.slo) else True  # a number is what it is


def _by_share(slo: Slo) -> bool:
    return slo.share or slo.what.measure in TIMES


def _decides(slo: Slo, seconds: Sequence[windows.Second]) -> bool:
    pairs = [beyond(slo, seen) for _, seen in seconds if seen.measured]
    return sure([(hits, count) for hits, count, _ in pairs], pairs[0][2]) if pairs else False


def _judged_in_windows(track: _Track, seen: Seen, total: Sum) -> Result:
    slo, broken = track.slo, _broken(track, seen)
    found = broken or windows.last_span(slo, track.busy(seen))
    if not found:
        return Result(slo, MISSED if seen.over else UNMEASURED, None, None, False if slo.counted else None, track.name)
    certain = (not _by_share(slo) or _decides(slo, found)) if slo.counted else None
    state, since = (MISSED, found[-1][0]) if broken else (HOLDS, None)
    return Result(slo, state, _value_of_window(track, found, total), since, certain, track.name)


def _value_of_window(track: _Track, found: Sequence[windows.Second], total: Sum) -> float | None:
    """Only a percentile needs the times themselves."""
    slo, first, last = track.slo, found[0][0], found[-1][0]
    if slo.what.measure in TIMES and slo.what.point is not Point.MEAN:
        times = total(first, last)
        return value_of(slo, sample(slo, times, track.name), times, track.name, float(last - first + 1))
    return number(slo, merged(seen for _, seen in found), float(len(found)))


def _broken(track: _Track, seen: Seen) -> Sequence[windows.Second]:
    """The first window that is missed, or nothing."""
    broken, track.held = windows.first_broken(track.slo, track.busy(seen), seen.over, track.held)
    return broken


def value_of(slo: Slo, seen: Sample, delta: Delta, name: str, seconds: float) -> float | None:
    """The value in the report's unit; None where nothing was measured, or where a percentile falls among failures."""
    if slo.what.measure not in TIMES or slo.what.point is Point.MEAN:
        return number(slo, seen, seconds)
    if not seen.measured or rank(slo, seen.measured) > seen.measured - seen.failed:
        return None
    return float(times_of(slo, delta, name).at_rank(rank(slo, seen.measured)))


def _ends(track: _Track, seen: Seen) -> bool:
    slo = track.slo
    if slo.window is not Window.WHOLE:
        return bool(_broken(track, seen))
    whole = _whole(track, seen)
    if not whole.measured or holds(slo, whole, seen.length):
        return False
    return (slo.counted and _by_share(slo) and track.sure(False)) or hopeless(slo, whole, seen.planned_for(slo))


def hopeless(slo: Slo, whole: Sample, planned: int | None) -> bool:
    """Nothing that is still to come can mend what is missed now."""
    if slo.what.measure in RATES or not (slo.upper or _is_above(slo, whole)):
        return False
    if slo.what.point is Point.MAX or not _by_share(slo):
        return True
    if planned is None:
        return False
    if slo.what.measure is Measure.DROPPED:
        return whole.hits > slo.limit * max(planned, whole.measured)
    if not slo.counted:
        return False
    against, _, allowed = beyond(slo, whole)
    return against > allowed * max(planned, whole.measured)


def _is_above(slo: Slo, whole: Sample) -> bool:
    """An equality whose value is above the limit: what only grows never comes back to it."""
    if slo.op != "==":
        return False
    if slo.what.measure in TIMES:
        return slo.what.point is Point.MAX and whole.upto < whole.measured
    return _by_share(slo) or whole.hits > slo.limit


def entries(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The report's list."""
    return [result.to_map() for result in results]
