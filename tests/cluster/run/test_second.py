"""A second has the same content for its reader whether it is packed or not."""

from __future__ import annotations

import pytest

from gluten.cluster.run.second import RunSecond
from gluten.stats import hdr
from gluten.stats.delta import Delta
from gluten.stats.session_stats import SessionStats


def delta(completed: int, in_flight: int, cpu: float = 0.25) -> Delta:
    made = Delta(7)
    made.of().sent, made.of().completed, made.in_flight, made.cpu = completed, completed, in_flight, cpu
    made.host_cpu, made.steal = 0.75, 0.125
    made.of().status = {200: completed}
    made.of().response.record(1000, completed)
    return made


def two_nodes() -> RunSecond:
    second = RunSecond(7)
    second.take(("a", 1), 1, delta(5, 2), 3)
    second.take(("b", 1), 1, delta(6, 4, 0.5), 4)
    return second


def test_packing_changes_nothing_that_a_reader_sees() -> None:
    second, packed = two_nodes(), two_nodes()
    packed.pack()
    assert packed.packed
    assert packed.row(10.0) == second.row(10.0)
    assert (
        dict(packed.assignments()) == dict(second.assignments()) == {"a": (0.25, 0.75, 0.125), "b": (0.5, 0.75, 0.125)}
    )
    assert packed.delta.to_map() == second.delta.to_map()
    assert packed.packed  # to read is not to unpack


@pytest.mark.parametrize(
    ("request_", "names"), [(None, ["home", "cart"]), ("", []), ("cart", ["cart"]), ("nobody", [])]
)
def test_a_row_has_the_named_requests_that_are_asked_for(request_: str | None, names: list[str]) -> None:
    second, packed = RunSecond(7), RunSecond(7)
    for one in (second, packed):
        made = Delta(7)
        made.of("home").completed, made.of("cart").completed = 3, 4
        one.take(("a", 1), 1, made, 3)
    packed.pack()
    for one in (second, packed):
        row = one.row(10.0, request=request_)
        assert list(row.get("by_request", ())) == names
        assert row["completed"] == 7
    assert packed.row(10.0, request=request_) == second.row(10.0, request=request_)
    assert packed.row(10.0, hdr=True) == second.row(10.0, hdr=True)


def test_a_row_has_the_figures_of_all_nodes_and_of_each_node() -> None:
    row = two_nodes().row(12.5)
    assert (row["second"], row["asked"], row["completed"], row["in_flight"], row["version"]) == (7, 12.5, 11, 6, 4)
    assert row["nodes"] == {
        "a": {"completed": 5, "cpu": 0.25, "in_flight": 2},
        "b": {"completed": 6, "cpu": 0.5, "in_flight": 4},
    }


def test_what_comes_late_is_added_to_a_packed_second() -> None:
    second, packed = two_nodes(), two_nodes()
    packed.pack()
    for one in (second, packed):
        one.take(("b", 1), 2, delta(1, 3), 5)
        one.take(("b", 2), 1, delta(2, 9), 6)
    assert packed.row(None) == second.row(None)
    assert packed.row(None)["nodes"]["b"] == {"completed": 9, "cpu": 0.5, "in_flight": 3 + 9}
    assert packed.row(None)["in_flight"] == 2 + 3 + 9


def test_what_is_late_and_older_leaves_the_gauges_alone() -> None:
    second = RunSecond(7)
    second.take(("a", 1), 2, delta(1, 3), 1)
    second.pack()
    second.take(("a", 1), 1, delta(1, 8), 2)
    assert second.row(None)["nodes"]["a"] == {"completed": 2, "cpu": 0.25, "in_flight": 3}


def test_a_packed_second_of_a_hundred_nodes_holds_nothing_but_bytes() -> None:
    """A run of a day has 86,400 seconds. So none may keep the dictionaries of its row."""
    second = RunSecond(7)
    for number in range(100):
        second.take((f"node-{number}", 1), 1, delta(5, 2), 3)
    second.row(None)
    second.pack()
    held = [value for name in RunSecond.__slots__ if isinstance(value := getattr(second, name), (bytes, dict))]
    assert sum(map(len, held)) < 3_000
    assert not any(isinstance(value, dict) and value for value in held)
    assert second.completed == second.row(None)["completed"] == 500


def with_sessions(active: int = 0, **counts: int) -> Delta:
    made = Delta(7)
    made.by_scenario["buy"] = stats = SessionStats()
    for name, count in counts.items():
        setattr(stats, name, count)
    made.active, made.most_active = active, active + 1
    return made


def test_sessions_of_two_nodes_add_up_and_a_later_delta_of_a_node_replaces_its_gauge() -> None:
    second = RunSecond(7)
    second.take(("a", 1), 1, with_sessions(5, begun=6, finished=1), 1)
    second.take(("b", 1), 1, with_sessions(3, begun=3), 2)
    second.pack()
    second.take(("a", 1), 2, with_sessions(4, cut=1), 3)
    second.pack()
    row = second.row(None)
    assert (row["begun"], row["finished"], row["cut"], row["active"]) == (9, 1, 1, 7)
    assert row["most_active"] == 6 + 4 + 5


@pytest.mark.parametrize("counts", [{"active": 1}, {"finished": 1}, {"ended": 1}, {"cut": 1}])
def test_a_second_in_which_a_session_is_under_way_or_ends_is_busy(counts: dict[str, int]) -> None:
    second, quiet = RunSecond(7), RunSecond(7)
    second.take(("a", 1), 1, with_sessions(**counts), 1)
    quiet.take(("a", 1), 1, with_sessions(), 1)
    assert (second.busy, quiet.busy) == (True, False)


def test_a_second_in_which_only_a_connection_was_opened_is_busy_too() -> None:
    """Else the seconds of a report would have fewer than were opened in all."""
    second, opened = RunSecond(7), Delta(7)
    opened.opened = 1
    second.take(("a", 1), 1, opened, 1)
    assert second.busy


def test_a_row_has_its_histogram_in_a_report_alone() -> None:
    second = two_nodes()
    for _ in ("open", "packed"):
        assert list(hdr.decode(second.row(None, hdr=True)["hdr"])) == [(1000, 11)]
        assert "hdr" not in second.row(None)
        second.pack()
