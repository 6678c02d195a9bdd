"""The address at which other hosts reach this host."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
from collections.abc import Iterator

_SIOCGIFADDR = 0x8915
"""netdevice(7): asks for the first IPv4 address of an interface. It is at byte 20 of the answer."""
_OUTSIDE = "192.0.2.1"
"""TEST-NET-1 (RFC 5737). No host has this address, so the kernel takes the default route to it."""


def advertised(bind: str, towards: str = _OUTSIDE) -> str:
    """The address that a node listens on, or the one it would send from.

    In a network without a default route, it is the first address that is not loopback.
    """
    if bind not in ("0.0.0.0", "::", ""):
        return bind
    try:
        family = socket.AF_INET6 if ":" in towards else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((towards, 9))  # sends nothing: it only asks the routing table
            return str(probe.getsockname()[0])
    except OSError:
        return next(_addresses(), "127.0.0.1")


def _addresses() -> Iterator[str]:
    """The IPv4 addresses of this host's interfaces without loopback, on Linux only."""
    if sys.platform != "linux":
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(sock, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue  # this interface has no IPv4 address
            address = socket.inet_ntoa(answer[20:24])
            if not address.startswith("127."):
                yield address
