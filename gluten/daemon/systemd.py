"""Reports a node's state to its supervisor, such as systemd: sd_notify(3), one datagram to $NOTIFY_SOCKET a message.

Without $NOTIFY_SOCKET nothing is sent.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class Systemd:
    """`pause` is the number of seconds between the supervisor's watchdog messages. None: it has no watchdog."""

    def __init__(self, address: str, pause: float | None) -> None:
        self._address, self.pause = address, pause

    @classmethod
    def of(cls, environ: Mapping[str, str], pid: int) -> Systemd:
        """Read the environment. The pause is half of the watchdog's time, as sd_watchdog_enabled(3) advises."""
        timeout = environ.get("WATCHDOG_USEC", "")
        for_us = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        pause = int(timeout) / 2e6 if timeout.isdigit() and int(timeout) and for_us else None
        return cls(environ.get("NOTIFY_SOCKET", ""), pause)

    def ready(self) -> None:
        self._send("READY=1")

    def alive(self) -> None:
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, word: str) -> None:
        """Send one message. Errors are ignored, so a missing supervisor does not end the node."""
        if self._address[:1] not in ("/", "@"):
            return
        # A name that begins with @ is an abstract address. Its first byte is null.
        address = os.fsencode(self._address.replace("@", "\0", 1) if self._address[0] == "@" else self._address)
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.sendto(word.encode(), address)
