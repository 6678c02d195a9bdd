"""Who is behind a spliced connection: our end of it is named after the peer.

An abstract unix address (Linux) needs no file and vanishes with its socket. Only this process can reach the sockets
that connections are spliced to, so who listens there may believe the name.
"""

from __future__ import annotations

import secrets
import sys
from typing import Any
from urllib.parse import unquote

PREFIX = "gluten-peer-"
KNOWN = sys.platform == "linux"


def name_of(address: Any) -> bytes | None:
    """What to bind to on behalf of the peer at `address`, (host, port, …); None where the system has no such names."""
    if not KNOWN or not isinstance(address, tuple):
        return None
    return f"\0{PREFIX}{secrets.token_hex(8)}/{plain(str(address[0]))}".encode()


def address_in(peer: str) -> str:
    """The peer's address in what gRPC calls a connection (`unix-abstract:…`); empty where it is not in it."""
    _, found, rest = unquote(peer).partition(f":{PREFIX}")
    return rest.partition("/")[2] if found else ""


def plain(address: str) -> str:
    """An IPv4 address as itself, whichever kind of socket took it."""
    return address.removeprefix("::ffff:") if "." in address else address
