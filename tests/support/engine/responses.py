"""Sample responses, what llhttp says of them, and a memory that has seen them."""

from __future__ import annotations

from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.full_response import read_response
from gluten.engine.worker.http1.parser import Parser
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http1.response_counter import ResponseCounter

MAX_BODY = 1 << 20


BASE = (
    b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 22:54:00 GMT\r\nX-Request-Id: 0123456789abcdef\r\n"
    b'Content-Length: 11\r\nETag: "a"\r\n\r\nhello world'
)


CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Id: 1\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n"


def mutated(source: bytes) -> st.SearchStrategy[bytes]:
    """`source` with a few of its bytes changed, removed or doubled."""
    edit = st.tuples(st.integers(0, len(source) - 1), st.sampled_from(["set", "drop", "double"]), st.integers(0, 255))

    def apply(edits: list[tuple[int, str, int]]) -> bytes:
        data = bytearray(source)
        for at, how, byte in edits:
            at = min(at, len(data) - 1)
            if how == "set":
                data[at] = byte
            elif how == "drop":
                del data[at]
            else:
                data.insert(at, data[at])
        return bytes(data)

    return st.lists(edit, min_size=1, max_size=3).map(apply)


def oracle(data: bytes, method: str = "GET") -> tuple[int, bool] | None:
    """By llhttp alone: (status, may the connection go on) when `data` is exactly one final response, else None."""
    parser = Parser(method == "HEAD")
    try:
        parser.take(data)
    except Fault:
        return None
    if not parser.complete or parser.extra:
        return None
    return parser.get_code(), parser.should_keep_alive()


def taught(*samples: bytes, method: str = "GET") -> Responses:
    """A memory that has seen these."""
    responses = Responses(method, MAX_BODY)
    for sample in samples:
        try:
            read_response(responses, sample, lambda: b"")
        except Fault:
            continue
    return responses


def whole(responses: Responses, data: bytes) -> Framing | None:
    """The framing when the hub takes `data` for exactly one response, else None."""
    counter = ResponseCounter(responses)
    return None if counter.begin(data) else counter.framing
