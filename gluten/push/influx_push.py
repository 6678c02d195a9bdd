"""Pushes a run to an InfluxDB, or to what takes its line protocol: a line for each figure of a second."""

from __future__ import annotations

from collections.abc import Iterable

from gluten.push import line_protocol
from gluten.push.batch import Batch, Event, Part, RunHead
from gluten.push.figures import IN_FLIGHT, SLO, Figure, figures
from gluten.push.sender import Sender, why
from gluten.push.sums import end_of
from gluten.stats.delta import Delta
from gluten.stats.seconds import Seconds

PLAIN = "text/plain; charset=utf-8"
MOST_LINES = 5_000
"""Lines of one body."""


class EachSecond:
    """The seconds of one run, by node. A batch has those that have changed since the last one."""

    def __init__(self, head: RunHead) -> None:
        self.head = head
        self._totals: dict[str, Delta] = {}
        self._seconds: dict[str, Seconds] = {}
        self._changed: set[tuple[int, str]] = set()

    def add(self, node: str, delta: Delta) -> None:
        """Count a delta. From now on it belongs to its second."""
        self._totals.setdefault(node, Delta(-1)).follow(delta)
        self._changed.add((delta.second, node))
        self._seconds.setdefault(node, Seconds()).add(delta)

    def batch(self, second: int, slos: Iterable[tuple[str, bool]] = (), node: str = "") -> Batch:
        """`node` is the one that judges the SLOs."""
        parts = [self._part(each, name) for each, name in sorted(self._changed)]
        self._changed = set()
        if judged := [Figure(SLO, (("slo", text),), int(holds)) for text, holds in slos]:
            parts.append(Part(node, judged))
        return Batch(self.head, end_of(self.head, second), parts)

    def _part(self, second: int, node: str) -> Part:
        """Of a second that is not the newest, what is in flight is not known any more."""
        seconds = self._seconds[node]
        delta, newest = seconds[second], max(seconds)
        found = figures(delta, self._totals[node], delta)
        kept = [figure for figure in found if second == newest or figure.metric != IN_FLIGHT]
        return Part(node, kept, end_of(self.head, second))


class InfluxPush:
    sums = EachSecond

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._events: list[str] = []

    def event(self, event: Event) -> None:
        """It goes with the next second."""
        self._events.append(line_protocol.event_line(event))

    def second(self, batch: Batch) -> str:
        """Push a second. Returns why it was refused; an empty text: it was not."""
        lines, self._events = [*line_protocol.lines(batch), *self._events], []
        refused = ""
        for first in range(0, len(lines), MOST_LINES):
            body = "\n".join(lines[first : first + MOST_LINES]) + "\n"
            answer = self._sender.send("", PLAIN, body.encode("utf-8", "replace"))
            refused = refused or (why(answer) if answer is not None else "")
        return refused
