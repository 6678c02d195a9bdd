"""Listening on a port, or saying why it is not possible."""

from __future__ import annotations

import errno

from gevent import socket

from gluten.errors import ConfigError

BACKLOG = 1024


def listen(place: tuple[str, int], option: str) -> socket.socket:
    """Listen at (host, port). Raises ConfigError, which names the `option` that sets the port."""
    host, port = place
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise ConfigError(f"{option} {port}: {host} is not an address of this machine") from None
    sock = socket.socket(family, kind, proto)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        sock.close()
        raise ConfigError(_reason(option, host, port, error)) from None
    return sock


def _reason(option: str, host: str, port: int, error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"{option} {port} is already in use on {host}: stop what listens there or choose another port"
    if code == errno.EADDRNOTAVAIL:
        return f"{option} {port}: {host} is not an address of this machine"
    if code == errno.EACCES:
        return f"{option} {port} is not allowed for this user on {host}: choose one above 1023"
    return f"{option} {port} cannot be used on {host}: {error}"
