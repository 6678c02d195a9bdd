"""What a take keeps of a response."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.workload.checks.response import Response
from gluten.workload.checks.take import LONGEST, Take
from gluten.workload.templates.values import Scope
from tests.support.sessions import one_line_of, session

RESPONSE = Response(
    200,
    [("Location", "/cart/7"), ("X-N", "1"), ("X-N", "2"), ("Set-Cookie", "sid=abc")],
    b'{"id":1.50,"t":true,"none":null,"list":["a","b","c"],"o":{"p":1},"html":"<a id=\'x1\'> else <a id=\'x2\'>"}',
)


def taken(text: str, number: int = 0) -> str | None:
    values = session(number, {"user": {"name": "ann"}})
    return Take.parse(text, Scope(env={"E": "from env"}), "request.a.take.t").value(RESPONSE, values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("json $.id", "1.50"),  # a number keeps its text
        ("json $.t", "true"),
        ("json $.none", "null"),
        ("json $.o", '{"p":1}'),
        ("json $.list[*]", "a"),
        ("json $.list[-1]", "c"),
        ("json $.missing", None),
        ("json $.missing else none", "none"),
        ("json $.missing else 'a b'", "a b"),
        ("json $.missing else a b", "a b"),
        ('json $.missing else ""', ""),
        ("json $.missing any else x", "x"),
        ("json $.missing else {{user.name}}", "ann"),
        ("json $.missing else {{env E}}", "from env"),
        ("json $.id else x", "1.50"),
        ("header location", "/cart/7"),
        ("header X-N", "1"),
        ("header X-M else 5", "5"),
        ("cookie sid", "abc"),
        ("cookie other", None),
        ("regex id='([a-z]+[0-9])'", "x1"),
        ("regex '([a-z])([0-9])' ", "x"),
        ("regex x[0-9]", "x1"),
        ("regex '> else <'", "> else <"),
        ("regex nothing else x", "x"),
        ("regex \"nothing else\"", None),
        ("regex (zz)?x2", "x2"),
    ],
)  # fmt: skip
def test_what_is_taken(text: str, expected: str | None) -> None:
    assert taken(text) == expected


def test_the_whole_body_is_taken() -> None:
    assert taken("body") == RESPONSE.body.decode()


def test_any_draws_one_of_the_matches() -> None:
    assert {taken("json $.list[*] any", number) for number in range(50)} == {"a", "b", "c"}
    assert {taken("regex x[0-9] any", number) for number in range(50)} == {"x1", "x2"}
    assert taken("json $.list[*] any", 7) == taken("json $.list[*] any", 7)


def test_nothing_is_taken_of_a_body_that_cannot_be_read() -> None:
    packed = Response(200, [("Content-Encoding", "br")], b"{}")
    assert Take.parse("body").value(packed, session()) is None
    assert Take.parse("body else x").value(packed, session()) == "x"


def test_its_text_is_as_it_was_written() -> None:
    take = Take.parse("header X-N else {{env E}}", Scope(env={"E": "hunter2"}))
    assert take.text == "header X-N else {{env E}}"
    assert take.names.columns == frozenset()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a take begins with json, header, cookie, regex, body"),
        ("xpath //a", "a take begins with json, header, cookie, regex, body"),
        ("json", "a path into JSON begins with $: $.a.b, [0], [-1], [*] and ['odd name']"),
        ("json $.a first", "only any and else VALUE can stand behind it"),
        ("json $.a else", "only any and else VALUE can stand behind it"),
        ("header", "header takes a name, such as header Location"),
        ("regex", "regex takes a regular expression, such as regex 'id=([0-9]+)'"),
        ("regex (a", "the regular expression is wrong at character 1: missing ), unterminated subpattern"),
        ("json $.a else 'x", "the quote ' is not closed at the end"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, message: str) -> None:
    assert one_line_of(lambda: Take.parse(text)) == f"{text}: {message}"


def test_a_take_that_is_too_long_is_refused() -> None:
    assert f"a take has up to {LONGEST} characters" in one_line_of(lambda: Take.parse("body" + " " * LONGEST))


WORDS = st.sampled_from(
    ["json", "header", "cookie", "regex", "body", "$.a[*]", "any", "else", "'a", '"b"', "{{x}}", "{{", "(", "X"]
)


@given(st.lists(WORDS, max_size=6).map(" ".join) | st.text())
def test_any_text_is_a_take_or_refused_in_one_line(text: str) -> None:
    assert one_line_of(lambda: Take.parse(text).value(RESPONSE, session())).isprintable()
