"""A search for the capacity in the HTML report: its answer, its trials, and what they measured by rate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gluten.report.compared_capacity import capacity_of
from gluten.report.formats import svg
from gluten.report.formats.capacity_text import trial_cells
from gluten.report.formats.charts import short_count, short_micros
from gluten.report.formats.markup import escape, panel, part, table
from gluten.report.formats.still import Still
from gluten.report.formats.svg import Point, Series
from gluten.units import format_rate

Plain = Mapping[str, Any]
_KINDS = {"holds": "held", "misses": "missed"}
_MARKED = (
    '<p class="muted marks"><span><span class="slo holds">●</span> all SLOs hold</span>'
    '<span><span class="slo missed">✗</span> one is missed</span><span><span class="slo">○</span> not decided</span>'
    "<span>The capacity lies in the coloured band.</span></p>"
)
_OF_ALL = re.compile(r"p[\d.]+ *<=? *\S+")
"""An SLO on the response time of all requests."""
_ROOM = 0.04
"""Before the first and after the last rate, as a share."""


def capacity_panel(report: Plain) -> list[str]:
    """The answer, the charts by rate and the trials. None where the run did not search."""
    found = capacity_of(report)
    if found is None:
        return []
    stills = "".join(map(str, _stills(report, found)))
    charts = (
        f'<div class="charts three stills">{stills}</div><div class="charts three moving" id="rates"></div>{_MARKED}'
    )
    parts = [f'<p class="answer">{escape(found["text"])}</p><p class="muted">{escape(_facts(found))}</p>']
    parts += [charts] if stills else []
    if found["trials"]:
        parts.append(part("Trials", table(_TRIAL_HEAD, list(map(_trial, found["trials"])), "mhnnnnnnt")))
    return [panel("Capacity", "".join(parts), "capacity")]


_TRIAL_HEAD = ("State", "Rate", "From", "To", "p50", "p99", "Errors", "In flight", "SLO")


def _trial(trial: Plain) -> list[str]:
    mark, *figures, _ = trial_cells(trial)
    return [f"{mark} {trial['state']}", *figures, trial["slo"] or ""]


def _facts(found: Plain) -> str:
    """How the answer was found."""
    seconds = sum(trial["to"] - trial["from"] for trial in found["trials"])
    length = f"{len(found['trials'])} trials of {seconds} s in all"
    return f"In {found['unit']}, to {found['precision'] * 100:g} %; {length}. SLOs and verdict are of the last hold."


def _stills(report: Plain, found: Plain) -> Iterator[Still]:
    """The charts by rate, where there are trials with figures."""
    trials = [trial for trial in found["trials"] if trial["p50"]]
    if not trials:
        return
    rates = sorted({trial["rate"] for trial in trials})
    limits = [one for one in report.get("slo", ()) if one["unit"] == "microseconds" and _OF_ALL.fullmatch(one["slo"])]
    dashed = [Series(one["slo"], [one["limit"]] * len(rates), True, "bad") for one in limits[:2]]
    times = [_series(name, rates, trials, name, color) for name, color in (("p50", "c1"), ("p99", "c2"))]
    drawn = _by_rate("p99", rates, [*times, *dashed], found, trials, short_micros)
    yield Still("capacity-times", "Response time", "by rate", drawn)
    errors = _series("errors", rates, trials, "errors", "c4")
    drawn = _by_rate("errors", rates, [errors], found, trials, _share)
    yield Still("capacity-not-good", "Errors", "of the requests, by rate", drawn)
    flight = _series("in flight", rates, trials, "in_flight", "c3")
    drawn = _by_rate("in_flight", rates, [flight], found, trials, short_count)
    yield Still("capacity-load", "In flight", "requests, by rate", drawn)


def _series(name: str, rates: Sequence[float], trials: Sequence[Plain], key: str, color: str) -> Series:
    """Of each rate the last trial: that one decides."""
    last = {trial["rate"]: float(trial[key]) for trial in trials}
    return Series(name, [last[rate] for rate in rates], color=color)


def _by_rate(
    key: str,
    rates: Sequence[float],
    series: Sequence[Series],
    found: Plain,
    trials: Sequence[Plain],
    formatter: Callable[[float], str],
) -> str:
    """A chart whose marks are the trials' figure `key`."""
    choose = svg.logarithmic if formatter is short_micros else svg.linear
    axes = replace(
        choose(rates, svg.round_ticks(rates[0], rates[-1], short_count), series, formatter),
        pad=_ROOM * ((rates[-1] - rates[0]) or rates[-1]),
    )
    points = [Point(trial["rate"], trial[key], _KINDS.get(trial["state"], "open")) for trial in trials]
    states = {trial["rate"]: trial["state"] for trial in trials}
    labels = [f"{format_rate(rate)}: {states[rate]}" for rate in rates]
    drawn = svg.curve(f"{series[-1].name} by rate", axes, series, labels, points, _band(found))
    return drawn + svg.legend(series)


def _band(found: Plain) -> tuple[float, float] | None:
    """From the highest rate that held to the lowest that missed, where both are known."""
    return None if found["holds"] is None or found["misses"] is None else (found["holds"], found["misses"])


def _share(value: float) -> str:
    return f"{value * 100:.3g}%"
