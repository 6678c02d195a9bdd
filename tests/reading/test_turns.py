"""Who is answered next."""

from __future__ import annotations

import pytest

from gluten.errors import Busy
from gluten.reading.turns import Turns
from gluten.webui.api.readings import Asker

ADMIN, ANN, BOB = Asker("admin", "1"), Asker("viewer", "ann"), Asker("viewer", "bob")


def order(turns: Turns[str]) -> str:
    return "".join(iter(lambda: turns.next() or "", ""))


def added(*questions: tuple[Asker, str]) -> Turns[str]:
    turns = Turns[str](each=8, most=10)
    for asker, item in questions:
        turns.add(asker, item)
    return turns


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ([], ""),
        ([(ANN, "a"), (ANN, "b"), (ANN, "c")], "abc"),
        ([(ANN, "a"), (ANN, "b"), (ANN, "c"), (BOB, "x")], "axbc"),
        ([(ANN, "a"), (ANN, "b"), (BOB, "x"), (ADMIN, "1"), (ADMIN, "2")], "a1x2b"),
    ],
    ids=["nobody", "one asker", "two askers of a role", "two roles"],
)
def test_roles_take_turns_and_within_a_role_the_askers_do(questions: list[tuple[Asker, str]], expected: str) -> None:
    assert order(added(*questions)) == expected


def test_an_asker_has_so_many_questions_at_most() -> None:
    turns = added(*[(ANN, "a")] * 8)
    with pytest.raises(Busy, match=r"8 of yours wait") as refused:
        turns.add(ANN, "b")
    assert refused.value.retry == 1
    turns.add(BOB, "x")


def test_a_role_has_so_many_questions_at_most() -> None:
    turns = added(*[(ANN, "a")] * 5, *[(BOB, "x")] * 5)
    with pytest.raises(Busy, match="10 wait"):
        turns.add(BOB, "y")
    turns.add(ADMIN, "1")


def test_a_question_counts_until_it_is_answered() -> None:
    turns = added(*[(ANN, "a")] * 8)
    assert turns.next() == "a"
    with pytest.raises(Busy):
        turns.add(ANN, "b")
    turns.end(ANN)
    turns.add(ANN, "b")


def test_an_asker_who_leaves_loses_its_turn() -> None:
    turns = added((ANN, "a"), (ANN, "b"), (BOB, "x"))
    turns.forget(ANN, "a")
    turns.forget(BOB, "x")
    turns.forget(BOB, "never there")
    assert order(turns) == "b"
