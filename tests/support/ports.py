"""Ports for servers that have to be told one, and have to find it free again after a stop."""

from __future__ import annotations

import secrets
import socket

_FIRST, _AFTER = 15_000, 30_000
"""Below the ports that Linux gives to outgoing connections (ip_local_port_range begins at 32768): one of those would be
free now, and some other test's connection a moment later."""
_TRIES = 100


def free_port(address: str = "127.0.0.1") -> int:
    """One that nobody listens on, drawn at random, so that tests side by side hardly ever choose the same."""
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_AFTER - _FIRST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port from {_FIRST} to {_AFTER} is free on {address}")
