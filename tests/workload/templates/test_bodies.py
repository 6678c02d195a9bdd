"""Bodies of `json` and `form`: templates in their strings, and types kept."""

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WorkloadError
from gluten.workload.json_text import Json, Number, loads
from gluten.workload.templates.bodies import form_template, json_template
from gluten.workload.templates.values import Scope
from tests.support.sessions import session

ROWS: dict[str, dict[str, Json]] = {"p": {"id": "7", "name": 'a"b', "price": Number("1.50"), "tags": ["x", None]}}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{$"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


def written(value: Any) -> bytes:
    return json_template(value, Scope(env={"N": "5"})).writer()(session(3, ROWS))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": "{{p.id}}"}, b'{"id":"7"}'),
        ({"id": "{{raw p.id}}"}, b'{"id":7}'),
        ({"id": "no {{raw p.id}}"}, b'{"id":"no 7"}'),
        ({"n": "{{p.name}}"}, b'{"n":"a\\"b"}'),
        ({"n": "{{raw p.name}}"}, b'{"n":"a\\"b"}'),
        ([1, 2.5, True, None, "é\n"], '[1,2.5,true,null,"é\\n"]'.encode()),
        (["{{p.price}}", "{{raw p.price}}"], b'["1.50",1.50]'),
        (["{{p.tags}}", "{{raw p.tags}}"], b'["[\\"x\\",null]",["x",null]]'),
        (["{{raw int 4 4}}", "{{int 4 4}}", "{{raw seq}}"], b'[4,"4",3]'),
        (["{{env N}}", "{{raw env N}}"], b'["5",5]'),
        ({"k{{p.id}}": {}}, b'{"k7":{}}'),
        (["{{'{{'}}", "{{nothing}}", "{{raw nothing}}"], b'["{{","",""]'),
        ([datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), date(2026, 1, 2)], b'["2026-01-02T03:04:05+00:00","2026-01-02"]'),
        ("text", b'"text"'),
    ],
)
def test_what_a_json_body_becomes(value: Any, expected: bytes) -> None:
    assert written(value) == expected


@given(JSON)
def test_a_json_body_without_templates_is_that_value(value: Any) -> None:
    template = json_template(loads(json.dumps(value)))
    assert template.constant
    assert json.loads(template.writer()(session())) == value


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], "${x}", {"a": "{{"}])
def test_what_json_cannot_have_is_refused(value: Any) -> None:
    with pytest.raises(WorkloadError):
        json_template(value)


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(WorkloadError, match="nested too deeply"):
        json_template(deep)


def test_equal_templates_in_one_body_draw_on_their_own() -> None:
    first, second = json.loads(written(["{{text 20}}", "{{text 20}}"]))
    assert first != second


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"a": "b", "c": ["1", "2"]}, b"a=b&c=1&c=2"),
        ({"a b": "c&d=e"}, b"a%20b=c%26d%3De"),
        ({"a": "{{p.name}}", "n": 5, "t": True}, b"a=a%22b&n=5&t=true"),
        ({"{{p.id}}": "x{{seq}}"}, b"7=x3"),
        ({}, b""),
    ],
)
def test_what_a_form_becomes(fields: dict[str, Any], expected: bytes) -> None:
    assert form_template(fields).writer()(session(3, ROWS)) == expected


@given(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.just("{{v}}"), max_size=3),
    st.text(),
)
def test_a_form_is_undone_by_parsing(fields: dict[str, str], value: str) -> None:
    fields = {name.replace("{", "").replace("$", "") or "x": text for name, text in fields.items()}
    value = value.encode("utf-8", "replace").decode()
    body = form_template(fields).writer()(session(taken={"v": value})).decode()
    assert parse_qsl(body, keep_blank_values=True) == [(name, value) for name in fields]


def test_what_utf_8_cannot_express_becomes_a_question_mark() -> None:
    """The environment of a process may have such characters."""
    assert form_template({"a\udc80": "\udc80"}).writer()(session()) == b"a%3F=%3F"
    assert json_template({"a\udc80": "\udc80"}).writer()(session()) == b'{"a?":"?"}'


def test_a_field_that_is_no_text_is_refused() -> None:
    with pytest.raises(
        WorkloadError, match="a: a field of a form is a text, a number, true, false, or a list of these"
    ):
        form_template({"a": {"b": "c"}})
