"""The usual expectations are judged directly, and no response tells the difference."""

from __future__ import annotations

import gzip
from itertools import product
from random import Random

import pytest

from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.recording.recorder import Outcome
from gluten.engine.worker.requests.expectations import Expectations
from gluten.engine.worker.requests.raw_response import LastHead, gives_cookies, response_of
from gluten.stats.request_stats import BAD_STATUS
from gluten.workload.checks.check import Check
from gluten.workload.checks.take import Take
from gluten.workload.templates.values import Values

Answer = tuple[Framing, bytes]

BODIES = [
    '{"token":"é","n":5,"a":[{"b":[7]},2]}'.encode(),
    b'{"token":1.50}',
    b'{"a":[1,{}]}',
    b' ["u","v"]\n',
    b"<p>9",
    b"",
    '\ufeff{"token":"bom"}'.encode(),
    '{"token":"é"}'.encode("latin-1"),
    b'{"token":1}}',
    gzip.compress(b'{"token":"z"}'),
]
LINES = [
    b"",
    b"Content-Encoding: gzip\r\n",
    b"Content-Type: a/b; charset=latin-1\r\n",
    b"Content-Type: a/json\r\n",
    b"Set-Cookie: a=b\r\n",
    b"x: \n\r\n",
]
STARTS = [b"", b"\r\n", b"HTTP/1.1 103 Early\r\nSet-Cookie: c=d\r\n\r\n"]


def whole(status: int, body: bytes, line: bytes, start: bytes, chunked: bool, minor: int) -> Answer:
    coded = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked and body else body
    data = start + b"HTTP/1.%d %d X\r\n%bB: c\r\n\r\n" % (minor, status, line) + coded
    return Framing(status, CHUNKED if coded != body else len(body), True), data


ANSWERS = [whole(*parts) for parts in product((200, 404, 500), BODIES, LINES, STARTS, (False, True), (1, 0))]


def in_full(checks: list[Check], takes: list[tuple[str, Take]], answer: Answer, time: float, values: Values) -> Outcome:
    """What the checks and the takes say themselves."""
    framing, data = answer
    response = response_of(framing.status, data, framing.length == CHUNKED, time)
    found = [check.holds(response, values) for check in checks]
    for name, take in takes:
        value = take.value(response, values)
        if value is not None:
            values.taken[name] = value
        if take.required:
            found.append(value is not None)
    expected = framing.status < BAD_STATUS or any(check.subject == "status" for check in checks)
    return Outcome(all(found) and expected, tuple(found))


def known() -> Values:
    return Values(5, "", lambda: 0.0, lambda: "", {})


EXPECTED = [
    ("status == 200", "json $.token"),
    ("status < 500; not status == 404", "json $.a[0]; json $.a[-1]"),
    ("", "json $.token"),
    ("status in 200 404", ""),
    ("status == 200", "json $.token else none; json $.a[*]"),
    ("status == 200", "json $[*] any"),
    ("status == 200", "json $[1]; regex '[0-9]+'"),
    ("status == 200; time < 1s", "json $.token"),
    ("size > 9; json $.token exists", "json $.token; body"),
    ("header Content-Type exists", "header Content-Type; json $"),
    ("body contains token", "json $.token"),
    ("body contains token; status == 200", ""),
    ("body contains 'é'; body contains 5", "json $[1]"),
    ("not body contains token", "json $.token"),
    ("body contains token; time < 1s", "json $.token"),
]


@pytest.mark.parametrize(("checks", "takes"), EXPECTED)
def test_what_is_kept_of_one_response_changes_nothing_of_another(checks: str, takes: str) -> None:
    checking = [Check.parse(text) for text in checks.split("; ") if text]
    taking = [(f"name{at}", Take.parse(text)) for at, text in enumerate(takes.split("; ")) if text]
    made = Expectations(checking, taking)
    for at, answer in enumerate(Random(takes).sample(ANSWERS, len(ANSWERS))):
        (framing, data), seconds = answer, at % 3
        values, expected = known(), known()
        pieces = (data[:9], data[9:]) if at % 7 == 0 else (data,)
        assert made.judge(framing, pieces, seconds, values) == in_full(checking, taking, answer, seconds, expected)
        assert values.taken == expected.taken


def test_a_head_that_is_known_says_what_it_says_itself() -> None:
    head, usual = LastHead(), 0
    for framing, data in Random(1).sample(ANSWERS, len(ANSWERS)):
        if head.begins(data):
            response = response_of(framing.status, data, chunked=False)
            assert (data[head.size :], head.plain) == (response.body, response.plain)
            assert head.gives_cookies == gives_cookies(data) == bool(response.header("set-cookie"))
            usual += 1
    assert usual > len(ANSWERS) / 10
