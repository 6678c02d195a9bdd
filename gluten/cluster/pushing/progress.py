"""How far a run is pushed to one server. Pure."""

from __future__ import annotations

from gluten.cluster.run.ledger import Numbers
from gluten.push.messages import Message
from gluten.push.messages import event as event_message
from gluten.store.records import StoredDelta, StoredEvent

Slos = list[tuple[str, bool]]


class Progress:
    """`next` is the first second that was not passed on. `pushed` is the last one that the server has taken or refused;
    those up to `before` were pushed by an earlier process, so they are only counted again. `events` were passed on, and
    `events_pushed` of them are pushed: an event goes with the next second. `over`: it has no more."""

    def __init__(self, run: str, before: int = -1, events: int = 0) -> None:
        self.run = run
        self.next, self.before, self.pushed = 0, before, before
        self.events = self.events_pushed = events
        self._marks: list[tuple[int, int]] = []
        """(second, the events that were passed on before it) of what is not pushed."""
        self.over = self.begun = False
        self._numbers: dict[tuple[str, int], Numbers] = {}
        self._highest: dict[tuple[str, int], int] = {}
        self._slos: list[tuple[float, Slos]] = []

    @property
    def waiting(self) -> int:
        """Seconds that were passed on and are not pushed."""
        return self.next - 1 - max(self.pushed, self.before)

    @property
    def done(self) -> bool:
        return self.over and self.waiting <= 0

    def closed(self, second: int) -> None:
        """All of this second was passed on."""
        self._marks.append((second, self.events))

    def heard(self, second: int) -> None:
        """The process has pushed the seconds up to this one."""
        self.pushed = max(self.pushed, second)
        while self._marks and self._marks[0][0] <= self.pushed:
            self.events_pushed = max(self.events_pushed, self._marks.pop(0)[1])

    def take(self, delta: StoredDelta) -> bool:
        """False where it was passed on before."""
        source = (delta.node, delta.epoch)
        self._highest[source] = max(delta.number, self._highest.get(source, 0))
        return self._numbers.setdefault(source, Numbers()).add(delta.number)

    @property
    def has_gaps(self) -> bool:
        """Some deltas came later than others of the same node."""
        return any(numbers.missing(self._highest[source]) for source, numbers in self._numbers.items())

    def judged(self, elapsed: float, slos: Slos) -> None:
        """How the SLOs stand in this run-second."""
        if not self._slos or self._slos[-1][1] != slos:
            self._slos.append((elapsed, slos))

    def slos(self, second: float) -> Slos:
        """How they stood at the end of the second, as far as that was noticed."""
        known = [slos for at, slos in self._slos if at <= second + 1]
        return known[-1] if known else []

    def new_events(self, events: list[StoredEvent], node: str) -> list[Message]:
        """The messages of events that were not passed on. `node` is where those happened that name none."""
        new, self.events = events[self.events :], max(self.events, len(events))
        return [event_message(self.run, e.at, e.kind, e.text, e.node or node, e.second) for e in new]
