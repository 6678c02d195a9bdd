"""A master's key while it runs: left for this host's commands, looked at for a rotation, told to people."""

from __future__ import annotations

import logging
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

LOOK = 1.0
"""Seconds between looks at the key's file."""


class MasterKeys:
    """`keyring` judges tokens, `logins` mints links; `on_rotated` is told after both know the new key."""

    def __init__(self, key: ClusterKey | None, file: Path | None, on_rotated: Callable[[], None]) -> None:
        self.keyring, self.logins = Keyring(key), OneTimeTokens()
        self._file, self._on_rotated = file, on_rotated
        self._watched = keyfile.WatchedKeyFile(file) if file else None
        self._local_files: LocalKeyFiles | None = None
        self._next_look = 0.0

    def open(self, bind: str, ports: Sequence[int]) -> None:
        """Leave the key for this user's commands and slaves on this host."""
        if self.keyring.key is not None:
            self._local_files = LocalKeyFiles(bind, ports)
            self._local_files.write(self.keyring.key)

    def close(self) -> None:
        if self._local_files is not None:
            self._local_files.remove()

    def tick(self) -> None:
        """Take a new key from the file. One that cannot be used changes nothing."""
        now = time.monotonic()
        if self._watched is None or now < self._next_look:
            return
        self._next_look = now + LOOK
        try:
            key = self._watched.changed()
        except ConfigError as error:
            log.warning("%s; the old key holds", error)
            return
        if key not in (None, self.keyring.key):
            assert key is not None
            self._rotate(key)

    def _rotate(self, key: ClusterKey) -> None:
        """All that was opened with the old key ends."""
        self.keyring.replace(key)
        self.logins.clear()
        if self._local_files is not None:
            self._local_files.write(key)
        log.warning("the cluster's key was rotated: sessions have ended, slaves on other hosts need the new key")
        self._on_rotated()

    def link(self, base: str) -> str:
        """A link that logs a browser in, once, soon; empty where nobody has to log in."""
        return "" if self.keyring.open else f"{base}/login?token={self.logins.create(time.monotonic())}"

    def join_hint(self, join: str) -> str:
        """How slaves and commands of other hosts come in, by the line `join` that slaves of this host are started with.
        The key itself is for a terminal, not for a log."""
        key = self.keyring.key
        if key is None:
            return "nobody is asked for one (--no-auth)"
        if sys.stdout.isatty():
            return f"on other hosts GLUTEN_KEY={key.text} {join}"
        return f"on other hosts {join} --key-file FILE, a copy of {self._file or 'the one that this master was given'}"
