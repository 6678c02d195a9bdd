"""Pushes a run to a collector by OTLP: its metrics each second, its events as log records."""

from __future__ import annotations

from gluten.push import otlp
from gluten.push.batch import Batch, Event
from gluten.push.retry import accepted
from gluten.push.sender import Sender, readable, why
from gluten.push.sums import Sums

PROTOBUF = "application/x-protobuf"


class OtlpPush:
    """A collector that refuses log records gets no more of them: many take metrics alone."""

    sums = Sums

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._logs = True
        self._events: list[Event] = []

    def event(self, event: Event) -> None:
        """It goes with the next second."""
        if self._logs:
            self._events.append(event)

    def second(self, batch: Batch) -> str:
        """Push a second. Returns why it was refused; an empty text: it was not."""
        refused = self._push_metrics(batch) if batch.parts else ""
        events, self._events = self._events, []
        if events and self._logs:
            answer = self._sender.send(otlp.LOGS, PROTOBUF, otlp.logs(events))
            self._logs = answer is None or accepted(answer.status)
        return refused

    def _push_metrics(self, batch: Batch) -> str:
        answer = self._sender.send(otlp.METRICS, PROTOBUF, otlp.metrics(batch))
        if answer is None:
            return ""
        # A body of an answer that accepts tells of points that were not taken.
        partly = readable(answer.body) if answer.body[:1] == b"\n" else ""
        return f"it takes only a part: {partly}" if accepted(answer.status) and partly else why(answer)
