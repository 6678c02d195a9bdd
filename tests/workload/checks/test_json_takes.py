"""Paths take of a JSON text what takes would take."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.workload.checks.json_takes import JsonTakes
from gluten.workload.checks.response import Response
from gluten.workload.checks.take import Take
from gluten.workload.json_text import Json
from gluten.workload.templates.values import Values

NAMES = st.sampled_from(["token", "a", "b"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=2),
    max_leaves=8,
)
STEPS = NAMES.map(lambda name: f".{name}") | st.sampled_from(["[0]", "[1]", "[-1]", "[-2]", "[*]"])


@settings(deadline=None)
@given(VALUES, st.lists(STEPS, max_size=3).map("".join), st.sampled_from(["", " ", "\n", "]"]))
def test_a_path_takes_the_same_of_any_json(value: Json, path: str, behind: str) -> None:
    take = Take.parse(f"json ${path}")
    assert take.path is not None
    body = (json.dumps(value) + behind).encode()
    expected = take.value(Response(200, (), body), Values(0, "", lambda: 0.0, lambda: "", {}))
    taken: dict[str, str] = {}
    assert JsonTakes([("it", take.path)]).take(body, taken) is (expected is not None)
    assert taken.get("it") == expected
