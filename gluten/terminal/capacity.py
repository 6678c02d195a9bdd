"""A search for the capacity in the live view: how far it has come, and its newest trial. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gluten.terminal.terminal import Span, Theme
from gluten.units import format_duration, format_micros, format_rate

Map = Mapping[str, Any]

_LOOKS = {"holds": (0, "good"), "misses": (1, "bad")}
_OPEN = (2, "dim")


def search_lines(found: Map, rate: float | None, most: int, theme: Theme) -> Iterator[tuple[str, list[Span]]]:
    """(label, spans) of each line: the answer so far, `most` of the newest trials, and the rate of now where it has no
    trial yet, because the target settles."""
    yield "capacity", [(str(found["text"]), "bold")]
    trials = found["trials"]
    for number in range(max(1, len(trials) - most + 1), len(trials) + 1):
        trial = trials[number - 1]
        at, style = _LOOKS.get(trial["state"], _OPEN)
        mark = (f"{theme.marks[at]} ", style)
        yield f"trial {number}", [mark, (f"{format_rate(trial['rate'])} ", "bold"), (_told(trial), "")]
    if rate is not None and not (trials and trials[-1]["rate"] == rate):
        yield "", [(f"{format_rate(rate)} ", "bold"), ("settles", "dim")]


def summary(found: Map) -> str:
    """The same for a line of a log."""
    trials = found["trials"]
    newest = f"  trial {len(trials)} {format_rate(trials[-1]['rate'])} {_told(trials[-1])}" if trials else ""
    return f"  capacity: {found['text']}{newest}"


def decided(found: Map) -> int:
    """How many trials are decided."""
    return sum(trial["state"] != "undecided" for trial in found["trials"])


def _told(trial: Map) -> str:
    """`for 4s: misses p99 < 250ms, p99 1.20s`."""
    slo = f" {trial['slo']}" if trial["state"] == "misses" and trial["slo"] else ""
    time = f", p99 {format_micros(trial['p99'])}" if trial["p99"] else ""
    return f"for {format_duration(max(0, trial['to'] - trial['from']))}: {trial['state']}{slo}{time}"
