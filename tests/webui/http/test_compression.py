"""Long answers and streams are compressed for clients that accept it, but never a page with a session's token."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from gluten.webui.app import Wsgi
from gluten.webui.http.compression import compressed_chunks
from tests.support.web.wsgi import get

TAKES = {"Accept_Encoding": "gzip, deflate"}


def test_a_long_answer_is_compressed_for_clients_that_accept_it(app: Wsgi) -> None:
    plain, packed = get(app, "/api/v1/runs"), get(app, "/api/v1/runs", **TAKES)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) * 3 < len(plain.body)


def test_a_stream_is_packed_whole(app: Wsgi) -> None:
    packed = get(app, "/api/v1/runs/12/events", **TAKES)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == get(app, "/api/v1/runs/12/events").body


def test_a_page_is_never_packed(app: Wsgi) -> None:
    for path in ("/", "/runs/12", "/runs/new"):
        assert "Content-Encoding" not in get(app, path, **TAKES).headers


def test_a_short_answer_is_left_alone(app: Wsgi) -> None:
    assert "Content-Encoding" not in get(app, "/healthz", **TAKES).headers


def test_each_piece_of_a_stream_can_be_read_at_once_and_its_source_is_closed() -> None:
    closed = []

    def source() -> Iterator[bytes]:
        try:
            while True:
                yield b"one event"
        finally:
            closed.append(True)

    packed, reader = compressed_chunks(source()), zlib.decompressobj(31)
    assert [reader.decompress(next(packed)) for _ in range(3)] == [b"one event"] * 3
    packed.close()  # type: ignore[attr-defined]
    assert closed == [True]
