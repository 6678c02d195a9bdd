"""By which address others reach this host."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
from collections.abc import Iterator

_SIOCGIFADDR = 0x8915
"""netdevice(7): the first IPv4 address of an interface, at byte 20 of the answer."""
_ELSEWHERE = "192.0.2.1"
"""TEST-NET-1 (RFC 5737): nobody's, so the way to it is the way out."""


def advertised(bind: str, towards: str = _ELSEWHERE) -> str:
    """What a node listens on, else the address it would send from, else, in a network that has no way out, its first
    one that others can reach."""
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
    """Those of this host's interfaces but loopback; on Linux alone."""
    if sys.platform != "linux":
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(sock, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue  # it has none
            address = socket.inet_ntoa(answer[20:24])
            if not address.startswith("127."):
                yield address
