"""The master's part of a node's rounds. It wakes those who wait for the store and for reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluten.daemon.life import wait

if TYPE_CHECKING:
    from gevent.event import Event

    from gluten.cluster.master.master import Master

FLUSH, STORE_PAUSE = 0.05, 1.0
"""Seconds between two flushes; the second one while the store is away."""


class MasterPart:
    """Each event is set when the master has something to do: its `flush`, its `build_reports`, its `serve_files`. Those
    are for greenlets of their own, which wait."""

    def __init__(self, master: Master, flush_wanted: Event, report_wanted: Event, file_wanted: Event) -> None:
        self._master, self._flush_wanted, self._report_wanted = master, flush_wanted, report_wanted
        self._file_wanted = file_wanted

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

    def serve_files(self) -> None:
        if not self._master.serve_files():
            wait(self._file_wanted)

    def build_reports(self) -> None:
        wait(self._report_wanted)
        self._master.build_reports()

    def flush(self) -> None:
        import gevent

        if not self._master.unstored:
            wait(self._flush_wanted)
        gevent.sleep(FLUSH if self._master.flush() else STORE_PAUSE)

    def _pass_on(self) -> None:
        if self._master.unstored:
            self._flush_wanted.set()
        if self._master.unreported:
            self._report_wanted.set()
