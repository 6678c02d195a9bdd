"""The SLOs of a run that goes on: judged each second, told once when they are first missed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gluten.slo.judge import Judge, Seen, Sum, entries
from gluten.slo.shown import missed_line
from gluten.slo.slo import MISSED, Slo
from gluten.stats.delta import Delta

BEGINNING = "SLO missed: "
_SHARE_OF_SPAN = 20
"""The value of a window is summed up anew when it has moved on by one part in so many of its length."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judgement says for the first time. `missed`: (text, run-second) for events. `stop`: why the run has to
    end now; empty: it goes on."""

    missed: tuple[tuple[str, int | None], ...] = ()
    stop: str = ""


class LiveSlos:
    """`entries` is how each SLO stands, as in the report."""

    def __init__(self, slos: Sequence[Slo], first: int = 0) -> None:
        """What was measured before the run-second `first` does not count."""
        self._judge, self._first = Judge(slos), first
        self._sums: dict[int, tuple[int, Delta]] = {}
        """By length: the last second of a window, and its sum."""
        self._grown: tuple[int, int, Delta] | None = None
        """(first second, last second, their sum) from the first second with traffic on."""
        self._told: set[str] = set()
        nothing = Seen(Delta(), 0.0, None, False)
        self.entries: list[dict[str, Any]] = entries(self._judge.results(nothing, lambda first, last: Delta()))

    def recall(self, texts: Iterable[str]) -> None:
        """Of these SLOs an earlier master has told: the texts of its events."""
        texts = tuple(texts)
        for slo in self._judge.slos:
            if any(text.startswith(f"{BEGINNING}{slo.text} (") for text in texts):
                self._told.add(slo.text)

    def look(self, second: int, delta: Delta) -> None:
        """What was measured in a second, over all nodes. A later call for the same second replaces it."""
        if second < self._first:
            return
        self._judge.look(second, delta)
        if self._grown is None and delta.sent:
            self._grown = (second, second - 1, Delta())

    def judge(self, seen: Seen, plan: int | None, total: Sum) -> Judged:
        """Judge what was seen so far. `plan`: how many requests, or with scenarios sessions, the whole run has; None:
        unknown. `total`: the sum of run-seconds."""
        results = self._judge.results(seen, lambda first, last: self._sum(first, last, total))
        self.entries = entries(results)
        news = tuple(self._news(entry) for entry in self.entries if self._is_new(entry))
        stopper = self._judge.stopper(replace(seen, planned=plan))
        if stopper is None:
            return Judged(news)
        entry = next(entry for entry in self.entries if entry["slo"] == stopper.text)
        return Judged(news, f"{BEGINNING}{missed_line(entry)}")

    def _is_new(self, entry: dict[str, Any]) -> bool:
        return entry["state"] == MISSED and entry["slo"] not in self._told

    def _news(self, entry: dict[str, Any]) -> tuple[str, int | None]:
        self._told.add(entry["slo"])
        return f"{BEGINNING}{missed_line(entry)}", entry["since"]

    def _sum(self, first: int, last: int, total: Sum) -> Delta:
        """A window's sum. A long one takes long to sum up, so an earlier one may stand for it, or is added to."""
        length = last - first + 1
        if self._grown is not None and self._grown[0] == first and self._grown[1] <= last:
            return self._grow(first, last, total)
        known = self._sums.get(length)
        if known is None or not 0 <= last - known[0] < max(1, length // _SHARE_OF_SPAN):
            known = self._sums[length] = (last, total(first, last))
        return known[1]

    def _grow(self, first: int, last: int, total: Sum) -> Delta:
        """The sum of a window that is not yet as long as it becomes."""
        assert self._grown is not None
        _, until, sum_ = self._grown
        if until < last:
            sum_.follow(total(until + 1, last))
        self._grown = (first, last, sum_)
        return sum_
