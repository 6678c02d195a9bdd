"""What a node and its reading process say to each other: JSON messages of limited size, each with a file if need be.

What is long is in the file: the answer, and what a question needs of runs that are not in the store yet. Both ends are
our own processes.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any

MOST = 64 << 10
"""Bytes of a message. The buffer of a socket holds more, so sending does not wait."""

Message = Mapping[str, Any]


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets that keep messages apart."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(channel: socket.socket, message: Message, files: Sequence[int] = ()) -> None:
    """Raises OSError if the other process has ended, ValueError for a message that is too long."""
    data = json.dumps(message).encode()
    if len(data) > MOST:
        raise ValueError(f"a message of {len(data)} bytes; at most {MOST} are allowed")
    if files:
        socket.send_fds(channel, [data], files)
    else:
        channel.send(data)


def receive(channel: socket.socket) -> tuple[Message, int | None] | None:
    """The next message with its file. None: the other process has ended."""
    try:
        data, files, _, _ = socket.recv_fds(channel, MOST, 1, socket.MSG_CMSG_CLOEXEC)
    except ConnectionError:
        return None
    return (json.loads(data), files[0] if files else None) if data else None
