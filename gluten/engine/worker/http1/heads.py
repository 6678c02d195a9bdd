"""The heads of responses that one worker knows: by their bytes, or by their shape."""

from __future__ import annotations

from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.shape import Shape

_MEMO = 256
_SHAPES = 4
_BLANK = b"\r\n\r\n"

Head = tuple[int, Framing]
"""The bytes of a head with its blank line, and what it says."""


class Heads:
    """`repeated` tells of the head that was found last whether the one before had the same bytes."""

    __slots__ = ("_before", "_known", "_last", "_last_found", "_shapes", "repeated")

    def __init__(self) -> None:
        self.repeated = False
        self._known: dict[bytes, Framing] = {}
        self._shapes: list[Shape] = []
        # The head that came twice in a row is compared first. One that always differs is never kept.
        self._last, self._before = b"", b""
        self._last_found: Head = (0, Framing(0, 0, False))

    def __bool__(self) -> bool:
        """True once a head is known."""
        return bool(self._known)

    def find(self, data: bytes) -> Head | None:
        """The head with which `data` begins, if it is known."""
        last = self._last
        if last and data.startswith(last):
            self.repeated = True
            return self._last_found
        found = self._by_shape(data) or self._by_bytes(data)
        if found is not None:
            head = data[: found[0]]
            self.repeated = repeated = head == self._before
            self._before = head
            if repeated:
                self._last, self._last_found = head, found
            elif last:
                self._last = b""
        return found

    def _by_shape(self, data: bytes) -> Head | None:
        for shape in self._shapes:
            found = shape.find(data)
            if found is not None:
                return found
        return None

    def _by_bytes(self, data: bytes) -> Head | None:
        end = data.find(_BLANK)
        framing = self._known.get(data[:end]) if end > 0 else None
        return None if framing is None else (end + len(_BLANK), framing)

    def look(self, block: bytes) -> Framing | None:
        """The framing of a block without its blank line, whatever that is in bytes."""
        framing = self._known.get(block)
        if framing is None:
            found = self._by_shape(block + _BLANK)
            framing = found[1] if found is not None and found[0] == len(block) + len(_BLANK) else None
        if framing is not None:
            self._before = block + _BLANK
        return framing

    def learn(self, block: bytes, framing: Framing, shape: Shape | None) -> None:
        """From now on the block is known, and all of its shape."""
        if len(self._known) >= _MEMO:
            self._known.clear()
        self._known[block] = framing
        self._before = block + _BLANK
        if shape is not None and all(shape.pattern != known.pattern for known in self._shapes):
            self._shapes = [*self._shapes[-_SHAPES + 1 :], shape]
