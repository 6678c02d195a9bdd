"""What a check is true of, and how a check that cannot be read is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WorkloadError
from gluten.workload.checks.check import LONGEST, Check
from gluten.workload.checks.response import Response
from gluten.workload.templates.values import NOTHING, Names, Scope
from tests.support.sessions import one_line_of, session

BODY = b'{"id":5,"text":"5","price":1.50,"ok":true,"none":null,"list":[1,"a",{"b":2}],"when":"2026-01-02","big":1e400}'
BEGINS = "a check begins with status, time, size, header, cookie, body, json, or not in front of one of these"
STATUS = "status == 200, status < 400, status in 200 204, or status 2xx"
NUMBER = "write one of == != < <= > >= and a number behind it, such as "
FOLLOWS = "exists, contains VALUE, matches RE, or one of == != < <= > >= and a VALUE must follow"
RESPONSE = Response(
    201,
    [("Content-Type", "application/json"), ("X-N", "5"), ("X-N", "70"), ("Set-Cookie", "sid=abc; Path=/")],
    BODY,
    0.2,
)


def holds(text: str, response: Response = RESPONSE, scope: Scope = NOTHING) -> bool:
    values = session(3, {"user": {"name": "abc", "id": "5"}}, {"token": "abc"})
    return Check.parse(text, scope).holds(response, values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status == 201", True),
        ("status != 201", False),
        ("status < 400", True),
        ("status >= 202", False),
        ("status==201", True),
        ("status in 200 201", True),
        ("status in 200, 204", False),
        ("status 2xx", True),
        ("status 2XX", True),
        ("status 5xx", False),
        ("not status 5xx", True),
        ("time < 1s", True),
        ("time <= 200ms", True),
        ("time > 0.5s", False),
        ("size > 10", True),
        (f"size == {len(BODY)}", True),
        ("size < 1k", True),
        # headers and cookies are text
        ("header x-n exists", True),
        ("header X-M exists", False),
        ("not header X-M exists", True),
        ("header X-N == 5", True),
        ("header X-N == 70", True),  # one value suffices
        ("header X-N == 5.0", False),
        ('header X-N == "5"', True),
        ("header X-N > 60", True),
        ("header X-N > 70", False),
        ("header X-N < 5.5", True),
        ("header Content-Type < 5", False),
        ("header X-M != 5", False),  # without a value nothing is true of it
        ("header Content-Type contains json", True),
        ("header Content-Type matches ^application/", True),
        ("cookie sid == abc", True),
        ("cookie sid exists", True),
        ("cookie other exists", False),
        ("header 'X-N' exists", True),
        # body
        ('body contains "text"', True),
        ("body contains nothing", False),
        (r"body matches \"id\":\d", True),
        (r'body matches "\d{4}-"', True),
        ("body != x", True),
        # json: types count
        ("json $.id == 5", True),
        ("json $.id == 5.0", True),
        ('json $.id == "5"', False),
        ("json $.text == 5", False),
        ("json $.text == '5'", True),
        ("json $.text != 5", True),
        ("json $.price == 1.5", True),
        ("json $.price > 1", True),
        ("json $.text > 1", False),
        ("json $.big > 1", True),
        ("json $.ok == true", True),
        ('json $.ok == "true"', False),
        ("json $.none == null", True),
        ("json $.none exists", True),
        ("json $.missing exists", False),
        ("json $.missing == null", False),
        ("json $.when > '2026-01-01'", True),
        ("json $.list[*] == a", True),
        ("json $.list[*] == b", False),
        ("json $.list contains a", True),
        ("json $.list contains 1", True),
        ("json $.list contains '1'", False),
        ("json $.when contains 2026", True),
        (r"json $.when matches ^\d{4}-", True),
        ("json $.list[0] matches 1", True),
        ("json $.list count == 3", True),
        ("json $.list[*] count == 3", True),
        ("json $.list[2] count == 1", True),
        ("json $.missing count == 0", True),
        ("json $.missing[*] count < 1", True),
        ("json $.id count == 1", True),
        ("json $ count == 8", True),
        # templates in the value
        ("cookie sid == {{user.name}}", True),
        ("cookie sid == {{token}}", True),
        ("json $.id == {{user.id}}", True),  # as if 5 had been written there
        ('json $.id == "{{user.id}}"', False),
        ("json $.text == '{{user.id}}'", True),
        ("header X-N >= {{user.id}}", True),
        ("header X-N >= {{user.name}}", False),
        ("cookie sid == '{{user['name']}}'", True),
    ],
)  # fmt: skip
def test_what_a_check_is_true_of(text: str, expected: bool) -> None:
    assert holds(text) is expected
    assert holds(f"not {text}" if not text.startswith("not ") else text[4:]) is not expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", BEGINS),
        ("state == 5", BEGINS),
        ("not not status 2xx", BEGINS),
        ("status", f"{NUMBER}{STATUS}"),
        ("status 200", "write status == 200"),
        ("status = 200", f"{NUMBER}{STATUS} (equal is ==)"),
        ("status == ok", f"a status is a number from 100 to 599: {STATUS}"),
        ("status in", f"a status is a number from 100 to 599: {STATUS}"),
        ("time < 500", "the time has no unit: write us, ms, s, m or h behind it, such as 500ms"),
        ("time < xs", "a time has us, ms, s, m or h behind its number, such as 500ms"),
        ("time 500ms", f"{NUMBER}time < 500ms"),
        ("size < big", "a size is a number of bytes, also with k, M or G, such as 64k"),
        ("header", "header takes a name, such as header Location"),
        ("cookie", "cookie takes a name, such as cookie session"),
        ("header X", f"{FOLLOWS} header"),
        ("header X = 5", f"{FOLLOWS} header (equal is ==)"),
        ("header X < soon", "header is compared as a number by < <= > >=, so a number must follow"),
        ("body exists now", f"{FOLLOWS} body"),
        ("body == 'a", "the quote ' is not closed at the end"),
        ("body matches [a", "the regular expression is wrong at character 1: unterminated character set"),
        ("body matches a{99999999999}", "the regular expression is wrong: the repetition number is too large"),
        ("json a == 5", "a path into JSON begins with $: $.a.b, [0], [-1], [*] and ['odd name']"),
        ("json $.a count 5", f"{NUMBER}json $.items count > 0"),
        ("json $.a count > -1", "a count is a whole number, such as json $.items count > 0"),
        ("body contains ${x}", "${x} is not filled in: write {{x}} (a literal ${ is {{'${'}})"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str, message: str) -> None:
    assert one_line_of(lambda: Check.parse(text)) == f"{text}: {message}"


def test_a_check_that_is_too_long_is_refused() -> None:
    with pytest.raises(WorkloadError, match=f"a check has up to {LONGEST} characters"):
        Check.parse("body contains " + "x" * LONGEST)


@pytest.mark.parametrize(("body", "exists"), [(b"", False), (b" ", True), (b"0", True)])
def test_an_empty_body_does_not_exist(body: bytes, exists: bool) -> None:
    response = Response(200, [], body)
    assert (holds("body exists", response), holds("not body exists", response)) == (exists, not exists)
    assert holds("header X-Empty exists", Response(200, [("X-Empty", "")], body))


@pytest.mark.parametrize(
    "text", ["body contains a", "not body contains a", "json $.a exists", "not json $.a exists", "json $.a count == 0"]
)
def test_where_the_body_cannot_be_read_its_checks_fail(text: str) -> None:
    assert not holds(text, Response(200, [("Content-Encoding", "br")], b"abc"))


def test_where_the_body_is_not_json_there_is_nothing_in_it() -> None:
    page = Response(200, [], b"<p>")
    assert holds("json $.a count == 0", page)
    assert holds("not json $.a exists", page)
    assert not holds("json $.a != 5", page)


@pytest.mark.parametrize(
    ("text", "of_bytes", "subject"),
    [
        ("status 2xx", True, "status"),
        ("not body contains x", True, "body"),
        ("size < 5", True, "size"),
        ("time < 1s", False, "time"),
        ("not time < 1s", False, "time"),
        ("cookie a == {{user.name}}", False, "cookie"),
        ("cookie a == {{env A b}}", True, "cookie"),
        ("cookie a == {{tenant}}", True, "cookie"),
    ],
)
def test_whether_the_outcome_follows_from_the_bytes_alone(text: str, of_bytes: bool, subject: str) -> None:
    check = Check.parse(text, Scope(constants={"tenant": "t"}))
    assert (check.of_bytes, check.subject, check.text) == (of_bytes, subject, text)


def test_env_stands_anywhere_in_a_check_and_its_text_does_not_show_it() -> None:
    scope = Scope(env={"S": "201", "N": "X-N", "V": "{{seq}} \"'"})
    check = Check.parse("status == {{env S}}", scope)
    assert check.text == "status == {{env S}}"
    assert holds("status == {{env S}}", scope=scope)
    assert holds("header {{env N}} > {{env LEAST 60}}", scope=scope)
    assert holds('body == "{{env V}}"', Response(200, [], b"{{seq}} \"'"), scope)


def test_a_refused_check_shows_no_value_of_the_environment() -> None:
    with pytest.raises(WorkloadError) as refused:
        Check.parse("status == {{env S}}", Scope(env={"S": "hunter2"}))
    assert "hunter2" not in str(refused.value)


def test_a_check_says_which_names_it_needs() -> None:
    check = Check.parse("body contains '{{user.name}} {{token}}'")
    assert check.names == Names(frozenset([("user", "name")]), frozenset(["token"]))


WORDS = st.sampled_from([
    "not", "status", "time", "size", "header", "cookie", "body", "json", "$.a[*]", "exists", "contains", "matches",
    "count", "in", "==", "<", "5", "2xx", "1s", "'a", '"b"', "{{x.y}}", "{{", "(", "[", "\n", "200",
])  # fmt: skip


@given(st.lists(WORDS, max_size=7).map(" ".join) | st.text())
def test_any_text_is_a_check_or_refused_in_one_line(text: str) -> None:
    values = session(rows={"x": {"y": "1"}})
    assert one_line_of(lambda: Check.parse(text).holds(RESPONSE, values)).isprintable()
