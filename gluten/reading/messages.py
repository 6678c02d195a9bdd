"""What a node and its reading process say to each other: four bytes of length, then a JSON message of limited size,
each with a file if need be.

What is long is in the file: the answer, and what a question needs of runs that are not in the store yet. Both ends are
our own processes. macOS has no local sockets that keep messages apart, so these are streams.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

MOST = 64 << 10
"""Bytes of a message. The buffer of a socket holds more, so sending does not wait."""
REST = 1.0
"""Seconds in which the rest of a message comes. Its sender sends it at once."""
_BUFFER = 4 * MOST
_LENGTH = struct.Struct("!I")
_FLAGS = getattr(socket, "MSG_CMSG_CLOEXEC", 0)  # macOS has none

Message = Mapping[str, Any]


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    return ends


def send(channel: socket.socket, message: Message, files: Sequence[int] = ()) -> None:
    """Raises OSError if the other process has ended, ValueError for a message that is too long."""
    data = json.dumps(message).encode()
    if len(data) > MOST:
        raise ValueError(f"a message of {len(data)} bytes; at most {MOST} are allowed")
    data = _LENGTH.pack(len(data)) + data
    sent = socket.send_fds(channel, [data], files) if files else channel.send(data)
    if rest := data[sent:]:
        channel.sendall(rest)


def receive(channel: socket.socket) -> tuple[Message, int | None] | None:
    """The next message with its file. None: the other process has ended. Raises OSError where it ends within one."""
    try:
        head, files, _, _ = socket.recv_fds(channel, _LENGTH.size, 1, _FLAGS)
    except ConnectionError:
        return None
    if not head:
        return None
    file = files[0] if files else None
    try:
        (size,) = _LENGTH.unpack(head + _exactly(channel, _LENGTH.size - len(head)))
        return json.loads(_exactly(channel, size)), file
    except OSError:
        if file is not None:
            os.close(file)
        raise


def _exactly(channel: socket.socket, count: int) -> bytes:
    """Read exactly `count` bytes of a message that has begun to arrive. Raises OSError."""
    data = bytearray()
    while len(data) < count:
        try:
            piece = channel.recv(count - len(data))
        except BlockingIOError:
            _await(channel)
            continue
        if not piece:
            raise ConnectionResetError("the other process ended within a message")
        data += piece
    return bytes(data)


def _await(channel: socket.socket) -> None:
    """The hub waits as well, for some microseconds: a greenlet that left here would leave half a message."""
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    if not poll.poll(REST * 1000):
        raise ConnectionResetError("the other process stopped within a message")
