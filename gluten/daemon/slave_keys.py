"""The key of a running slave. It checks whether the master accepts the key, and whether its source has a new one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import gevent
import zmq.green

from gluten.errors import ConfigError, Refused
from gluten.net.bus import curve, zmtp_greeting
from gluten.net.bus.bus import tcp_address
from gluten.net.keys.keys import Keyring
from gluten.net.keys.keysource import KeySource
from gluten.net.keys.slavekey import ADVICE, AnyKey
from gluten.task.host_names import bracketed

log = logging.getLogger(__name__)

CHECK_EVERY, CHECK_RARELY = 0.5, 5.0
"""Seconds between checks while the master is away. The second one counts after the problem was logged."""
LOOK_EVERY = 1.0
"""Seconds between looks whether the master is away."""
TIMEOUT = 2.0
SURE_AFTER = 3
"""A key counts as wrong after so many refusals in a row. A single one may come from a master that is stopping."""


class SlaveKeys:
    """`problem` says why the master refuses this slave. It is empty if no reason is known.

    Without a source no key is used. Raises `ConfigError`.
    """

    def __init__(
        self, source: KeySource | None, masters: Sequence[tuple[str, int]], context: zmq.green.Context[Any]
    ) -> None:
        self._source, self._masters, self._context = source, masters, context
        self.keyring = Keyring(source.find() if source is not None else None)
        self.problem = ""
        self._refusals = 0
        self._was_accepted = self._logged = False

    def watch(
        self, lost: Callable[[], bool], on_changed: Callable[[], None], on_refused: Callable[[Refused], None]
    ) -> None:
        """Check the key, again and again, while the master is `lost`. It never returns.

        If the master never accepted the key, `on_refused` is called. If it once did, the key was rotated; then the
        problem is logged, and the slave keeps trying. `on_changed` is called after a new key was found.
        """
        pause = CHECK_EVERY
        while True:
            gevent.sleep(pause)
            if lost():
                self._check(on_changed, on_refused)
                pause = CHECK_RARELY if self._logged else CHECK_EVERY
            else:
                self._was_accepted, self._logged, self._refusals, self.problem = True, False, 0, ""
                pause = LOOK_EVERY

    def _check(self, on_changed: Callable[[], None], on_refused: Callable[[Refused], None]) -> None:
        key = self._find()
        if key is not None and key != self.keyring.key:
            log.info("a new key for the master was found: it is used from now on")
            self.keyring.replace(key)
            self._refusals, self._logged = 0, False
            on_changed()
            return
        self.problem = next(filter(None, map(self._find_problem, self._masters)), "")
        self._refusals = self._refusals + 1 if self.problem else 0
        if self._refusals < SURE_AFTER:
            return
        if not self._was_accepted:
            on_refused(Refused(self.problem))
        elif not self._logged:
            self._logged = True
            log.warning("%s; this slave keeps trying", self.problem)

    def _find(self) -> AnyKey | None:
        """The key of the source. It runs on a thread, because it may ask a name server."""
        if self._source is None:
            return None
        try:
            key: AnyKey | None = gevent.get_hub().threadpool.apply(self._source.find)
        except ConfigError as error:
            log.warning("%s", error)
            return None
        return key

    def _find_problem(self, master: tuple[str, int]) -> str:
        host, port = master
        where = f"the master at {bracketed(host)}:{port}"
        key, mechanism = self.keyring.key, zmtp_greeting.ask(host, port, TIMEOUT)
        if not mechanism:
            return ""
        if mechanism != curve.MECHANISM:
            return f"{where} needs no key: start this slave with --no-auth, too" if key is not None else ""
        if key is None:
            return f"{where} asks for its cluster's key: {ADVICE}"
        if curve.accepts_key(self._context, tcp_address(host, port), key, TIMEOUT) is not False:
            return ""
        return f"{where} does not accept this key, which was rotated or is another cluster's: {self._advice()}"

    def _advice(self) -> str:
        file = self._source.file if self._source is not None else None
        return f"put the new key into {file}" if file and self._was_accepted else ADVICE
