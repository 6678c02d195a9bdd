"""What is known of a run while it goes. Pure: no clock, no terminal.

`LiveView` takes the updates of `Client.watch`, which are maps from `cluster/master/views`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gluten.plan.run_state import FINAL
from gluten.report.load_duration import loaded

if TYPE_CHECKING:
    from gluten.documents import Row, UpdateDocument

Map = Mapping[str, Any]
EVENTS = 20
"""How many events are kept."""
TASK_FIELDS = ("method", "threads", "connections", "requests", "http2", "streams")
"""What the live view shows of a task."""


class LiveView:
    """What is known of a run so far. A row that comes again replaces the earlier one.

    `heat` is the histogram of the response times so far: how many by band (`stats/heatmap`). `nodes` has each node's
    newest second, and what it reported of that.
    """

    def __init__(self) -> None:
        self.run: Map = {}
        self.heat: Counter[int] = Counter()
        self.nodes: dict[str, tuple[int, Map]] = {}
        self._events: deque[Map] = deque(maxlen=EVENTS)
        self._rows: dict[int, Row] = {}
        self._shown: list[Row] | None = None

    def apply(self, update: UpdateDocument) -> None:
        """Add an update. It has the keys `run`, `rows` and, if there are any, `events`."""
        self.run, self._shown = update["run"], None
        for row in update["rows"]:
            self._add(row)
        # A stream that is continued may repeat them.
        self._events.extendleft(event for event in update.get("events", ()) if event not in self._events)

    def _add(self, row: Row) -> None:
        second, known = row["second"], self._rows.get(row["second"])
        if known is not None:
            self.heat.subtract(_bands(known))
        self.heat.update(_bands(row))
        self.heat = +self.heat
        self._rows[second] = row.copy()
        for name, part in row["nodes"].items():
            if second >= self.nodes.get(name, (0, {}))[0]:
                self.nodes[name] = second, part
        # Only the newest seconds show their nodes. The older ones would fill the memory in a run of hours.
        old = self._rows.get(second - 5)
        if old is not None:
            old["nodes"] = {}

    @property
    def events(self) -> list[Map]:
        """The newest ones, the newest first."""
        return [event for event in self._events if event.get("text")]

    @property
    def rows(self) -> list[Row]:
        """The whole seconds of load, in order. Seconds after the end of load are left out."""
        if self._shown is None:
            length = self.run.get("duration") or self.run.get("asked_duration")
            rows = loaded(self._rows[at] for at in sorted(self._rows))
            self._shown = [row for row in rows if not length or row["second"] + 1 <= length]
        return self._shown

    @property
    def newest(self) -> Row | None:
        """The newest second that every node has reported."""
        rows = self.rows
        if len(rows) > 1 and len(rows[-1]["nodes"]) < len(rows[-2]["nodes"]) and not self.ended:
            return rows[-2]
        return rows[-1] if rows else None

    @property
    def errors(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in self._rows.values():
            found.update(row["errors"])
        return found

    @property
    def longest_response(self) -> float | None:
        """The longest response time so far, in microseconds. It includes the responses after the end of load."""
        return max((row["max"] for row in self._rows.values()), default=None)

    @property
    def status(self) -> Counter[str]:
        """Responses by status code."""
        found: Counter[str] = Counter()
        for row in self._rows.values():
            found.update(row.get("status", {}))
        return found

    @property
    def missed(self) -> list[Map]:
        """The SLOs that are missed so far."""
        return [entry for entry in self.run.get("slo") or () if entry["state"] == "missed"]

    @property
    def search(self) -> Map | None:
        """What a search for the capacity has found so far. None: the run does not search."""
        found: Map | None = self.run.get("capacity")
        return found

    @property
    def ended(self) -> bool:
        return self.run.get("state") in FINAL

    @property
    def sessions(self) -> Map | None:
        """The sessions so far. None: a run without scenarios."""
        found: Map | None = self.run.get("sessions")
        return found

    def asked(self, row: Row) -> float | None:
        """The requests that the plan has in this second. A plan of sessions has no number of requests."""
        return row["asked"] if self.sessions is None else None

    @property
    def counted(self) -> tuple[int, str]:
        """What a limited number counts, so far and in words: sessions that began, or requests that ended."""
        if self.sessions is not None:
            return int(self.sessions["begun"]), "sessions"
        return int(self.run["completed"] + self.run["failed"]), "requests"

    @property
    def elapsed(self) -> float:
        """Seconds of load that were reported so far."""
        rows = self.rows
        return float(rows[-1]["second"] + 1) if rows else 0.0

    @property
    def done(self) -> float | None:
        """The share of the run that is done, 0 to 1. None if the run has no known end."""
        shares = []
        if self.run.get("asked_duration"):
            shares.append(self.elapsed / self.run["asked_duration"])
        if self.run["task"].get("requests"):
            shares.append(self.counted[0] / self.run["task"]["requests"])
        return min(1.0, max(shares)) if shares else None


def _bands(row: Row) -> dict[int, int]:
    """How many response times lie in each band. A master of an earlier version does not tell."""
    heat = row.get("heat") or [0]
    return {heat[0] + at: times for at, times in enumerate(heat[1:]) if times}
