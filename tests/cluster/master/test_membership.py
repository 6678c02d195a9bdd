"""Which nodes are alive, suspect or lost, and which node has a name."""

from __future__ import annotations

import pytest

from gluten.cluster.clock import Sample
from gluten.cluster.master.membership import FORGET_AFTER, Membership
from gluten.cluster.node_info import NodeInfo
from gluten.errors import Refused


def info(name: str, node: str = "", load: bool = True) -> NodeInfo:
    return NodeInfo(node or name * 4, name, "slave", 2, "0.1.0", "3.11", "host", None, load)


def two() -> Membership:
    members = Membership()
    members.join(info("a"), b"1", 0.0, 0.0)
    members.join(info("b"), b"2", 0.0, 0.0)
    return members


@pytest.mark.parametrize(
    ("silence", "state"), [(0.0, "alive"), (3.9, "alive"), (4.0, "suspect"), (9.9, "suspect"), (10.0, "lost")]
)
def test_silence_tells(silence: float, state: str) -> None:
    members = two()
    members.seen(b"2", 5.0)
    members.sweep(silence)
    assert next(member.state for member in members) == state


def test_a_node_has_the_cpu_of_its_last_minute_one_figure_a_second() -> None:
    (node, _) = two()
    for tick in range(200):
        node.beat(tick / 200, 0.0, tick + 1.0, 0.0)
        node.beat(0.9, 0.0, tick + 1.2, 0.0)  # heartbeats that follow one another at once
    assert list(node.cpu_history) == [tick / 200 for tick in range(140, 200)]
    assert node.cpu == 0.9


def test_a_loss_is_reported_once() -> None:
    members = two()
    assert [member.name for member in members.sweep(10.0)] == ["a", "b"]
    assert members.sweep(11.0) == []


def test_any_word_makes_a_suspect_alive_and_a_lost_one_has_to_register() -> None:
    members = two()
    members.sweep(5.0)
    assert members.seen(b"1", 5.0) is not None
    members.sweep(12.0)
    assert [member.state for member in members] == ["suspect", "lost"]
    assert members.seen(b"2", 12.0) is None


def test_a_living_name_is_taken_and_says_by_whom() -> None:
    members = two()
    with pytest.raises(Refused, match=r"node a: .* already here \(on host, last seen 3 s ago\)"):
        members.join(info("a", "other"), b"3", 3.0, 0.0)


def test_the_name_of_a_lost_node_may_be_used_by_another() -> None:
    members = two()
    members.sweep(10.0)
    heir = members.join(info("a", "other"), b"3", 11.0, 0.0)
    assert [member.info.node for member in members] == ["bbbb", "other"]
    assert members.named("a") is heir


def test_the_same_node_on_a_new_connection_keeps_its_place() -> None:
    members = two()
    members.join(info("a"), b"9", 1.0, 0.0)
    assert [member.name for member in members] == ["a", "b"]
    assert members.seen(b"1", 1.0) is None
    assert members.seen(b"9", 1.0) is not None


def test_a_node_that_registers_again_under_another_name_frees_the_first() -> None:
    members = two()
    members.join(info("c", "aaaa"), b"1", 1.0, 0.0)
    assert members.named("a") is None
    assert members.join(info("a", "other"), b"7", 1.0, 0.0).name == "a"


def test_a_node_is_able_if_it_is_alive_takes_part_and_its_clock_is_known() -> None:
    members = two()
    members.join(info("m", load=False), b"3", 0.0, 0.0)
    assert members.able() == []
    for member in members:
        member.clock = Sample(0.0, 0.001)
    assert [member.name for member in members.able()] == ["a", "b"]
    members.leave(b"1")
    assert [member.name for member in members.able()] == ["b"]


def test_the_gone_are_forgotten_in_the_end() -> None:
    members = two()
    members.leave(b"1")
    members.sweep(10.0)
    members.sweep(FORGET_AFTER + 1)
    assert list(members) == []


def test_a_pause_of_the_master_is_not_counted_as_silence_of_nodes() -> None:
    members = two()
    members.excuse(30.0)
    assert members.sweep(31.0) == []
