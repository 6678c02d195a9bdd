from __future__ import annotations

from gluten.net.rpc.masters import Masters


def test_the_only_master_has_no_other() -> None:
    masters = Masters(["a:1"])
    assert not masters.move()
    assert masters.current == "a:1"


def test_masters_are_called_in_turn() -> None:
    masters = Masters(["a:1", "b:1"])
    assert [masters.current, masters.move(), masters.current, masters.move(), masters.current] == [
        "a:1", True, "b:1", True, "a:1",
    ]  # fmt: skip


def test_a_master_that_is_named_comes_next() -> None:
    masters = Masters(["a:1", "b:1", "c:1"])
    assert masters.move("c:1")
    assert masters.current == "c:1"
    assert masters.move()
    assert masters.current == "a:1"


def test_one_that_is_not_listed_is_called_where_only_one_is_listed() -> None:
    """The name by which a master knows itself may be of no use here, and the list has another one."""
    one, two = Masters(["a:1"]), Masters(["a:1", "b:1"])
    assert one.move("c:1")
    assert two.move("c:1")
    assert (one.current, two.current) == ("c:1", "b:1")


def test_a_master_that_names_itself_is_left_for_the_next_one() -> None:
    masters = Masters(["a:1", "b:1"])
    assert masters.move("a:1")
    assert masters.current == "b:1"


def test_a_named_master_that_is_gone_leads_back_to_the_list() -> None:
    masters = Masters(["a:1"])
    assert masters.move("b:1")
    assert masters.move()
    assert masters.current == "a:1"
