"""Judges the SLOs of a run: each second while it goes on, and at its end. Pure: it is told what was measured.

`look` takes a second's sum over all nodes, and takes it again where a delta came late. A few numbers are kept of a
second for each SLO; times are merged again only where a value is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gluten.slo import windows
from gluten.slo.decision import beyond, holds, number, rank
from gluten.slo.sample import Sample, merged, sample
from gluten.slo.slo import RATES, TIMES, Measure, Point, Slo, Window
from gluten.slo.sure import sure
from gluten.stats.delta import Delta

HOLDS, MISSED = "holds", "missed"
Sum = Callable[[int, int], Delta]
"""The sum of the run-seconds from the first to the last, both included."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The whole run so far. `length`: seconds of load; `planned`: requests, None in a closed loop; `over`: it ended."""

    total: Delta
    length: float
    planned: int | None
    over: bool


@dataclass(slots=True)
class Result:
    """How one SLO stands. `value` and `since` are None where there is none; `name`: the request that decides it."""

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
        return plain | {"sure": self.sure, "since": self.since} | more


@dataclass(slots=True)
class _Track:
    """One SLO of one request: what each second says to it."""

    slo: Slo
    name: str
    seconds: dict[int, Sample] = field(default_factory=dict)

    def in_order(self) -> list[windows.Second]:
        return sorted(self.seconds.items())


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
            for name in delta.by_name if slo.each else ():
                if name not in tracks and delta.by_name[name].sent:
                    tracks[name] = _Track(slo, name)
            for name, track in tracks.items():
                track.seconds[second] = sample(slo, delta, name)

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
            return Result(slo, MISSED, None, None, None)
        missed = [result for result in results if result.state == MISSED]
        return min(missed, key=lambda result: result.since or 0) if missed else _worst(slo, results)


def _worst(slo: Slo, results: Sequence[Result]) -> Result:
    pick = max if slo.upper else min
    return pick(results, key=lambda result: result.value or 0.0)


def _judged(track: _Track, seen: Seen, total: Sum) -> Result:
    slo, seconds = track.slo, track.in_order()
    if slo.window is not Window.WHOLE:
        return _judged_in_windows(track, seconds, seen, total)
    whole = _whole(track, seen)
    state = HOLDS if holds(slo, whole, seen.length) else MISSED
    since = _since(slo, seconds) if state == MISSED else None
    return Result(slo, state, value_of(slo, whole, seen.total, track.name, seen.length), since, _sure(slo, seconds),
                  track.name)  # fmt: skip


def _whole(track: _Track, seen: Seen) -> Sample:
    """The whole run. What is dropped is known at the end alone, so the plan counts, not the seconds."""
    found = sample(track.slo, seen.total, track.name)
    if track.slo.what.measure is Measure.DROPPED and seen.planned is not None:
        return found._replace(measured=max(found.measured, seen.planned))
    return found


def _since(slo: Slo, seconds: Sequence[windows.Second]) -> int | None:
    """The first second as of which it was missed, of those in which anything was measured."""
    whole, length, last = Sample(), 0.0, None
    for second, seen in seconds:
        whole, length, last = merged((whole, seen)), length + 1, second
        if whole.measured and not holds(slo, whole, length):
            return second
    return last


def _sure(slo: Slo, seconds: Sequence[windows.Second]) -> bool | None:
    if not slo.counted:
        return None
    if slo.what.measure not in TIMES and not slo.share:
        return True  # a number is what it is
    pairs = [beyond(slo, seen) for _, seen in seconds if seen.measured]
    return sure([(hits, count) for hits, count, _ in pairs], pairs[0][2]) if pairs else False


def _judged_in_windows(track: _Track, seconds: Sequence[windows.Second], seen: Seen, total: Sum) -> Result:
    slo = track.slo
    broken = windows.first_broken(slo, seconds, seen.over)
    found = windows.spans(slo, seconds)
    if not found:
        return Result(slo, MISSED, None, None, None if not slo.counted else False, track.name)
    first, last = (broken.first, broken.last) if broken else (found[-1][0][0], found[-1][-1][0])
    inside = total(first, last)
    value = value_of(slo, sample(slo, inside, track.name), inside, track.name, float(last - first + 1))
    certain = _sure(slo, [one for one in seconds if first <= one[0] <= last])
    return Result(slo, MISSED if broken else HOLDS, value, broken.last if broken else None, certain, track.name)


def value_of(slo: Slo, seen: Sample, delta: Delta, name: str, seconds: float) -> float | None:
    """The value in the report's unit; None where nothing was measured, or where a percentile falls among failures."""
    if slo.what.measure not in TIMES or slo.what.point is Point.MEAN:
        return number(slo, seen, seconds)
    if not seen.measured or rank(slo, seen.measured) > seen.measured - seen.failed:
        return None
    stats = delta.by_name[name] if name else delta.total
    times = {
        Measure.RESPONSE: lambda: stats.response,
        Measure.SERVICE: lambda: stats.service,
        Measure.FIRST_BYTE: lambda: stats.first_byte,
        Measure.LATENESS: lambda: delta.lateness,
    }[slo.what.measure]()
    return float(times.at_rank(rank(slo, seen.measured)))


def _ends(track: _Track, seen: Seen) -> bool:
    slo, seconds = track.slo, track.in_order()
    if slo.window is not Window.WHOLE:
        return windows.first_broken(slo, seconds, over=False) is not None
    whole = _whole(track, seen)
    if not whole.measured or holds(slo, whole, seen.length):
        return False
    certain = slo.counted and (slo.share or slo.what.measure in TIMES) and _sure(slo, seconds)
    return bool(certain) or hopeless(slo, whole, seen.planned)


def hopeless(slo: Slo, whole: Sample, planned: int | None) -> bool:
    """Nothing that is still to come can mend what is missed now."""
    if slo.what.measure in RATES or not slo.upper:
        return False
    if slo.what.point is Point.MAX or (slo.what.measure not in TIMES and not slo.share):
        return True
    if planned is None or not slo.counted:
        return False
    against, _, allowed = beyond(slo, whole)
    return against > allowed * max(planned, whole.measured)


def entries(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The report's list."""
    return [result.to_map() for result in results]


def missed(results: Sequence[Mapping[str, Any]], strict: bool = False) -> Iterator[Mapping[str, Any]]:
    """The report's entries that are missed; `strict`: those that hold and are not sure, too (`--slo-sure`)."""
    return (one for one in results if one["state"] == MISSED or (strict and one["sure"] is False))
