"""What may pass to the bus: single frames of a limited length, however the bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.net.bus.zmtp import ZmtpChecker

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL".ljust(55, b"\0")
READY = b"\x04\x06\x05READY"
MOST = 1000


def frame(size: int, flags: int = 0) -> bytes:
    head = bytes([flags, size]) if size < 256 else bytes([flags | 2]) + size.to_bytes(8, "big")
    return head + b"\xff" * size


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[one:other] for one, other in pairwise(edges)]


def verdict(data: bytes, cuts: list[int], locked: bool = False) -> str:
    checker = ZmtpChecker(MOST, locked)
    for piece in pieces(data, cuts):
        if not checker(piece):
            break
    return checker.error


@given(st.lists(st.integers(0, MOST), max_size=8), st.lists(st.integers(0, 10**4), max_size=20))
def test_single_frames_pass_however_they_are_cut(sizes: list[int], cuts: list[int]) -> None:
    assert verdict(GREETING + READY + b"".join(map(frame, sizes)), cuts) == ""


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (GREETING + READY + frame(5, flags=1), "more than one part"),
        (GREETING + READY + frame(500, flags=1), "more than one part"),
        (GREETING + frame(MOST + 1)[:9], "1001 bytes"),
        (GREETING + b"\x02" + b"\xff" * 8, "bytes, more than"),
        (b"\xff" + bytes(8) + b"\x7f\x01", "ZMTP 3"),
        (b"\xff" * 20, "ZMTP 3"),
    ],
)
@given(cuts=st.lists(st.integers(0, 600), max_size=20))
def test_what_would_fill_the_memory_is_stopped_at_its_header(data: bytes, what: str, cuts: list[int]) -> None:
    assert what in verdict(data, cuts)


LOCKED = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE".ljust(55, b"\0")
HELLO, INITIATE = frame(200, flags=4), frame(257, flags=4)


@given(st.lists(st.integers(0, MOST + 33), max_size=8), st.lists(st.integers(0, 10**4), max_size=20))
def test_a_locked_bus_takes_a_handshake_and_then_messages(sizes: list[int], cuts: list[int]) -> None:
    assert verdict(LOCKED + HELLO + INITIATE + b"".join(map(frame, sizes)), cuts, locked=True) == ""


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (GREETING, "no key"),
        (LOCKED + frame(5), "something else than the handshake"),
        (LOCKED + frame(200), "something else than the handshake"),
        (LOCKED + frame(500, flags=4)[:9], "something else than the handshake"),
        (LOCKED + HELLO + frame(5), "something else than the handshake"),
        (LOCKED + HELLO + frame(1025, flags=4)[:9], "something else than the handshake"),
        (LOCKED + b"\x06" + b"\xff" * 8, "something else than the handshake"),
        (LOCKED + HELLO + INITIATE + frame(MOST + 34)[:9], "1034 bytes"),
        (LOCKED + HELLO + INITIATE + frame(5, flags=1), "more than one part"),
    ],
)
@given(cuts=st.lists(st.integers(0, 600), max_size=20))
def test_at_a_locked_bus_strangers_are_stopped_at_the_door(data: bytes, what: str, cuts: list[int]) -> None:
    assert what in verdict(data, cuts, locked=True)
