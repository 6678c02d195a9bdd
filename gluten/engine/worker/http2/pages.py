"""The same frames for many streams in a row, so that those of one stream, or of several, are a slice. Pure."""

from __future__ import annotations

from collections.abc import Sequence

PLACE = 5
"""Where a frame has the number of its stream."""
NUMBER = 4
"""Bytes of that number."""
MOST, LARGEST = 128, 8 << 10
"""How many streams a page has frames for, at most, and how many bytes it may have."""

_LOW = bytes(range(1, 256, 2)) * 2


class Sheet:
    """What all pages of the same frames share. `count`: for how many streams one of them has frames."""

    __slots__ = ("_places", "_template", "count", "size")

    def __init__(self, frames: bytes, starts: Sequence[int] = (0,)) -> None:
        """`frames` have the number of any stream, and begin at `starts`."""
        self.size = len(frames)
        self.count = MOST
        while self.count > 1 and self.count * self.size > LARGEST:
            self.count >>= 1
        self._template = bytearray(frames * self.count)
        self._places = tuple(start + PLACE for start in starts)

    def page(self, first: int) -> bytes:
        """The frames for `count` streams from `first` on. They are right up to a number that is 1 modulo 256."""
        template, size = self._template, self.size
        high, low = (first >> 8).to_bytes(3, "big"), _LOW[(first & 0xFF) >> 1 :][: self.count]
        for place in self._places:
            for offset, byte in enumerate(high):
                template[place + offset :: size] = bytes([byte]) * self.count
            template[place + 3 :: size] = low
        return bytes(template)


class Pages:
    """The pages of one connection, one at a time."""

    __slots__ = ("_first", "_page", "_sheet", "_size")

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._size = sheet, sheet.size
        self._first, self._page = 0, b""

    def frames(self, number: int, count: int) -> bytes:
        """The frames for the stream `number` and the `count` - 1 that follow."""
        size = self._size
        at = (number - self._first >> 1) * size
        end = at + count * size
        if at >= 0 and end <= len(self._page):
            return self._page[at:end]
        return self._turned(number, count)

    def _turned(self, number: int, count: int) -> bytes:
        """The same where a page begins, or ends."""
        found, sheet = [], self._sheet
        while count:
            place = (number >> 1) % sheet.count
            self._first = number - 2 * place
            self._page = sheet.page(self._first)
            fit = min(count, sheet.count - place)
            found.append(self._page[place * sheet.size : (place + fit) * sheet.size])
            number, count = number + 2 * fit, count - fit
        return b"".join(found)


def turned(one: Sheet, other: Sheet, number: int) -> tuple[bytes, bytes, int, int]:
    """A page of each that has the stream `number`, its place on them, and how many places they have."""
    count = min(one.count, other.count)
    place = (number >> 1) % count
    first = number - 2 * place
    return one.page(first), other.page(first), place, count
