"""Names a spliced connection after its peer, so that the server behind it knows who the peer is.

The name is the abstract unix address (Linux) of our end. It needs no file and disappears with its socket. Only this
process can reach the sockets that connections are spliced to, so the server there can trust the name.
"""

from __future__ import annotations

import secrets
import sys
from typing import Any
from urllib.parse import unquote

PREFIX = "gluten-peer-"
KNOWN = sys.platform == "linux"


def name_of(address: Any) -> bytes | None:
    """The name to bind to for the peer at `address`, (host, port, …). None if the system has no abstract addresses."""
    if not KNOWN or not isinstance(address, tuple):
        return None
    return f"\0{PREFIX}{secrets.token_hex(8)}/{plain(str(address[0]))}".encode()


def address_in(peer: str) -> str:
    """The peer's address, taken from gRPC's name of a connection (`unix-abstract:…`), or an empty text."""
    _, found, rest = unquote(peer).partition(f":{PREFIX}")
    return rest.partition("/")[2] if found else ""


def name_in(peer: str) -> str:
    """The name that `name_of` gave, without its first byte, taken from gRPC's name of a connection. Else empty."""
    _, found, rest = unquote(peer).partition(f":{PREFIX}")
    return f"{PREFIX}{rest}" if found else ""


def plain(address: str) -> str:
    """The address without the prefix that an IPv6 socket gives to IPv4 addresses."""
    return address.removeprefix("::ffff:") if "." in address else address
