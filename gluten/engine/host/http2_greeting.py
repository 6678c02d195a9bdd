"""The start of HTTP/2 without TLS, by prior knowledge (RFC 9113, 3.3), before a run. It sends no request.

A slow target is not refused: the run begins, and requests fail by their own deadlines.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Mapping

from gluten.engine.fault import Fault
from gluten.engine.worker.http2.frames import ACK, HEAD_SIZE, PREFACE, SETTINGS, settings
from gluten.task.http2_rules import NOT_SPOKEN

MOST = 2.0
"""Seconds that all targets together may take."""
_GREETING = PREFACE + settings({})


def refusals(socks: Mapping[str, socket.socket], seconds: float) -> dict[str, Fault]:
    """The addresses that answer with something else than HTTP/2, as far as that is known within so many seconds.
    `socks` are connections that do not block."""
    return {address: Fault("protocol", NOT_SPOKEN) for address, said in _answers(socks, seconds) if not _speaks(said)}


def _answers(socks: Mapping[str, socket.socket], seconds: float) -> Iterator[tuple[str, bytes]]:
    """(address, the first bytes that it sent) of each that answers or ends the connection in time."""
    deadline = time.monotonic() + min(seconds, MOST)
    said = dict.fromkeys(socks, b"")
    with selectors.DefaultSelector() as selector:
        for address, sock in socks.items():
            _send(sock)
            selector.register(sock, selectors.EVENT_READ, address)
        while selector.get_map() and (rest := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(rest):
                data = _received(socks[key.data])
                said[key.data] += data
                if not data or len(said[key.data]) >= HEAD_SIZE:
                    selector.unregister(key.fileobj)
                    yield key.data, said[key.data]


def _speaks(said: bytes) -> bool:
    """Whether these are the first bytes of HTTP/2: those of a frame of settings that acknowledges none."""
    return len(said) >= HEAD_SIZE and said[3] == SETTINGS and not said[4] & ACK and said[5:HEAD_SIZE] == bytes(4)


def _send(sock: socket.socket) -> None:
    try:
        sock.send(_GREETING)
    except OSError:
        return  # reading says that the connection has ended


def _received(sock: socket.socket) -> bytes:
    try:
        return sock.recv(HEAD_SIZE)
    except OSError:
        return b""
