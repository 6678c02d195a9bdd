"""The master's part of a node's rounds. It wakes those who wait for the store and for reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gevent.event import Event

    from gluten.cluster.master.master import Master


class MasterPart:
    """`flush_wanted` and `report_wanted` are set when the master's `flush` and `build_reports` have something to do."""

    def __init__(self, master: Master, flush_wanted: Event, report_wanted: Event) -> None:
        self._master, self._flush_wanted, self._report_wanted = master, flush_wanted, report_wanted

    def turn(self) -> None:
        self._master.turn()
        self._pass_on()

    def react(self) -> None:
        self._master.react()
        self._pass_on()

    @property
    def busy(self) -> bool:
        return self._master.busy

    def due(self) -> float:
        return self._master.due()

    def _pass_on(self) -> None:
        if self._master.unstored:
            self._flush_wanted.set()
        if self._master.unreported:
            self._report_wanted.set()
