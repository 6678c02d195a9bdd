"""A whole response that is known by its bytes, apart from the number of its stream. Pure.

Several such responses in one read are found by one call of `struct` and one comparison, whatever their number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

from gluten.engine.worker.http2.frames import DATA, END_HEADERS, END_STREAM, HEAD, HEAD_SIZE, HEADERS, MAX_ID
from gluten.engine.worker.http2.header_fields import inserts, pieces
from gluten.engine.worker.http2.pages import NUMBER, PLACE, Sheet

SMALL = 2048
"""Bytes of a response up to which it is worth knowing."""
MOST_PLANS = 256
_NO_NUMBER = bytes(NUMBER)


class Plan(NamedTuple):
    """How bytes of one length are taken apart if they are nothing but known responses. `unpack` gives texts and numbers
    in turn; `texts` is what the texts have to be."""

    unpack: Callable[[bytes], tuple[Any, ...]]
    texts: tuple[bytes, ...]


class Unit:
    """`key` has the bytes of the response with the number 0, `size` of them. `window`: what it uses up of the
    connection's window. `sheet` has it for whatever streams. `inserts`: its head puts fields into a dynamic table, if
    the target keeps one."""

    __slots__ = ("_frames", "_plans", "_texts", "inserts", "key", "sheet", "size", "window")

    def __init__(self, key: bytes, starts: Sequence[int]) -> None:
        """`starts`: where its frames begin."""
        self.key, self.size, self._frames, self.sheet = key, len(key), len(starts), Sheet(key, starts)
        places = [start + PLACE for start in starts]
        ends = [0, *(place + NUMBER for place in places)]
        self._texts = [key[begin:end] for begin, end in zip(ends, [*places, len(key)], strict=True)]
        first = starts[1] if len(starts) > 1 else len(key)
        self.window = len(key) - first - HEAD_SIZE * (len(starts) - 1)
        self._plans: dict[int, Plan] = {}
        self.inserts = any(map(inserts, pieces(key[HEAD_SIZE:first])))

    def numbers(self, data: bytes) -> tuple[int, ...] | None:
        """The streams of the responses, if `data` has nothing but whole ones that are known."""
        plan = self._plans.get(len(data)) or self._plan(len(data))
        if plan is None:
            return None
        fields = plan.unpack(data)
        if fields[::2] != plan.texts:
            return None
        all_numbers, frames = fields[1::2], self._frames
        numbers = all_numbers[::frames]
        for place in range(1, frames):
            if all_numbers[place::frames] != numbers:
                return None
        return numbers

    def _plan(self, size: int) -> Plan | None:
        """The plan for so many bytes; None: they are not a number of whole responses."""
        count, rest = divmod(size, len(self.key))
        if rest or not count:
            return None
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        first, *middle, last = self._texts
        again = [*middle, last + first]
        texts = [first, *(again * (count - 1)), *middle, last]
        form = "I".join(f"{len(text)}s" for text in texts)
        plan = self._plans[size] = Plan(Struct(f">{form}").unpack, tuple(texts))
        return plan


def unit_in(data: bytes) -> Unit | None:
    """The whole response with which `data` begins, if it has the usual form: a head in one frame, and a body."""
    at, starts, number = 0, [], -1
    while len(data) - at >= HEAD_SIZE and at <= SMALL:
        high, low, kind, flags, stream = HEAD.unpack_from(data, at)
        starts.append(at)
        if not _fits(kind, flags, len(starts)) or number not in (-1, stream) or stream > MAX_ID:
            return None
        number = stream
        at += HEAD_SIZE + (high << 8 | low)
        if flags & END_STREAM:
            return Unit(_without_numbers(data[:at], starts), starts) if at <= min(len(data), SMALL) else None
    return None


def _fits(kind: int, flags: int, place: int) -> bool:
    """Whether a frame may stand at this place."""
    if place == 1:
        return kind == HEADERS and flags & ~END_STREAM == END_HEADERS
    return kind == DATA and not flags & ~END_STREAM


def _without_numbers(data: bytes, starts: Sequence[int]) -> bytes:
    found = bytearray(data)
    for start in starts:
        found[start + PLACE : start + PLACE + NUMBER] = _NO_NUMBER
    return bytes(found)
