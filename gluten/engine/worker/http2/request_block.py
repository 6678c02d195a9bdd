"""A request as HTTP/2 sends it: the header block, and the body. Pure.

A block uses the static table alone (RFC 7541, appendix A), so it means the same on each connection, each time. A header
line of HTTP/1 is encoded once, and kept.
"""

from __future__ import annotations

from typing import NamedTuple

_STATIC_PAIRS = {
    (b":method", b"GET"): 2, (b":method", b"POST"): 3, (b":path", b"/"): 4, (b":path", b"/index.html"): 5,
    (b":scheme", b"http"): 6, (b":scheme", b"https"): 7, (b"accept-encoding", b"gzip, deflate"): 16,
}  # fmt: skip
_STATIC_NAMES = {
    name: index
    for index, name in enumerate(
        b":authority :method : :path : :scheme : : : : : : : : accept-charset accept-encoding accept-language "
        b"accept-ranges accept access-control-allow-origin age allow authorization cache-control content-disposition "
        b"content-encoding content-language content-length content-location content-range content-type cookie date "
        b"etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since "
        b"last-modified link location max-forwards proxy-authenticate proxy-authorization range referer refresh "
        b"retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via "
        b"www-authenticate".split(),
        1,
    )
    if name != b":"
}
OF_ONE_CONNECTION = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})
_SECRET = frozenset({b"authorization", b"proxy-authorization", b"cookie"})
_PLAIN, _NEVER = 0x00, 0x10
MOST_LINES, LONGEST_LINE = 1024, 256
MOST_REQUESTS, LONGEST_REQUEST = 512, 4096
NO_TABLE = b"\x20"
"""What begins the first block on a connection: its encoder keeps no dynamic table (RFC 7541, 6.3)."""


class Encoded(NamedTuple):
    """`bodiless`: its response has no body (HEAD)."""

    block: bytes
    body: bytes
    bodiless: bool


class RequestEncoder:
    """Encodes requests, which come in the form of HTTP/1. Each of a worker's requests and header lines is kept."""

    __slots__ = ("_lines", "_requests", "_scheme")

    def __init__(self, scheme: str) -> None:
        self._scheme = literal(b":scheme", scheme.encode())
        self._lines: dict[bytes, bytes] = {}
        self._requests: dict[bytes, Encoded] = {}

    def encode(self, request: bytes) -> Encoded:
        found = self._requests.get(request)
        if found is None:
            found = self._encoded(request)
            if len(request) <= LONGEST_REQUEST:
                if len(self._requests) >= MOST_REQUESTS:
                    self._requests.clear()
                self._requests[request] = found
        return found

    def _encoded(self, request: bytes) -> Encoded:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        method, _, rest = first.partition(b" ")
        host, fields = b"", []
        for line in lines:
            if line[:5].lower() == b"host:":
                host = line[5:].strip()
            else:
                fields.append(self._line(line))
        pseudo = literal(b":method", method) + self._scheme + literal(b":authority", host)
        return Encoded(pseudo + literal(b":path", rest[:-9]) + b"".join(fields), body, method == b"HEAD")

    def _line(self, line: bytes) -> bytes:
        found = self._lines.get(line)
        if found is None:
            name, _, value = line.partition(b":")
            name = name.strip().lower()
            found = b"" if name in OF_ONE_CONNECTION else literal(name, value.strip())
            if len(line) <= LONGEST_LINE:
                if len(self._lines) >= MOST_LINES:
                    self._lines.clear()
                self._lines[line] = found
        return found


def literal(name: bytes, value: bytes) -> bytes:
    """A field that no table keeps (RFC 7541, 6.1, 6.2.2, 6.2.3). Secrets are marked, so that no proxy keeps them."""
    pair = _STATIC_PAIRS.get((name, value))
    if pair is not None:
        return bytes([0x80 | pair])
    first = _NEVER if name in _SECRET else _PLAIN
    index = _STATIC_NAMES.get(name)
    if index is None:
        return bytes([first]) + _text(name) + _text(value)
    return integer(index, 4, first) + _text(value)


def _text(text: bytes) -> bytes:
    return integer(len(text), 7, 0) + text


def integer(value: int, bits: int, first: int) -> bytes:
    """A number with a prefix of so many bits, in the byte `first` (RFC 7541, 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    found = bytearray([first | most])
    value -= most
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
