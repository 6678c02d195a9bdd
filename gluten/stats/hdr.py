"""A histogram in HdrHistogram's own format: the V2 compressed encoding, in base64.

Source: HdrHistogram (Java), `AbstractHistogram.encodeIntoByteBuffer` (V2: cookie, lengths and settings, then ZigZag
LEB128 counts in which a negative number is a run of empty slots), deflated with its own cookie.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode

from gluten.stats.histogram import HIGHEST, LOWEST, SLOTS, Histogram, middle

_PLAIN = 0x1C849303 | 0x10
_COMPRESSED = 0x1C849304 | 0x10
_DIGITS = 3
_HEAD = struct.Struct("!IIIIQQd")
_OUTER = struct.Struct("!II")


def encode(histogram: Histogram) -> str:
    """Base64 of the V2 compressed form, which HdrHistogram's tools and logs read."""
    payload = _counts(histogram)
    plain = _HEAD.pack(_PLAIN, len(payload), 0, _DIGITS, LOWEST, HIGHEST, 1.0) + payload
    packed = zlib.compress(plain, 6)
    return b64encode(_OUTER.pack(_COMPRESSED, len(packed)) + packed).decode()


def decode(text: str) -> Histogram:
    """The inverse of `encode`. Sums are computed from the middles of the slots. Raises ValueError."""
    try:
        raw = b64decode(text, validate=True)
        _, size = _OUTER.unpack_from(raw)
        plain = zlib.decompress(raw[_OUTER.size : _OUTER.size + size])
        head = _HEAD.unpack_from(plain)
        if head[0] != _PLAIN or head[3] != _DIGITS:
            raise ValueError("not an encoded histogram: another version or precision")
    except (struct.error, zlib.error) as error:
        raise ValueError(f"not an encoded histogram: {error}") from None
    try:
        return _read(plain[_HEAD.size : _HEAD.size + head[1]])
    except IndexError:
        raise ValueError("not an encoded histogram: it ends inside a count") from None


def _counts(histogram: Histogram) -> bytes:
    """Each count, and before it the empty slots as a negative number, in ZigZag: 2n for n, and 2n - 1 for -n. Most fit
    in one byte. A report has a histogram for each second."""
    out, at = bytearray(), 0
    for index, times in sorted(histogram.counts.items()):
        if index > at:
            gap = 2 * (index - at) - 1
            out += _ONE_BYTE[gap] if gap < 0x80 else _leb(gap)
        out += _ONE_BYTE[2 * times] if times < 0x40 else _leb(2 * times)
        at = index + 1
    return bytes(out)


_ONE_BYTE = tuple(bytes([value]) for value in range(0x80))


def _leb(rest: int) -> bytes:
    """LEB128 with at most nine bytes: the ninth carries eight bits."""
    out = bytearray()
    while rest > 0x7F and len(out) < 8:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def _read(payload: bytes) -> Histogram:
    histogram, index, at = Histogram(), 0, 0
    while at < len(payload):
        rest = shift = 0
        while True:
            byte = payload[at]
            at += 1
            rest |= (byte if shift == 56 else byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 56:
                break
        value = rest >> 1 if not rest & 1 else -((rest + 1) >> 1)
        if value < 0:
            index -= value
            continue
        if index >= SLOTS:
            raise ValueError("not an encoded histogram: a slot is out of range")
        if value:
            histogram.record(round(middle(index)), value)
        index += 1
    return histogram
