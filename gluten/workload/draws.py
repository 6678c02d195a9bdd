"""Numbers that look random and follow from a seed: the same on every platform and in every version of Python.

The source is BLAKE2b (RFC 7693), keyed with the seed. What is drawn follows from the seed, the place in the file and
two numbers, such as a session's number and its step.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct

_NUMBERS = Struct("<QQ")
_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_EVEN = 256 - 256 % len(_LETTERS)
_TABLE = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))
_UNEVEN = bytes(range(_EVEN, 256))
_WORDS = Struct("<8Q")
_LOW = (1 << 64) - 1


class Draws:
    """The draws of one place. Draws of different places, seeds or numbers are independent."""

    __slots__ = ("_block", "_number")

    def __init__(self, seed: int, place: str) -> None:
        key = (seed & _LOW).to_bytes(8, "little")
        name = place.encode("utf-8", "surrogatepass")
        self._number = blake2b(name, key=key, digest_size=16, person=b"number")
        self._block = blake2b(name, key=key, digest_size=64, person=b"block")

    def below(self, limit: int, number: int, step: int = 0) -> int:
        """A number from 0 to `limit` - 1, each equally often. `limit` is at most 2**64."""
        drawn = self._number.copy()
        drawn.update(_NUMBERS.pack(number, step))
        return int.from_bytes(drawn.digest(), "little") % limit

    def block(self, number: int, step: int = 0) -> bytes:
        """64 bytes."""
        drawn = self._block.copy()
        drawn.update(_NUMBERS.pack(number, step))
        return drawn.digest()

    def letters(self, length: int, number: int, step: int = 0) -> str:
        """`length` letters and digits. Bytes that would make some letters more frequent are left out."""
        start = _NUMBERS.pack(number, step)
        found, counter = b"", 0
        while len(found) < length:
            drawn = self._block.copy()
            drawn.update(start + counter.to_bytes(8, "little"))
            found += drawn.digest().translate(_TABLE, _UNEVEN)
            counter += 1
        return found[:length].decode("ascii")

    def shuffled(self, count: int, number: int) -> list[int]:
        """The numbers below `count` in an order of its own for each `number`: sorted by drawn 64-bit keys."""
        keys: list[int] = []
        for step in range((count + 7) // 8):
            keys += _WORDS.unpack(self.block(number, step))
        return sorted(range(count), key=keys.__getitem__)
