"""Checks what a peer sends on a bus connection (ZMTP 3), without parsing a message.

ZeroMQ limits the size of each part of a message (MAXMSGSIZE), but not the number of parts. It delivers nothing before
the last part arrives, so a message of many parts fills the memory. On our bus a message is one frame. A part that
announces another one closes the connection, and so does a frame that is too long. With CURVE the handshake comes first,
in two frames of known size. Source: RFC 23/ZMTP, "Overall Behavior" and "Framing"; RFC 26/CurveZMQ, "HELLO".
"""

from __future__ import annotations

from gluten.net.bus import zmtp_greeting

_MORE, _LONG, _COMMAND = 1, 2, 4
_HELLO = 200
_INITIATE = 1024
"""The client's half of CURVE's handshake: a HELLO of 200 bytes, then an INITIATE with the socket's properties."""
_OVERHEAD = 33


class ZmtpChecker:
    """Checks one direction of one connection. Messages have at most `most` bytes. `error` says what was wrong."""

    def __init__(self, most: int, has_key: bool = False) -> None:
        self._most = most + _OVERHEAD if has_key else most
        self._has_key = has_key
        self._handshake_frames = 0 if has_key else 2
        self._head = b""
        self._left = 0
        self._greeting_seen = False
        self.error = ""

    def __call__(self, data: bytes) -> bool:
        """Check the next bytes; a frame may be cut anywhere. False: close the connection."""
        at = 0
        while at < len(data) and not self.error:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = self._missing()
                self._head += data[at : at + step]
                if not self._missing():
                    self._begin_body()
            at += step
        return not self.error

    def _missing(self) -> int:
        """How many bytes of the header are still to come, as far as it is known."""
        if not self._greeting_seen:
            # A peer first sends up to the version. It sends the rest when it knows the other's version.
            return (
                zmtp_greeting.MECHANISM_END - len(self._head)
                if self._is_zmtp3()
                else zmtp_greeting.VERSION_AT + 1 - len(self._head)
            )
        if not self._head:
            return 1
        return (9 if self._head[0] & _LONG else 2) - len(self._head)

    def _is_zmtp3(self) -> bool:
        return zmtp_greeting.is_zmtp3(self._head)

    def _begin_body(self) -> None:
        """The header is complete, and its body follows."""
        head, self._head = self._head, b""
        if not self._greeting_seen:
            self._check_greeting(head)
            return
        size = int.from_bytes(head[1:], "big")
        if self._handshake_frames < 2:
            self._check_handshake(head[0], size)
        elif head[0] & _MORE:
            self.error = "a message of more than one part"
        elif size > self._most:
            self.error = f"a message of {size} bytes, more than {self._most}"
        self._left = size

    def _check_handshake(self, flags: int, size: int) -> None:
        fits = size == _HELLO if self._handshake_frames == 0 else size <= _INITIATE
        if not flags & _COMMAND or not fits:
            self.error = "something else than the handshake"
        self._handshake_frames += 1

    def _check_greeting(self, head: bytes) -> None:
        mechanism = zmtp_greeting.mechanism(head)
        if not mechanism:
            self.error = "a greeting that is not ZMTP 3"
        elif self._has_key and mechanism != "CURVE":
            self.error = f"no key (its security is {mechanism[:20]!r})"
        self._greeting_seen, self._left = True, zmtp_greeting.SIZE - len(head)
