"""A search for the capacity in the HTML report: its answer, its trials, and what they measured by rate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gluten.report.compared_capacity import capacity_of
from gluten.report.formats import svg
from gluten.report.formats.capacity_text import TRIAL_HEAD, trial_cells
from gluten.report.formats.charts import short_count, short_micros
from gluten.report.formats.markup import escape, table
from gluten.report.formats.svg import Point, Series, Tick
from gluten.units import format_rate

Plain = Mapping[str, Any]
_KINDS = {"holds": "held", "misses": "missed"}
_MARKED = "● all SLOs hold, × one is missed, ○ undecided; the capacity lies in the band."
_OF_ALL = re.compile(r"p[\d.]+ *<=? *\S+")
"""An SLO on the response time of all requests."""
_ROOM = 0.04
"""Before the first and after the last rate, as a share."""


def capacity_card(report: Plain) -> str:
    """The answer. Empty where the run did not search."""
    found = capacity_of(report)
    if found is None:
        return ""
    kind = "missed" if found["holds"] is None else "held"
    return (
        f'<section class="card wide capacity slos {kind}"><h2>Capacity: {escape(found["text"])}</h2>'
        f'<p class="none">{escape(_facts(found))}</p></section>'
    )


def _facts(found: Plain) -> str:
    """How the answer was found."""
    seconds = sum(trial["to"] - trial["from"] for trial in found["trials"])
    length = f"{len(found['trials'])} trials of {seconds} s in all"
    return f"In {found['unit']}, to {found['precision'] * 100:g} %; {length}. SLOs and verdict are of the last hold."


def trial_table(report: Plain) -> Iterator[tuple[str, str]]:
    """(title, HTML) of the table, where there are trials."""
    found = capacity_of(report)
    if found is not None and found["trials"]:
        yield "Trials", table(TRIAL_HEAD, list(map(trial_cells, found["trials"])), "mhnnnnnnt")


def capacity_charts(report: Plain) -> Iterator[tuple[str, str]]:
    """(title, HTML) of each chart by rate."""
    found = capacity_of(report)
    trials = [trial for trial in found["trials"] if trial["p50"]] if found is not None else []
    if found is None or not trials:
        return
    limits = [one for one in report.get("slo", ()) if one["unit"] == "microseconds" and _OF_ALL.fullmatch(one["slo"])]
    rates = sorted({trial["rate"] for trial in trials})
    dashed = [Series(one["slo"], [one["limit"]] * len(rates), dashed=True) for one in limits[:1]]
    times = [_series(name, rates, trials, name) for name in ("p50", "p99")]
    legend = f'<p class="none">{_MARKED}</p>'
    yield "Response time by rate", _by_rate("p99", rates, [*times, *dashed], found, trials, short_micros) + legend
    errors = _series("errors", rates, trials, "errors")
    yield "Errors by rate, share of the requests", _by_rate("errors", rates, [errors], found, trials, _share)
    flight = _series("in flight", rates, trials, "in_flight")
    yield "Requests in flight by rate", _by_rate("in_flight", rates, [flight], found, trials, short_count)


def _series(name: str, rates: Sequence[float], trials: Sequence[Plain], key: str) -> Series:
    """Of each rate the last trial: that one decides."""
    last = {trial["rate"]: float(trial[key]) for trial in trials}
    return Series(name, [last[rate] for rate in rates])


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
    axes = replace(choose(rates, _ticks(rates), series, formatter), pad=_ROOM * ((rates[-1] - rates[0]) or rates[-1]))
    points = [Point(trial["rate"], trial[key], _KINDS.get(trial["state"], "open")) for trial in trials]
    states = {trial["rate"]: trial["state"] for trial in trials}
    labels = [f"{format_rate(rate)}: {states[rate]}" for rate in rates]
    drawn = svg.curve(f"{series[-1].name} by rate", axes, series, labels, points, _band(found))
    return svg.legend(series) + drawn


def _band(found: Plain) -> tuple[float, float] | None:
    """From the highest rate that held to the lowest that missed, where both are known."""
    return None if found["holds"] is None or found["misses"] is None else (found["holds"], found["misses"])


def _ticks(rates: Sequence[float]) -> list[Tick]:
    """Ticks at round rates."""
    step = svg.nice_step((rates[-1] - rates[0]) or rates[-1], 6)
    first, last = -int(-rates[0] // step), int(rates[-1] // step)
    return [Tick(step * at, short_count(float(f"{step * at:.12g}"))) for at in range(first, last + 1)]


def _share(value: float) -> str:
    return f"{value * 100:.3g}%"
