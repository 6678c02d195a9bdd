"""gzip and deflate are undone, whatever they are made of, and never to more than 16 MiB."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.workload.checks.content_coding import LARGEST, decoded

BODY = b"hello " * 100


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (gzip.compress(BODY), "gzip"),
        (gzip.compress(BODY), "X-GZip"),
        (gzip.compress(BODY[:100]) + gzip.compress(BODY[100:]), "gzip"),
        (gzip.compress(BODY) + b"\0\0\0", "gzip"),
        (zlib.compress(BODY), "deflate"),
        (raw_deflate(BODY), "deflate"),
        (gzip.compress(zlib.compress(BODY)), "deflate, gzip"),
    ],
    ids=range(9),
)
def test_codings_are_undone(body: bytes, codings: str) -> None:
    assert decoded(body, codings) == BODY


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (BODY, "br"),
        (BODY, "gzip, zstd"),
        (BODY, "gzip"),
        (gzip.compress(BODY)[:-3], "gzip"),
        (zlib.compress(BODY)[:-3], "deflate"),
        (b"x" * (LARGEST + 1), ""),
        (gzip.compress(b"x" * (LARGEST + 1)), "gzip"),
        (gzip.compress(b"x" * LARGEST) + gzip.compress(b"x"), "gzip"),
        (zlib.compress(b"x" * (LARGEST + 1)), "deflate"),
    ],
    ids=range(9),
)
def test_what_cannot_be_undone_is_nothing(body: bytes, codings: str) -> None:
    assert decoded(body, codings) is None


def test_16_mib_are_not_too_many() -> None:
    assert decoded(gzip.compress(b"x" * LARGEST), "gzip") == b"x" * LARGEST


def test_an_empty_body_has_no_coding() -> None:
    """As in the answer to HEAD, which has the header and no body."""
    assert decoded(b"", "gzip") == b""


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "gzip, deflate", "br", "", ",", "GZIP;q=1"]))
def test_any_body_is_undone_or_nothing(body: bytes, codings: str) -> None:
    result = decoded(body, codings)
    assert result is None or isinstance(result, bytes)
