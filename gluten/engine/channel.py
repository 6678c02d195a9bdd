"""Messages over a socket pair between two processes of one node: four bytes of length, then a msgpack map.

Both ends are our own processes. The messages never come from a network, so they are trusted.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from typing import Any

import msgpack

_LENGTH = struct.Struct("!I")


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets whose buffers hold a few seconds of deltas."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    return ends


def receive(channel: socket.socket, most: int, flags: int = 0) -> bytes:
    """What the other process has said; nothing: it has ended. One that leaves something unread resets its channel."""
    try:
        return channel.recv(most, flags)
    except ConnectionError:
        return b""


def report(channel: socket.socket, message: dict[str, Any]) -> None:
    """Send a message to the process for which this one works. If that has ended, this one ends, too."""
    try:
        channel.sendall(encode(message))
    except ConnectionError:
        os._exit(0)


def encode(message: dict[str, Any]) -> bytes:
    body: bytes = msgpack.packb(message, use_bin_type=True)
    return _LENGTH.pack(len(body)) + body


class Decoder:
    """Makes messages of the bytes that arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The messages that are complete now."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer)
            end = _LENGTH.size + size
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield msgpack.unpackb(body, raw=False, strict_map_key=False)
