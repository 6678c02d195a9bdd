"""A server that speaks HTTP/2 as a script says, right or wrong, on raw sockets.

    with FaultServer(serving(lambda peer, stream: peer.send(answer(stream)))) as server:
        ...  # load http://127.0.0.1:{server.port}/ over HTTP/2
        assert server.requests == …

A script gets each request as soon as it is whole: the connection and the number of its stream. Until then, `Peer` does
what every server does: it acknowledges settings, answers pings and gives room for bodies.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from tests.support.engine.faults import Behaviour, Visit
from tests.support.http2.frames import (
    ACK,
    DATA,
    END_STREAM,
    HEADERS,
    PING,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    Frame,
    answer,
    frame,
    settings,
    window_update,
)

_FRAME = 9


class Peer:
    """One connection. `seen` are all frames that came; `resets` the streams that the client reset, with their codes."""

    def __init__(self, visit: Visit, offered: dict[int, int] | None = None, greet: bool = True) -> None:
        self.visit = visit
        self.seen: list[Frame] = []
        self.resets: dict[int, int] = {}
        self.count = 0
        assert visit.read(len(PREFACE)) == PREFACE
        if greet:
            self.send(settings(offered))

    def send(self, *frames: bytes) -> None:
        self.visit.send(b"".join(frames))

    def read(self) -> Frame:
        """The next frame. OSError when the client is gone."""
        head = self.visit.read(_FRAME)
        kind, flags, stream = head[3], head[4], struct.unpack("!I", head[5:])[0]
        found = Frame(kind, flags, stream, self.visit.read(int.from_bytes(head[:3], "big")))
        self.seen.append(found)
        return found

    def requests(self) -> Iterator[int]:
        """The stream of each request that is whole, until the client is gone."""
        while True:
            found = self.read()
            self._serve(found)
            if found.kind in (HEADERS, DATA) and found.flags & END_STREAM:
                self.count += 1
                self.visit.count()
                yield found.stream

    def _serve(self, found: Frame) -> None:
        if found.kind == SETTINGS and not found.flags & ACK:
            self.send(settings(flags=ACK))
        elif found.kind == PING and not found.flags & ACK:
            self.send(frame(PING, ACK, 0, found.payload))
        elif found.kind == RST_STREAM:
            self.resets[found.stream] = struct.unpack("!I", found.payload)[0]
        elif found.kind == DATA and found.payload:
            self.send(window_update(0, len(found.payload)), window_update(found.stream, len(found.payload)))


Script = Callable[[Peer, int], None]


def serving(script: Script, offered: dict[int, int] | None = None) -> Behaviour:
    """Runs the script for each request. `offered` are the server's settings."""

    def behave(visit: Visit) -> None:
        peer = Peer(visit, offered)
        for stream in peer.requests():
            script(peer, stream)

    return behave


def sending(make: Callable[[int], bytes]) -> Script:
    """A script that sends the frames that `make` makes of the stream."""

    def script(peer: Peer, stream: int) -> None:
        peer.send(make(stream))

    return script


def well(peer: Peer, stream: int) -> None:
    """No fault."""
    peer.send(answer(stream))


answer_well = serving(well)
