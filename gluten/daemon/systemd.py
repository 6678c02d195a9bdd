"""What a node tells the program that supervises it: sd_notify(3), by one datagram a word to $NOTIFY_SOCKET.

Without such a socket nothing is sent.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class Systemd:
    """`pause` is how often, in seconds, it wants to hear that the node is alive; None: it does not ask."""

    def __init__(self, address: str, pause: float | None) -> None:
        self._address, self.pause = address, pause

    @classmethod
    def of(cls, environ: Mapping[str, str], pid: int) -> Systemd:
        """As the environment says. Half of the watchdog's time is the pause, as sd_watchdog_enabled(3) advises."""
        timeout = environ.get("WATCHDOG_USEC", "")
        for_us = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        pause = int(timeout) / 2e6 if timeout.isdigit() and int(timeout) and for_us else None
        return cls(environ.get("NOTIFY_SOCKET", ""), pause)

    def ready(self) -> None:
        self._tell("READY=1")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, word: str) -> None:
        """A supervisor that does not listen is no reason to end."""
        if self._address[:1] not in ("/", "@"):
            return
        # A name that begins with @ is an abstract one: its first byte is null.
        address = os.fsencode(self._address.replace("@", "\0", 1) if self._address[0] == "@" else self._address)
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(word.encode(), address)
