"""What `gluten run` pushes to servers while it loads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.push import messages
from gluten.push.feed import Feed
from gluten.stats.packed_delta import pack

if TYPE_CHECKING:
    from gluten.push.address import Destination
    from gluten.stats.delta import Delta

PATIENCE = 60.0
"""Seconds that a server which is away is waited for after the report is written."""


class Push:
    """A second is pushed once there is something of the next one. What comes late is in the sums of a later one."""

    def __init__(self, destinations: Sequence[Destination], run: str, name: str, node: str) -> None:
        self._feeds = [Feed(destination, PATIENCE) for destination in destinations]
        self._run, self._name, self._node = run, name, node
        self._second: int | None = None
        self._events: list[messages.Message] = []

    def take(self, delta: Delta, elapsed: float, slos: Iterable[Mapping[str, Any]]) -> None:
        """Push what is new of a second. `elapsed` is the run-second now, `slos` are judged so far."""
        if self._second is None:
            self._begin(delta.second, elapsed)
        elif delta.second > self._second:
            self._close(slos)
            self._second = delta.second
        self._send(messages.delta(self._run, self._node, pack(delta)))

    def event(self, kind: str, text: str, node: str, second: int | None) -> None:
        """Push what has happened. Before the load it waits for the first second."""
        self._events.append(messages.event(self._run, time.time(), kind, text, node or self._node, second))
        if self._second is not None:
            self._send_events()

    def finish(self, slos: Iterable[Mapping[str, Any]], notice: Callable[[str], None]) -> None:
        """Push the rest, and wait until it is delivered or the time for it is over. `notice` gets what was not."""
        if self._second is not None:
            self._close(slos)
        for feed in self._feeds:
            feed.finish(notice)

    def _begin(self, second: int, elapsed: float) -> None:
        self._second = second
        self._send(messages.run(self._run, self._name, time.time() - max(elapsed, second + 1.0)))
        self._send_events()

    def _send_events(self) -> None:
        for event in self._events:
            self._send(event)
        self._events = []

    def _close(self, slos: Iterable[Mapping[str, Any]]) -> None:
        assert self._second is not None
        self._send(messages.second(self._run, self._second, messages.slos_of(slos), self._node))

    def _send(self, message: messages.Message) -> None:
        for feed in self._feeds:
            feed.send(message)
