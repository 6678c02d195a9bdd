"""What the target has said in its SETTINGS (RFC 9113, 6.5.2). Pure."""

from __future__ import annotations

from struct import Struct

from gluten.engine.worker.http2.frames import (
    ACK,
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    MAX_FRAME,
    MAX_WINDOW,
    ConnectionFault,
)

TABLE_SIZE, PUSH, MOST_STREAMS, WINDOW, _FRAME, LIST_SIZE = range(1, 7)
_ONE = Struct(">HI")
_LARGEST_FRAME = (1 << 24) - 1
FIRST_WINDOW = 65535


class Peer:
    """`streams`: how many may be open at once. `window`: how much of a new stream's body the target takes at first.
    `frame`: the most bytes of a frame's payload."""

    __slots__ = ("frame", "streams", "window")

    def __init__(self) -> None:
        self.streams, self.window, self.frame = MAX_WINDOW, FIRST_WINDOW, MAX_FRAME

    def take(self, payload: bytes) -> int:
        """Settings came. Returns by how much the windows of all streams grow. Raises `ConnectionFault`."""
        if len(payload) % _ONE.size:
            raise ConnectionFault("a SETTINGS frame with a part of a setting", FRAME_SIZE_ERROR)
        before = self.window
        for key, value in _ONE.iter_unpack(payload):
            self._set(key, value)
        return self.window - before

    def _set(self, key: int, value: int) -> None:
        if key == PUSH and value:
            raise ConnectionFault("a server's SETTINGS that allow pushes")
        if key == MOST_STREAMS:
            self.streams = value
        if key == WINDOW:
            if value > MAX_WINDOW:
                raise ConnectionFault("a window of more than 2^31-1 bytes", FLOW_CONTROL_ERROR)
            self.window = value
        if key == _FRAME:
            if not MAX_FRAME <= value <= _LARGEST_FRAME:
                raise ConnectionFault(f"a SETTINGS_MAX_FRAME_SIZE of {value}")
            self.frame = value


def check_settings(flags: int, stream: int, payload: bytes) -> bool:
    """Whether the frame has settings, and is not the answer to ours. Raises `ConnectionFault`."""
    if stream:
        raise ConnectionFault("a SETTINGS frame on a stream")
    if flags & ACK and payload:
        raise ConnectionFault("an acknowledgement of SETTINGS that has some", FRAME_SIZE_ERROR)
    return not flags & ACK
