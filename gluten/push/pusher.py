"""Handles the messages of the process that pushes, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from gluten.push.batch import Batch, Event, RunHead
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import unpack


class Counted(Protocol):
    """What is known of one run: `Sums`, `EachSecond`."""

    head: RunHead

    def add(self, node: str, delta: Delta) -> None: ...
    def batch(self, second: int, slos: Iterable[tuple[str, bool]] = (), node: str = "") -> Batch: ...


class Way(Protocol):
    """How to push: `OtlpPush`, `InfluxPush`. `sums` makes what counts a run."""

    @property
    def sums(self) -> Callable[[RunHead], Counted]: ...
    def event(self, event: Event) -> None: ...
    def second(self, batch: Batch) -> str: ...


class Pusher:
    """`given_up`: whether there is no time left. `lost` seconds were not delivered."""

    def __init__(self, way: Way, given_up: Callable[[], bool], answer: Callable[[dict[str, Any]], None]) -> None:
        self._way, self._given_up, self._answer = way, given_up, answer
        self._runs: dict[str, Counted] = {}
        self._refused: set[str] = set()
        self.lost = 0

    def take(self, message: dict[str, Any]) -> None:
        """Handle one message. A run that is not known is not pushed."""
        run = message["run"]
        if message["type"] == "run":
            self._runs[run] = self._way.sums(RunHead(run, message["name"], message["start"]))
        elif (sums := self._runs.get(run)) is not None:
            getattr(self, f"_{message['type']}")(sums, message)

    def _delta(self, sums: Counted, message: dict[str, Any]) -> None:
        sums.add(message["node"], unpack(message["body"]))

    def _event(self, sums: Counted, message: dict[str, Any]) -> None:
        kind, text, node = message["kind"], message["text"], message["node"]
        self._way.event(Event(sums.head, message["at"], kind, text, node, message["at_second"]))

    def _second(self, sums: Counted, message: dict[str, Any]) -> None:
        batch = sums.batch(message["second"], [tuple(pair) for pair in message["slos"]], message["node"])
        if not self._given_up() and (refused := self._way.second(batch)) and refused not in self._refused:
            self._refused.add(refused)
            self._answer({"type": "refused", "text": refused})
        self.lost += self._given_up()
        self._answer({"type": "pushed", "run": sums.head.run, "second": message["second"]})

    def _known(self, sums: Counted, message: dict[str, Any]) -> None:
        sums.batch(message["second"])

    def _over(self, sums: Counted, message: dict[str, Any]) -> None:
        del self._runs[sums.head.run]
