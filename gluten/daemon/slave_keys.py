"""A slave's key while it runs: is it the master's, and if not, has it changed where it comes from?"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import gevent
import zmq.green

from gluten.errors import ConfigError, Refused
from gluten.net.bus import curve, zmtp_greeting
from gluten.net.bus.bus import tcp_address
from gluten.net.keys.keys import ClusterKey, Keyring
from gluten.net.keys.keysource import KeySource
from gluten.net.rpc.auth import ASK

log = logging.getLogger(__name__)

LOOK, LOOK_SELDOM = 0.5, 5.0
"""Seconds between looks while the master is away; the second one after this slave has said what is wrong."""
PATIENCE = 2.0
SURE = 3
"""How often in a row a key must not fit: a master may just be stopping."""


class SlaveKeys:
    """`trouble` says in words why the master will not have this slave, empty where nothing is known against it.

    Without a source no key is used. Raises `ConfigError`.
    """

    def __init__(self, source: KeySource | None, master: tuple[str, int], context: zmq.green.Context[Any]) -> None:
        self._source, self._master, self._context = source, master, context
        self.keyring = Keyring(source.find() if source is not None else None)
        self.trouble = ""
        self._wrong = 0
        self._knew_us = self._said = False

    def watch(
        self, lost: Callable[[], bool], on_changed: Callable[[], None], on_refused: Callable[[Refused], None]
    ) -> None:
        """Forever: look whenever the master is `lost`. Where its key never fitted, `on_refused` is told; where it did,
        it was rotated: the slave says so and goes on asking."""
        while True:
            gevent.sleep(LOOK_SELDOM if self._said else LOOK)
            if lost():
                self._look(on_changed, on_refused)
            else:
                self._knew_us, self._said, self._wrong, self.trouble = True, False, 0, ""

    def _look(self, on_changed: Callable[[], None], on_refused: Callable[[Refused], None]) -> None:
        key = self._find()
        if key is not None and key != self.keyring.key:
            log.info("another key was found for the master: it is used from now on")
            self.keyring.replace(key)
            self._wrong, self._said = 0, False
            on_changed()
            return
        self.trouble = self._why_not()
        self._wrong = self._wrong + 1 if self.trouble else 0
        if self._wrong < SURE:
            return
        if not self._knew_us:
            on_refused(Refused(self.trouble))
        elif not self._said:
            self._said = True
            log.warning("%s; this slave goes on asking", self.trouble)

    def _find(self) -> ClusterKey | None:
        """On a thread: a name server may be asked."""
        if self._source is None:
            return None
        try:
            key: ClusterKey | None = gevent.get_hub().threadpool.apply(self._source.find)
        except ConfigError as error:
            log.warning("%s", error)
            return None
        return key

    def _why_not(self) -> str:
        host, port = self._master
        where = f"the master at {host}:{port}" if ":" not in host else f"the master at [{host}]:{port}"
        key, mechanism = self.keyring.key, zmtp_greeting.ask(host, port, PATIENCE)
        if not mechanism:
            return ""
        if mechanism != curve.MECHANISM:
            return f"{where} asks for no key: start this slave with --no-auth, too" if key is not None else ""
        if key is None:
            return f"{where} asks for its cluster's key: {ASK}"
        if curve.accepts_key(self._context, tcp_address(host, port), key, PATIENCE) is not False:
            return ""
        return f"{where} does not take this key, which was rotated or is another cluster's: {self._mend()}"

    def _mend(self) -> str:
        file = self._source.file if self._source is not None else None
        return f"put the new one into {file}" if file and self._knew_us else ASK
