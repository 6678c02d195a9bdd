"""A header whose value varies in each response is masked, and the mask lets nothing else vary."""

from __future__ import annotations

import pytest

from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.response import Responses
from tests.support.engine.responses import whole

OK = Framing(200, 5, True)


def response(request_id: bytes, date: bytes = b"now", body: bytes = b"hello", length: bytes = b"5") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nDate: %s\r\nX-Request-Id: %s\r\nContent-Length: %s\r\n\r\n"
    return head % (date, request_id, length) + body


@pytest.fixture
def masked() -> Responses:
    """A memory that has seen three responses which differ in one value."""
    made = Responses("GET", 1 << 20)
    first = response(b"a1")
    made.head(first, first.find(b"\r\n\r\n"))
    for request_id in (b"b2", b"c3"):
        assert whole(made, response(request_id)) == OK
    return made


@pytest.mark.parametrize("request_id", [b"d4", b"", b"longer-than-before", b"with space\tand \xff"])
def test_the_value_may_be_anything_that_a_value_may_be(masked: Responses, request_id: bytes) -> None:
    assert whole(masked, response(request_id)) == OK
    assert not masked.repeated


@pytest.mark.parametrize(
    "request_id",
    [
        b"x\r\nContent-Length: 0",
        b"x\r\nTransfer-Encoding: chunked",
        b"x\nX: y",
        b"x\x00y",
        b"x\r\n\r\nHTTP/1.1 200 OK\r\nA: b",
    ],
)
def test_a_value_cannot_smuggle_a_line_in(masked: Responses, request_id: bytes) -> None:
    assert whole(masked, response(request_id)) is None


@pytest.mark.parametrize(
    "data",
    [
        response(b"e5", body=b"hell"),
        response(b"e5", body=b"hello!"),
        response(b"e5", length=b"6"),
        response(b"e5")[:-1],
    ],
)
def test_what_does_not_fit_its_length_is_not_whole(masked: Responses, data: bytes) -> None:
    assert whole(masked, data) is None


def test_a_value_that_stays_is_worth_remembering_as_a_whole(masked: Responses) -> None:
    assert whole(masked, response(b"stays")) == OK
    assert not masked.repeated
    assert whole(masked, response(b"stays")) == OK
    assert masked.repeated


def test_another_date_is_learned_and_the_mask_comes_back(masked: Responses) -> None:
    for request_id in (b"f6", b"g7", b"h8"):
        assert whole(masked, response(request_id, date=b"later")) == OK


def test_a_length_that_varies_is_never_masked() -> None:
    made = Responses("GET", 1 << 20)
    first = response(b"same")
    made.head(first, first.find(b"\r\n\r\n"))
    for count in range(1, 30):
        assert whole(made, response(b"same", body=b"x" * count, length=b"%d" % count)) == Framing(200, count, True)
        assert whole(made, response(b"same", body=b"x" * count, length=b"%d" % (count + 1))) is None


def test_a_body_that_varies_within_its_length_stays_whole() -> None:
    made = Responses("GET", 1 << 20)
    first = response(b"same")
    made.head(first, first.find(b"\r\n\r\n"))
    assert [whole(made, response(b"same", body=body)) for body in (b"hello", b"world", b"a\r\nb\n")] == [OK] * 3
