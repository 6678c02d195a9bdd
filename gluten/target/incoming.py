"""Parses HTTP/1.x requests from a stream of bytes (RFC 9112), without I/O.

Bodies are read to their end and discarded. Pipelined requests are returned one by one, in order.
"""

import re
from dataclasses import dataclass

MAX_HEAD = 64 * 1024
HEAD, HTTP10, KEEP_ALIVE = 1, 2, 4
FLAG_COMBINATIONS = 8
_MEMO_ENTRIES = 1024
_MEMO_HEAD = 8 * 1024
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\s\x00-\x20]+) HTTP/1\.([01])")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\x00]*?)[ \t]*")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")


class BadRequest(Exception):
    """The request is malformed. `status` is the status of the answer, after which the connection closes."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """The head of one request.

    `length` is the length of the body in bytes, or None if it is chunked. `size` is the size of the head in bytes.
    `flags` are the properties on which the response depends: a sum of HEAD, HTTP10 and KEEP_ALIVE.
    """

    method: str
    path: str
    flags: int
    length: int | None
    expects_continue: bool
    size: int


class HeadParser:
    """Parses heads, and caches the results, because a load repeats the same few heads."""

    def __init__(self) -> None:
        self._memo: dict[bytes, Request] = {}

    def parse(self, head: bytes) -> Request:
        """The request with this head, which includes the blank line. Raises BadRequest."""
        request = self._memo.get(head)
        if request is None:
            request = parse_head(head)
            if len(head) <= _MEMO_HEAD:
                self._remember(head, request)
        return request

    def _remember(self, head: bytes, request: Request) -> None:
        if len(self._memo) >= _MEMO_ENTRIES:
            self._memo.clear()
        self._memo[head] = request


def parse_head(head: bytes) -> Request:
    """The request with this head, which includes the blank line. Raises BadRequest."""
    first, *lines = head[:-4].lstrip(b"\r\n").split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise BadRequest(400, "the request line is not METHOD TARGET HTTP/1.x")
    fields = _fields(lines)
    http10 = line[3] == b"0"
    return Request(
        method=line[1].decode(),
        path=line[2].partition(b"?")[0].decode("latin-1"),
        flags=_flags(line[1], http10, _keeps_alive(fields, http10)),
        length=_body_length(fields),
        expects_continue=not http10 and b"100-continue" in fields.get(b"expect", b"").lower(),
        size=len(head),
    )


def _flags(method: bytes, http10: bool, keep_alive: bool) -> int:
    return HEAD * (method == b"HEAD") + HTTP10 * http10 + KEEP_ALIVE * keep_alive


def _fields(lines: list[bytes]) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise BadRequest(400, "a header line is not NAME: VALUE")
        name = match[1].lower()
        fields[name] = fields[name] + b", " + match[2] if name in fields else match[2]
    return fields


def _keeps_alive(fields: dict[bytes, bytes], http10: bool) -> bool:
    options = [option.strip() for option in fields.get(b"connection", b"").lower().split(b",")]
    return b"close" not in options and (not http10 or b"keep-alive" in options)


def _body_length(fields: dict[bytes, bytes]) -> int | None:
    encoding, length = fields.get(b"transfer-encoding"), fields.get(b"content-length")
    if encoding is not None:
        if encoding.lower() != b"chunked" or length is not None:
            raise BadRequest(400, "a body is either chunked or has a Content-Length")
        return None
    if length is None:
        return 0
    if not length.isdigit() or len(length) > 18:
        raise BadRequest(400, "Content-Length is not a number")
    return int(length)


class RequestReader:
    """Reads the stream of one connection. `feed` adds bytes; `next` returns complete requests, or None."""

    __slots__ = (
        "_at",
        "_buffer",
        "_continue",
        "_in_trailers",
        "_left",
        "_parser",
        "_request",
        "_trailer_bytes",
    )

    def __init__(self, parser: HeadParser) -> None:
        self._parser = parser
        self._buffer = b""
        self._at = 0
        self._request: Request | None = None
        self._left = 0
        self._in_trailers = False
        self._trailer_bytes = 0
        self._continue = False

    @property
    def buffered(self) -> int:
        """The number of bytes that were fed and are not used yet."""
        return len(self._buffer) - self._at

    def feed(self, data: bytes) -> None:
        """Add received bytes."""
        if self._at < len(self._buffer):
            data = self._buffer[self._at :] + data
        self._buffer = data
        self._at = 0

    def next(self) -> Request | None:
        """The next request whose head and body are complete, or None if more bytes are needed. Raises BadRequest."""
        request = self._request
        if request is None:
            request = self._next_head()
            if request is None or request.length == 0:
                return request
            self._request, self._left = request, request.length or 0
            self._continue = request.expects_continue
        if not (self._skip_chunked() if request.length is None else self._skip()):
            return None
        self._request = None
        return request

    def take_continue(self) -> bool:
        """Whether the current request waits for `100 Continue`. Returns True only once for each request."""
        due = self._continue and self._request is not None
        self._continue = False
        return due

    def _next_head(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n", self._at)
        if (len(self._buffer) if end < 0 else end) - self._at > MAX_HEAD:
            raise BadRequest(431, "the header is larger than 64 KiB")
        if end < 0:
            return None
        head = self._buffer[self._at : end + 4]
        self._at = end + 4
        return self._parser.parse(head)

    def _skip(self) -> bool:
        """Discard up to `_left` bytes that have been fed. Returns whether none are left."""
        skipped = min(self._left, len(self._buffer) - self._at)
        self._at += skipped
        self._left -= skipped
        return self._left == 0

    def _skip_chunked(self) -> bool:
        while True:
            if not self._skip():
                return False
            line = self._line()
            if line is None:
                return False
            if self._in_trailers:
                if not line:
                    self._in_trailers, self._trailer_bytes = False, 0
                    return True
                self._count_trailer(line)
            else:
                self._begin_chunk(line)

    def _begin_chunk(self, line: bytes) -> None:
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise BadRequest(400, "a chunk does not begin with its size")
        size = int(match[1], 16)
        self._in_trailers = size == 0
        if size:
            self._left = size + 2  # with the CRLF that ends the chunk

    def _count_trailer(self, line: bytes) -> None:
        self._trailer_bytes += len(line)
        if self._trailer_bytes > MAX_HEAD:
            raise BadRequest(431, "the trailers are larger than 64 KiB")

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", self._at)
        if end < 0:
            if len(self._buffer) - self._at > MAX_HEAD:
                raise BadRequest(431, "a chunk's first line is larger than 64 KiB")
            return None
        line = self._buffer[self._at : end]
        self._at = end + 2
        return line
