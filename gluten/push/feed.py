"""The end of `gluten run` of a process that pushes. It never waits for the server, but for `finish`."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from gluten.engine.channel import Decoder, encode
from gluten.push.address import Destination
from gluten.push.process import READ, spawn

SOON = 1.0
"""Seconds after which somebody is told what is waited for."""


class Feed:
    """`trouble` is why nothing can be delivered now, `refused` what was refused."""

    def __init__(self, destination: Destination, patience: float) -> None:
        self.shown, self._patience = destination.shown, patience
        self._channel, self._pid = spawn(destination, patience)
        self._decoder = Decoder()
        self._alive = True
        self.trouble, self.lost = "", 0
        self.refused: list[str] = []

    def send(self, message: dict[str, Any]) -> None:
        """Pass a message on, and read what was answered."""
        try:
            self._channel.sendall(encode(message))
        except OSError:
            self._alive = False
        self._read(0.0)

    def finish(self, notice: Callable[[str], None]) -> None:
        """Wait until everything is delivered, or the time for it is over. Tell what was not."""
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)
        began, told = time.monotonic(), False
        while self._read(SOON):
            if self.trouble and not told and time.monotonic() - began >= SOON:
                told = True
                notice(f"{self.shown}: {self.trouble}; waiting up to {self._patience:g} s for it, Ctrl-C ends that")
        self._channel.close()
        _, status = os.waitpid(self._pid, 0)
        for text in self.refused:
            notice(f"{self.shown}: {text}")
        if status or not self._alive:
            notice(f"{self.shown}: the process that pushes has died; not everything was pushed")
        elif self.lost:
            notice(f"{self.shown}: {self.lost} s of the run were not pushed: {self.trouble}")

    def _read(self, timeout: float) -> bool:
        """Read what there is. False: the process has ended."""
        while select.select([self._channel], [], [], timeout)[0]:
            try:
                data = self._channel.recv(READ)
            except OSError:
                data = b""
            if not data:
                return False
            for message in self._decoder.feed(data):
                self._handle(message)
            timeout = 0.0
        return True

    def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "trouble" if message["text"] or not self.lost:
                self.trouble = message["text"]
            case "refused":
                self.refused.append(message["text"])
            case "lost":
                self.lost = message["seconds"]
