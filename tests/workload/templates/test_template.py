"""A text with `{{…}}` becomes what the session knows; what cannot be read is refused in one line."""

import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TemplateFailure, WorkloadError
from gluten.workload.json_text import Json
from gluten.workload.templates.encoding import Encoding
from gluten.workload.templates.template import Template, joined
from gluten.workload.templates.values import NOTHING, Names, Scope
from tests.support.sessions import one_line_of, session

WORDS = "words are separated by spaces, and stand in quotes if they have odd signs"
USAGE = "seq, run, int A B, text N, uuid, now, pick A B, base64 X, raw X, env NAME"
ROWS: dict[str, dict[str, Json]] = {"user": {"name": "ann", "odd name": "x", "a-b": "y", "größe": "z"}}


def render(text: str, scope: Scope = NOTHING, number: int = 0) -> str:
    return Template.parse(text, scope, "here").text_of(session(number, ROWS, {"token": "t-1"}, {"tenant": "t-9"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("a }} b } {", "a }} b } {"),
        ("{{user.name}}", "ann"),
        ("<{{ user.name }}>{{user.name}}", "<ann>ann"),
        ("{{user['odd name']}}", "x"),
        ('{{user["odd name"]}}', "x"),
        ("{{user.a-b}}{{user.größe}}", "yz"),
        ("{{token}} {{tenant}} {{nothing}}", "t-1 t-9 "),  # what was not taken is empty
        ("{{'{{'}}x}}", "{{x}}"),
        ('{{"a b"}}', "a b"),
        ("{{'}}'}}", "}}"),
        ("{{seq}}/{{run}}", "0/r-1"),
        ("{{now}}", "2026-01-01T12:00:00.250Z"),
        ("{{now s}} {{now ms}}", "1767268800 1767268800250"),
        ("{{base64 'ann:pw'}}", "YW5uOnB3"),
        ("{{base64 ann:pw}}", "YW5uOnB3"),
        ("{{base64 user.name}}", "YW5u"),
        ("{{base64 token}}", "dC0x"),
        ("{{base64 pick a}}", "YQ=="),
        ("{{raw user.name}}", "ann"),
        ("{{int 5 5}}", "5"),
        ("{{int -3 -3}}", "-3"),
        ("{{pick red}}", "red"),
        ("{{pick 'a b'}}", "a b"),
        ('{"a":{"b":{{int 1 1}}}}', '{"a":{"b":1}}'),
    ],
)
def test_what_a_text_becomes(text: str, expected: str) -> None:
    assert render(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {{user.name", "{{user.name: {{ is not closed with }} (a literal {{ is {{'{{'}})"),
        ("{{}}", "{{}} is empty: write {{NAME}}, or {{'{{'}} for a literal {{"),
        ("{{ }}", "{{ }} is empty: write {{NAME}}, or {{'{{'}} for a literal {{"),
        ("${id}", "${id} is not filled in: write {{id}} (a literal ${ is {{'${'}})"),
        ("{{a.b.c}}", "{{a.b.c}}: a.b.c is neither a name, FEED.COLUMN nor a function"),
        ("{{uuid()}}", "{{uuid()}}: uuid() is neither a name, FEED.COLUMN nor a function: write {{uuid}}"),
        ("{{$uuid}}", "{{$uuid}}: $uuid is neither a name, FEED.COLUMN nor a function: write {{uuid}}"),
        ("{{don't}}", f"{{{{don't}}}}: cannot read don't}}}}: {WORDS}"),
        ("{{rand 1 2}}", f"{{{{rand 1 2}}}}: rand is not a function: {USAGE} are"),
        ("{{'a' b}}", "{{'a' b}}: nothing can stand behind the text 'a'"),
        ("{{int 1}}", "{{int 1}}: int A B takes two whole numbers of up to 18 digits, such as {{int 1 6}}"),
        ("{{int 1 x}}", "{{int 1 x}}: int A B takes two whole numbers of up to 18 digits, such as {{int 1 6}}"),
        ("{{int 6 1}}", "{{int 6 1}}: int A B takes the lower number first: {{int 1 6}}"),
        ("{{text 0}}", "{{text 0}}: text N takes a whole number from 1 to 10000, such as {{text 8}}"),
        ("{{text}}", "{{text}}: text N takes a whole number from 1 to 10000, such as {{text 8}}"),
        ("{{pick}}", "{{pick}}: pick takes what it may pick, such as {{pick red green}}"),
        ("{{uuid 4}}", "{{uuid 4}}: uuid stands alone: {{uuid}}"),
        ("{{now us}}", "{{now us}}: now is written {{now}}, {{now s}} or {{now ms}}"),
        ("{{raw}}", "{{raw}}: raw stands in front of a name, a function or a text in quotes"),
        ("{{env}}", "{{env}}: env takes a name and perhaps a default, such as {{env PORT 8080}}"),
        ("{{env A-B}}", "{{env A-B}}: env takes a name and perhaps a default, such as {{env PORT 8080}}"),
        ("{{env A}}", "{{env A}}: A is not set in the environment: set it, or write a default behind the name"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(WorkloadError) as refused:
        render(text)
    assert str(refused.value) == message


@given(st.text(alphabet=st.sampled_from("{}'\" $[].*ab1\nünowraw")) | st.text())
def test_any_text_is_a_template_or_refused_in_one_line(text: str) -> None:
    assert one_line_of(lambda: Template.parse(text)).isprintable()


def test_a_name_of_the_file_outranks_a_function() -> None:
    scope = Scope(names=frozenset(["seq", "int"]))
    values = session(5, taken={"seq": "mine", "int": "also"})
    assert Template.parse("{{seq}} {{int}} {{raw seq}}", scope).text_of(values) == "mine also mine"
    assert Template.parse("{{int 1 1}}", scope).text_of(values) == "1"  # a name takes no words, so this is none


def test_it_says_what_it_needs() -> None:
    template = Template.parse("{{user.name}}{{raw user['a b']}}{{token}}{{base64 int 1 2}}{{'x.y'}}")
    assert template.names == Names(
        frozenset([("user", "name"), ("user", "a b")]), frozenset(["token"]), frozenset(["base64", "int"])
    )
    assert template.names.feeds == {"user"}


@pytest.mark.parametrize(
    ("text", "fixed"),
    [("", ""), ("a", "a"), ("{{'{{'}}", "{{"), ("{{host}}/{{env A b}}", "h/b"), ("{{seq}}", None), ("a{{x.y}}", None)],
)
def test_it_knows_whether_it_is_the_same_in_every_session(text: str, fixed: str | None) -> None:
    template = Template.parse(text, Scope(constants={"host": "h"}))
    assert (template.fixed, template.constant) == (fixed, fixed is not None)


@pytest.mark.parametrize(
    ("text", "leads"),
    [("/a/{{x}}", False), ("{{x}}/a", True), ("{{raw x}}", True), ("{{env A b}}/a", False), ("{{c}}", True)],
)
def test_a_path_that_begins_with_a_value_is_a_reference(text: str, leads: bool) -> None:
    assert Template.parse(text, Scope(constants={"c": "/c"})).leads is leads


def test_a_missing_column_is_a_failure_of_the_request() -> None:
    with pytest.raises(TemplateFailure, match="the row of user has no column zip"):
        render("{{user.zip}}")


def test_a_var_is_made_once_in_a_session_and_a_take_replaces_it() -> None:
    values = session(variables={"order": "{{uuid}}", "dice": "{{int 1 1000000}}"})
    template = Template.parse("{{order}} {{dice}}")
    first = template.text_of(values)
    values.step = 3
    assert template.text_of(values) == first
    values.taken["order"] = "taken"
    assert template.text_of(values).startswith("taken ")
    values.begin(1)
    assert template.text_of(values) not in (first, "taken")


def test_a_var_is_drawn_alike_whenever_it_is_first_needed() -> None:
    early, late = (session(4, variables={"dice": "{{int 1 1000000}}"}) for _ in range(2))
    late.step = 2
    template = Template.parse("{{dice}}")
    assert template.text_of(early) == template.text_of(late)


def test_draws_follow_from_seed_session_step_and_place() -> None:
    def drawn(seed: int = 1, number: int = 0, step: int = 0, place: str = "a") -> str:
        values = session(number)
        values.step = step
        return Template.parse("{{int 1 1000000}}", Scope(seed=seed), place).text_of(values)

    assert drawn() == drawn()
    assert len({drawn(), drawn(seed=2), drawn(number=1), drawn(step=1), drawn(place="b")}) == 5


def test_two_draws_of_one_text_differ() -> None:
    first, second = render("{{text 20}} {{text 20}}").split()
    assert first != second
    assert set(first + second) <= set(string.ascii_letters + string.digits)


def test_int_is_even_and_reaches_both_ends() -> None:
    """4,000 draws of four: each comes 1,000 times, give or take five standard deviations of 27."""
    template = Template.parse("{{int -1 2}}")
    counts = Counter(template.text_of(session(number)) for number in range(4000))
    assert counts.keys() == {"-1", "0", "1", "2"}
    assert all(abs(count - 1000) < 140 for count in counts.values())


def test_pick_reaches_every_word() -> None:
    assert {render("{{pick a 'b c' d}}", number=number) for number in range(50)} == {"a", "b c", "d"}


def test_a_uuid_never_comes_twice() -> None:
    values, template = session(), Template.parse("{{uuid}}")
    found = [template.text_of(values) for _ in range(1000)]
    assert len(set(found)) == 1000
    pattern = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(pattern.fullmatch(text) for text in found)


@given(st.text(), st.text())
def test_constants_around_a_value_are_kept(before: str, value: str) -> None:
    """Percent signs too, because a writer is a pattern with percent signs."""
    before = before.replace("{", "").replace("\ud800", "")
    template = Template.parse(f"{before}%b{{{{token}}}}%")
    written = template.writer(Encoding.PLAIN)(session(taken={"token": value}))
    assert written == f"{before}%b{value}%".encode("utf-8", "replace")


def test_long_texts_are_parsed_in_one_go() -> None:
    """Twenty thousand values of their own names, and as many constants: work that grows with their square hangs."""
    many = Template.parse("".join(f"{{{{a{at}}}}}" for at in range(20_000)))
    assert len(many.names.words) == 20_000
    same = Template.parse("{{c}}{{d}}" * 20_000, Scope(constants={"c": "1", "d": "2"}))
    assert same.writer()(session()) == b"12" * 20_000


def test_pieces_of_several_templates_make_one_request() -> None:
    path = Template.parse("/{{user.name}}").pieces(Encoding.PATH)
    header = Template.parse("X: {{seq}}").pieces(Encoding.HEADER)
    write = joined([b"GET ", *path, b" HTTP/1.1\r\n", *header, b"\r\n\r\n"])
    assert write(session(7, ROWS)) == b"GET /ann HTTP/1.1\r\nX: 7\r\n\r\n"
