"""What is expected of responses: checks, and which responses are good."""

from __future__ import annotations

import gzip

import pytest

from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.requests.expectations import Expectations
from gluten.workload.checks.check import Check
from gluten.workload.templates.values import Values

VALUES = Values(0, "", lambda: 0.0, lambda: "", {})


def expected(*texts: str) -> Expectations:
    return Expectations([Check.parse(text) for text in texts])


def answer(status: int, body: bytes = b"", *headers: str) -> tuple[Framing, tuple[bytes]]:
    head = "\r\n".join([f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""])
    return Framing(status, len(body), True), (head.encode() + body,)


CASES = [
    (("body contains price",), 200, b"the price", True, []),
    (("body contains price",), 200, b"nothing", False, ["body contains price"]),
    (("body contains price",), 404, b"the price", False, ["status 404"]),
    (("status == 404",), 404, b"", True, []),
    (("status == 404", "size > 0"), 200, b"", False, ["status == 404", "size > 0"]),
    (("status in 200 503",), 503, b"", True, []),
]


@pytest.mark.parametrize(("checks", "status", "body", "good", "kinds"), CASES)
def test_good_is_an_expected_status_and_every_check(
    checks: tuple[str, ...], status: int, body: bytes, good: bool, kinds: list[str]
) -> None:
    made = expected(*checks)
    outcome = made.judge(*answer(status, body), 0.1, VALUES)
    assert outcome.good is good
    assert made.kinds(status, outcome) == kinds


def test_an_outcome_that_follows_from_the_bytes_is_remembered_with_them() -> None:
    made = expected("json $.n == 5")
    assert made.of_bytes
    first = made.judge(*answer(200, b'{"n": 5}'), 0.1, VALUES)
    assert made.judge(*answer(200, b'{"n": 5}'), 9.0, VALUES) is first
    assert not made.judge(*answer(200, b'{"n": 6}'), 0.1, VALUES).good


def test_a_check_of_the_time_is_judged_each_time() -> None:
    made = expected("time < 1s")
    assert (made.of_bytes, made.of_body) == (False, False)
    assert made.judge(*answer(200), 0.5, VALUES).good
    assert not made.judge(*answer(200), 1.5, VALUES).good


def test_codings_and_chunks_are_undone() -> None:
    body = gzip.compress(b'{"token": "x"}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = (head, b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
    assert expected("json $.token exists").judge(Framing(200, CHUNKED, True), pieces, 0.1, VALUES).good


@pytest.mark.parametrize(("check", "of_body"), [("status 2xx", False), ("header A exists", False), ("size > 5", True)])
def test_the_body_is_kept_only_where_a_check_needs_it(check: str, of_body: bool) -> None:
    assert expected(check).of_body is of_body
