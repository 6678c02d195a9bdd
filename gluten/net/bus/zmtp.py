"""Watches what a peer sends on a bus connection (ZMTP 3), without parsing a message.

ZeroMQ bounds each part of a message (MAXMSGSIZE), not their number, and hands over nothing before the last part is
here: a message of many parts fills the memory. On our bus a message is one frame, so a part that is followed by another
one ends the connection, as does a frame that is too long. Where the bus is locked (CURVE) a peer first has to shake
hands, in two frames of known size. Source: RFC 23/ZMTP, "Overall Behavior" and "Framing"; RFC 26/CurveZMQ, "HELLO".
"""

from __future__ import annotations

from gluten.net.bus import zmtp_greeting

_MORE, _LONG, _COMMAND = 1, 2, 4
_HELLO = 200
_INITIATE = 1024
"""The client's half of CURVE's handshake: a HELLO of 200 bytes, then an INITIATE, with the socket's properties."""
_OVERHEAD = 33


class Watch:
    """One direction of one connection; messages have at most `most` bytes. `trouble` says what was wrong."""

    def __init__(self, most: int, locked: bool = False) -> None:
        self._most = most + _OVERHEAD if locked else most
        self._locked = locked
        self._shaken = 0 if locked else 2
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
            # Peers first send up to the version, and the rest when they know the other's.
            return (
                zmtp_greeting.MECHANISM_END - len(self._head)
                if self._v3()
                else zmtp_greeting.VERSION_AT + 1 - len(self._head)
            )
        if not self._head:
            return 1
        return (9 if self._head[0] & _LONG else 2) - len(self._head)

    def _v3(self) -> bool:
        return zmtp_greeting.is_zmtp3(self._head)

    def _begin(self) -> None:
        """The header is whole: its body follows."""
        head, self._head = self._head, b""
        if not self._greeted:
            self._greet(head)
            return
        size = int.from_bytes(head[1:], "big")
        if self._shaken < 2:
            self._shake(head[0], size)
        elif head[0] & _MORE:
            self.trouble = "a message of more than one part"
        elif size > self._most:
            self.trouble = f"a message of {size} bytes, more than {self._most}"
        self._left = size

    def _shake(self, flags: int, size: int) -> None:
        fits = size == _HELLO if self._shaken == 0 else size <= _INITIATE
        if not flags & _COMMAND or not fits:
            self.trouble = "something else than the handshake"
        self._shaken += 1

    def _greet(self, head: bytes) -> None:
        mechanism = zmtp_greeting.mechanism(head)
        if not mechanism:
            self.trouble = "a greeting that is not ZMTP 3"
        elif self._locked and mechanism != "CURVE":
            self.trouble = f"no key (its security is {mechanism[:20]!r})"
        self._greeted, self._left = True, zmtp_greeting.SIZE - len(head)
