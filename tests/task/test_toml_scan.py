"""The scanner finds each key, text and value of a TOML text, with its line; `tomllib` agrees on what there is."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.task.toml_scan import DEEPEST, KEY, Path, TomlProblem, lines_of, scan

FILE = '''\
name = "a"   # name = "no key"
a.b . "c d" = 1

[vars]
x = """
y = 1
"""
[[feed]]
name = 'u'
[[feed]]
name = "v"
list = [
  "one",
  {k = "two", l = [3, 4]},
]
[request.login]
json = {a = "x", b = {c = 5}}
[feed.more]
z = 1.5e3
'''


def test_each_key_has_its_line() -> None:
    lines = lines_of(FILE)
    assert {path: lines[path] for path in lines if path[-1] not in (0, 1)} == {
        ("name",): 1,
        ("a", "b", "c d"): 2,
        ("vars",): 4,
        ("vars", "x"): 5,
        ("feed", 0, "name"): 9,
        ("feed", 1, "name"): 11,
        ("feed", 1, "list"): 12,
        ("feed", 1, "list", 1, "k"): 14,
        ("feed", 1, "list", 1, "l"): 14,
        ("request", "login"): 16,
        ("request", "login", "json"): 17,
        ("request", "login", "json", "a"): 17,
        ("request", "login", "json", "b"): 17,
        ("request", "login", "json", "b", "c"): 17,
        ("feed", 1, "more"): 18,
        ("feed", 1, "more", "z"): 19,
    }
    assert lines[("feed", 0)] == 8
    assert lines[("feed", 1, "list", 0)] == 13


def test_each_value_stands_where_it_is_said_to() -> None:
    found = {piece.path: FILE[piece.start : piece.end] for piece in scan(FILE) if piece.kind != KEY}
    assert found == {
        ("name",): "a",
        ("a", "b", "c d"): "1",
        ("vars", "x"): "\ny = 1\n",
        ("feed", 0, "name"): "u",
        ("feed", 1, "name"): "v",
        ("feed", 1, "list", 0): "one",
        ("feed", 1, "list", 1, "k"): "two",
        ("feed", 1, "list", 1, "l", 0): "3",
        ("feed", 1, "list", 1, "l", 1): "4",
        ("request", "login", "json", "a"): "x",
        ("request", "login", "json", "b", "c"): "5",
        ("feed", 1, "more", "z"): "1.5e3",
    }


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a = 1\nb = {c = 1,\n d = 2}\n", 2, "stands on one line"),
        ("a = [{b = 1\n}]", 1, "stands on one line"),
        ("a" + ".a" * DEEPEST + " = 1", 1, "more than 32 parts"),
        ("a = " + "[" * DEEPEST, 1, "more than 32 deep"),
        ("\n\na = " + "{b = " * DEEPEST, 3, "more than 32 deep"),
    ],
)
def test_what_tomllib_explains_badly_or_cannot_bear_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    with pytest.raises(TomlProblem, match=word) as caught:
        lines_of(text)
    assert caught.value.line == line


def test_an_array_may_stand_on_several_lines_inside_an_inline_table_too() -> None:
    text = 'a = {b = [\n1,\n2], c = """\n"""}\n'
    assert tomllib.loads(text)
    assert lines_of(text)[("a", "c")] == 3


@pytest.mark.parametrize(
    "text", ['"' * 3, "'" * 3, '"', "'", '"""\\', "a = '", 'a = "x\\', "]", "}", "= 1", "[", "[[", ","]
)
def test_what_is_no_toml_is_scanned_to_its_end(text: str) -> None:
    lines_of(text)


def test_a_long_text_takes_no_longer_for_each_letter() -> None:
    """An unclosed quote is read once, not again from each place behind it."""
    for text in ('"""\n' + '\\"""\n' * 50_000, "'''" * 100_001, "[" * 30 + '"\\' * 100_000):
        with suppress(TomlProblem):
            lines_of(text)


KEYS = st.text(st.sampled_from("ab-_1"), min_size=1, max_size=3)
SCALARS = st.integers(-5, 5) | st.booleans() | st.text(max_size=5)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


def toml(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ",\n".join(map(toml, value)) + "]"
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def paths(value: Any, path: Path) -> set[Path]:
    found: set[Path] = {path}
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found |= paths(item, (*path, key))
    return found


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_the_scanner_finds_what_tomllib_finds(document: dict[str, Any]) -> None:
    text = "".join(f"{key} = {toml(value)}\n" for key, value in document.items())
    assert tomllib.loads(text) == document
    wanted = set().union(*(paths(value, (key,)) for key, value in document.items()))
    opened = {path for path in wanted if isinstance(path[-1], int)} - set(lines_of(text))
    assert set(lines_of(text)) | opened == wanted  # an array in an array has no key, and nothing of its own to say


@given(st.text(st.sampled_from("ab.=[]{}\"'\n#, \\1"), max_size=60))
def test_any_text_ends_in_pieces_or_in_one_problem(text: str) -> None:
    with suppress(TomlProblem):
        for piece in scan(text):
            assert 0 <= piece.start <= piece.end <= len(text)
            assert 1 <= piece.line <= text.count("\n") + 1
