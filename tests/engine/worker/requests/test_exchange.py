"""Failures are kept whole, and no secret is in them."""

from __future__ import annotations

import gzip
import json
import time
from base64 import b64encode
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.parts import WorkloadPart
from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.requests.exchange import Redactor, bad_answer, failure, secrets_of
from gluten.stats.failure import MAX_BODY, Failure
from gluten.task.task import Task
from gluten.workload.templates.values import Scope, Values
from gluten.workload.workload import Workload

REQUEST = (
    b"POST /login?token=s3&a=b HTTP/1.1\r\nHost: shop.test\r\nAuthorization: Bearer s3\r\nX-A: pw7\r\n\r\n"
    b'{"name": "ann", "password": "s3"}'
)
ANSWER = b'HTTP/1.1 500 Oh\r\nSet-Cookie: sid=s3; Path=/\r\nA: b\r\n\r\n{"accessToken": "s3", "why": "pw7 is wrong"}'


def kept(every: bool = False) -> Failure:
    redactor = Redactor(["pw7", ""], every)
    return bad_answer(3, "a", REQUEST, Framing(500, 40, True), (ANSWER,), redactor, "http://shop.test", "4bf92f35")


def test_request_and_answer_are_there() -> None:
    one = kept()
    assert (one.second, one.node, one.trace) == (3, "a", "4bf92f35")
    assert one.sent.method == "POST"
    assert one.sent.url.startswith("http://shop.test/login?")
    assert one.answer is not None
    assert (one.answer.status, dict(one.answer.headers)["A"]) == (500, "b")
    assert '"why": "*** is wrong"' in one.answer.body


@pytest.mark.parametrize("every", [False, True])
def test_no_secret_is_kept(every: bool) -> None:
    text = repr(kept(every).to_map())
    assert "s3" not in text
    assert "pw7" not in text
    assert "sid=***" in text or "'***'" in text


def test_a_task_with_secrets_shows_no_body_and_no_header_value() -> None:
    one = kept(every=True)
    assert one.answer is not None
    assert (one.sent.body, one.answer.body) == ("***", "***")
    assert {value for _, value in (*one.sent.headers, *one.answer.headers)} == {"***"}


def test_a_form_s_secrets_are_left_out() -> None:
    request = b"POST / HTTP/1.1\r\nHost: h\r\n\r\nuser=ann&password=s3&next=/"
    assert failure(0, "a", request, Redactor([], False), "http://h").sent.body == "user=ann&password=***&next=/"


def test_a_request_that_was_not_written_has_its_host_alone() -> None:
    one = failure(1, "a", b"", Redactor(["s3"], False), "http://h", "value s3 has a line break")
    assert (one.sent.url, one.answer, one.text) == ("http://h", None, "value *** has a line break")


def test_long_bodies_are_cut_and_odd_bytes_are_readable() -> None:
    body = b"\x00\x1b[2J" + b"x" * 100_000
    one = bad_answer(
        0,
        "a",
        REQUEST,
        Framing(404, len(body), True),
        (b"HTTP/1.1 404 No\r\n\r\n" + body,),
        Redactor([], False),
        "http://h",
    )
    assert one.answer is not None
    assert len(one.answer.body) == MAX_BODY
    assert one.answer.body.isprintable()
    assert Failure.from_map(one.to_map()) == one


def test_chunks_are_joined() -> None:
    pieces = (b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n2\r\noh\r\n", b"1\r\n!\r\n0\r\n\r\n")
    one = bad_answer(0, "a", REQUEST, Framing(500, CHUNKED, True), pieces, Redactor([], False), "http://h")
    assert one.answer is not None
    assert one.answer.body == "oh!"


SECRET = 'p@ss "w/örd" + é'


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        quote(SECRET, safe="-._~"),
        quote_plus(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        SECRET.encode().decode("latin-1"),
        b64encode(SECRET.encode()).decode(),
        b64encode(f"ann:{SECRET}".encode()).decode(),
    ],
)
def test_a_secret_is_found_in_whatever_encoding_it_was_sent_or_said_back(spelled: str) -> None:
    shown = Redactor([SECRET], False).text(f"before {spelled} behind")
    assert "***" in shown
    for part in (SECRET, "p@ss", "p%40ss", b64encode(SECRET.encode()).decode()[4:-4], "rd"):
        assert part not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" behind")


@given(st.text(min_size=6, max_size=30), st.binary(max_size=5), st.binary(max_size=5))
def test_a_secret_is_found_in_base64_wherever_it_stands(secret: str, before: bytes, behind: bytes) -> None:
    content = secret.encode("utf-8", "replace")
    text = b64encode(before + content + behind).decode()
    for spelled in (text, quote(text, safe="")):
        shown = Redactor([secret], False).text(spelled)
        assert "***" in shown
        assert len(unquote(shown)) <= 4 * (len(before) + len(behind)) + 12


@pytest.mark.parametrize("kept", range(3, len(SECRET)))
def test_the_begin_of_a_secret_at_the_end_of_a_cut_body_is_left_out(kept: int) -> None:
    shown = Redactor([SECRET], False).body(b"before " + SECRET.encode().decode()[:kept].encode())
    assert shown == "before ***"


def test_a_compressed_body_is_readable() -> None:
    answer = b"HTTP/1.1 500 Oh\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"it broke")
    one = bad_answer(0, "a", b"", Framing(500, 28, True), (answer,), Redactor([], False), "http://h")
    assert one.answer is not None
    assert one.answer.body == "it broke"
    cut = bad_answer(0, "a", b"", Framing(500, 28, True), (answer[:-9],), Redactor([], False), "http://h")
    assert cut.answer is not None
    assert cut.answer.body != ""


def test_what_was_taken_under_the_name_of_a_secret_is_one() -> None:
    values = Values(0, "", time.time, str, {})
    values.taken |= {"access_token": "t-8642", "cart": "c-1"}
    assert secrets_of(Task("http://h/"), None, values) == ["t-8642"]


def test_a_secret_that_setup_took_is_shown_by_no_session() -> None:
    part = WorkloadPart(Workload("http://h", 0, ()), {}, (), {"token": "CANARY", "page": "7"})
    assert secrets_of(Task("http://h"), part, None) == ["CANARY"]


def test_a_var_that_is_called_a_secret_is_one_where_it_stands_under_another_name() -> None:
    scope = Scope(constants={"password": "CANARY", "page": "7"})
    part = WorkloadPart(Workload("http://h", 0, (), scope=scope), {}, ())
    assert secrets_of(Task("http://h"), part, None) == ["CANARY"]
