"""The log of a run where stderr is no terminal: a line for each trouble, at once, and no progress."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TextIO

from gluten.escapes import escaped
from gluten.terminal.live_view import event_text

if TYPE_CHECKING:
    from gluten.documents import EventDocument, UpdateDocument

TROUBLES = frozenset((
    "backlog", "capped", "gap", "late", "late_numbers", "left_out", "no_node", "node_lost", "not_moved", "rebalanced",
    "resumed", "silent", "slo", "teardown_failed", "worker_lost",
))  # fmt: skip
"""The kinds of events that are logged. The others are the course of every run, or a line of its own tells them."""


class TroubleLog:
    """Prints the troubles among the events of a run."""

    wanted = True

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._printed: set[tuple[str | None, str, str]] = set()

    def show(self, update: UpdateDocument) -> None:
        number = update["run"]["number"]
        for event in update.get("events", ()):
            if event["kind"] in TROUBLES and self._is_new(event):
                print_line(self._stream, (f"run {number}: " if number else "") + event_text(event))

    def clear(self) -> None:
        """Does nothing: printed lines stay."""

    def _is_new(self, event: EventDocument) -> bool:
        """A stream that is continued may repeat an event."""
        key = event["at"], event["kind"], event["text"]
        known = key in self._printed
        self._printed.add(key)
        return not known


def print_line(stream: TextIO, line: str) -> None:
    """Print the line at once. A reader that has gone does not end the run."""
    with contextlib.suppress(OSError):
        stream.write(escaped(line) + "\n")
        stream.flush()
