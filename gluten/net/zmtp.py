"""Watches what a peer sends on a bus connection (ZMTP 3), without parsing a message.

ZeroMQ bounds each part of a message (MAXMSGSIZE), not their number, and hands over nothing before the last part is
here: a message of many parts fills the memory. On our bus a message is one frame, so a part that is followed by another
one ends the connection, as does a frame that is too long. Source: RFC 23/ZMTP, "Overall Behavior" and "Framing".
"""

from __future__ import annotations

GREETING = 64
_VERSION_AT = 10
_MORE, _LONG = 1, 2


class Watch:
    """One direction of one connection; frames have at most `most` bytes. `trouble` says what was wrong."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._head = b""
        self._left = 0
        self._greeted = False
        self.trouble = ""

    def __call__(self, data: bytes) -> bool:
        """Look at the next bytes, however they are cut. False: end the connection."""
        at = 0
        while at < len(data) and not self.trouble:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = self._missing()
                self._head += data[at : at + step]
                if not self._missing():
                    self._begin()
            at += step
        return not self.trouble

    def _missing(self) -> int:
        """How many bytes of the header are still to come, as far as can be told."""
        if not self._greeted:
            return _VERSION_AT + 1 - len(self._head)
        if not self._head:
            return 1
        return (9 if self._head[0] & _LONG else 2) - len(self._head)

    def _begin(self) -> None:
        """The header is whole: its body follows."""
        head, self._head = self._head, b""
        if not self._greeted:
            self._greet(head)
            return
        size = int.from_bytes(head[1:], "big")
        if head[0] & _MORE:
            self.trouble = "a message of more than one part"
        elif size > self._most:
            self.trouble = f"a message of {size} bytes, more than {self._most}"
        self._left = size

    def _greet(self, head: bytes) -> None:
        if head[0] != 0xFF or head[9] != 0x7F or head[_VERSION_AT] < 3:
            self.trouble = "a greeting that is not ZMTP 3"
        self._greeted, self._left = True, GREETING - len(head)
