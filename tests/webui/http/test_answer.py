"""A long list is written as JSON in pieces, and is the same JSON."""

from __future__ import annotations

import pytest

from gluten.webui.http.answer import ITEMS, json_answer, paced_answer


@pytest.mark.parametrize("count", [0, 1, ITEMS, 3 * ITEMS + 1])
def test_a_paced_answer_is_the_same_and_others_have_turns(count: int) -> None:
    value = {"runs": [{"number": n, "name": "é"} for n in range(count)], "next": None, "counts": {"nodes": 3}}
    pauses: list[int] = []
    assert paced_answer(value, lambda: pauses.append(1)) == json_answer(value)
    assert len(pauses) == count // ITEMS
