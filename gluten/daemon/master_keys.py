"""The key of a running master: its local files, its rotation, and the texts that tell people how to use it."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gluten.errors import ConfigError
from gluten.net.keys import keyfile
from gluten.net.keys.keys import ClusterKey, Keyring
from gluten.net.keys.localkey import LocalKeyFiles
from gluten.net.keys.onetime import OneTimeTokens

log = logging.getLogger(__name__)

CHECK_EVERY = 1.0
"""Seconds between checks of the key's file."""


class MasterKeys:
    """`keyring` checks tokens, and `logins` makes login links. `on_rotated` is called after both have the new key."""

    def __init__(self, key: ClusterKey | None, file: Path | None, on_rotated: Callable[[], None]) -> None:
        self.keyring, self.logins = Keyring(key), OneTimeTokens()
        self._key, self._file, self._on_rotated = key, file, on_rotated
        self._watched = keyfile.WatchedKeyFile(file) if file else None
        self._local_files: LocalKeyFiles | None = None
        self._next_check = 0.0

    @property
    def key(self) -> ClusterKey | None:
        """The cluster's key, or None without authentication."""
        return self._key

    def open(self, bind: str, ports: Sequence[int]) -> None:
        """Write the key's local files for this user's commands and slaves on this host."""
        if self._key is not None:
            self._local_files = LocalKeyFiles(bind, ports)
            self._local_files.write(self._key)

    def close(self) -> None:
        if self._local_files is not None:
            self._local_files.remove()

    # Their part of a node's rounds

    busy = False

    def react(self) -> None:
        """Nothing of them is urgent."""

    def due(self) -> float:
        """No round is made for the file: it is looked at in one that comes anyhow."""
        return math.inf

    def turn(self) -> None:
        """Use a new key from the file. A file that cannot be used changes nothing."""
        now = time.monotonic()
        if self._watched is None or now < self._next_check:
            return
        self._next_check = now + CHECK_EVERY
        try:
            key = self._watched.changed()
        except ConfigError as error:
            log.warning("%s; the old key stays valid", error)
            return
        if key is not None and key != self._key:
            self._rotate(key)

    def _rotate(self, key: ClusterKey) -> None:
        """Use the new key, and end everything that was opened with the old one."""
        self._key = key
        self.keyring.replace(key)
        self.logins.clear()
        if self._local_files is not None:
            self._local_files.write(key)
        log.warning(
            "the cluster's key was rotated: all sessions have ended, and slaves on other hosts need the new key"
        )
        self._on_rotated()

    def link(self, base: str) -> str:
        """A link that logs a browser in once, within `LIFE` seconds. Empty if no login is needed."""
        return "" if self.keyring.open else f"{base}/login?token={self.logins.create(time.monotonic())}"

    def join_hint(self, join: str, program: str) -> str:
        """How to start slaves on other hosts. `join` is the command line for slaves on this host.

        A slave's key is shown only on a terminal, never in a log. The cluster's key is not shown.
        """
        if self._key is None:
            return "not needed (--no-auth)"
        if sys.stdout.isatty():
            from gluten.net.bus.curve import slave_key

            return f"on other hosts GLUTEN_KEY={slave_key(self._key).text} {join}"
        show = f"{program} key show --slave" + (f" --key-file {self._file}" if self._file else "")
        return f"on other hosts {join} --key-file FILE, which holds what this prints: {show}"
