"""Paths into JSON find what is there, and nothing where nothing is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import WorkloadError
from gluten.workload.checks.json_path import parse_prefix
from gluten.workload.json_text import dumps, loads
from tests.support.sessions import one_line_of

ROOT = loads('{"a":{"b":[1,{"c":2},[3,4]],"d e":5},"n":null,"":6,"list":[{"x":1},{"x":2},{"y":3}],"é-1":7}')


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.n", "[null]"),
        ("$.a.b[0]", "[1]"),
        ("$.a.b[1].c", "[2]"),
        ("$.a.b[-1][0]", "[3]"),
        ("$.a.b[3]", "[]"),
        ("$.a.b[-4]", "[]"),
        ("$.a['d e']", "[5]"),
        ('$["a"]["d e"]', "[5]"),
        ("$['']", "[6]"),
        ("$.é-1", "[7]"),
        ("$.list[*].x", "[1,2]"),
        ("$.list[*]", '[{"x":1},{"x":2},{"y":3}]'),
        ("$.a[*]", '[[1,{"c":2},[3,4]],5]'),
        ("$.a.b[2][*]", "[3,4]"),
        ("$.nothing.at.all", "[]"),
        ("$.n.x", "[]"),
        ("$.list.x", "[]"),
        ("$.a[0]", "[]"),
    ],
)
def test_what_a_path_finds(path: str, expected: str) -> None:
    found, rest = parse_prefix(path)
    assert (dumps(found.find(ROOT)), rest) == (expected, "")


def test_the_root_is_the_whole() -> None:
    assert parse_prefix("$")[0].find(ROOT) == [ROOT]


@pytest.mark.parametrize(("text", "rest"), [("$.a == 5", " == 5"), ("$.a==5", "==5"), ("$['a b'] exists", " exists")])
def test_a_path_ends_where_the_condition_begins(text: str, rest: str) -> None:
    assert parse_prefix(text)[1] == rest


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("$..a", 2),
        ("$.", 2),
        ("$.a[", 4),
        ("$.a[x]", 4),
        ("$.a[?(@.b)]", 4),
        ("$.a[1:2]", 4),
        ("$.*", 2),
        ("$.a['b]", 4),
    ],
)
def test_what_is_no_path_is_refused_with_its_place(text: str, where: int) -> None:
    with pytest.raises(WorkloadError, match=f"cannot read the path from character {where}: it is made of"):
        parse_prefix(text)


@pytest.mark.parametrize("text", ["a.b", "", ".a", "/a/b"])
def test_a_path_begins_with_a_dollar(text: str) -> None:
    with pytest.raises(WorkloadError, match=r"begins with \$"):
        parse_prefix(text)


@given(st.text(alphabet="$.[]'\"*-019ab é") | st.text())
def test_any_text_is_a_path_or_refused(text: str) -> None:
    assert one_line_of(lambda: parse_prefix(f"${text}")[0].find(ROOT)).isprintable()
