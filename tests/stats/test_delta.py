"""Deltas: what one node saw in one second, added up in any order."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.stats.delta import CEILING, COUNTS, ERROR_KINDS, GAUGES, HISTOGRAMS, LATER, Delta
from gluten.stats.histogram import HIGHEST
from tests.support.reports import second

COUNT = st.integers(0, 10**9)


@st.composite
def deltas(draw: st.DrawFn) -> Delta:
    made = second(
        draw(st.integers(0, 100)), draw(st.dictionaries(st.integers(1, 10**7), st.integers(1, 500), max_size=8))
    )
    for name in ("sent", "dropped", "in_flight", "connections", "read", "written"):
        setattr(made, name, draw(COUNT))
    for kind in draw(st.lists(st.sampled_from(ERROR_KINDS), max_size=5)):
        made.fail(kind, f"a sample of {kind}")
    made.lateness.record_all(draw(st.dictionaries(st.integers(0, 1000), st.integers(1, 9), max_size=3)))
    made.lag.record_all(draw(st.dictionaries(st.integers(0, 1000), st.integers(1, 9), max_size=3)))
    made.cpu = draw(st.floats(0, 1))
    made.drained = draw(st.integers(0, 100).map(lambda n: n / 4))
    return made


def total(parts: list[Delta]) -> Delta:
    merged = Delta()
    for part in parts:
        merged.add(part)
    return merged


@given(deltas())
def test_it_crosses_the_wire_unchanged(delta: Delta) -> None:
    assert Delta.from_map(delta.to_map()).to_map() == delta.to_map()


@given(st.lists(deltas(), max_size=6), st.randoms(use_true_random=False))
def test_deltas_add_up_to_the_same_in_any_order(parts: list[Delta], rng: random.Random) -> None:
    shuffled = parts[:]
    rng.shuffle(shuffled)
    assert total(shuffled).to_map() == total(parts).to_map()


@given(deltas(), deltas())
def test_counts_of_two_deltas_add(first: Delta, later: Delta) -> None:
    added = total([first, later])
    for name in (*COUNTS, *GAUGES):
        assert getattr(added, name) == getattr(first, name) + getattr(later, name)
    assert len(added.response) == len(first.response) + len(later.response)
    assert added.cpu == max(first.cpu, later.cpu)


@given(deltas(), deltas())
def test_within_a_node_the_later_gauge_replaces_the_earlier(first: Delta, later: Delta) -> None:
    followed = total([first])
    followed.follow(later)
    for name in GAUGES:
        assert getattr(followed, name) == getattr(later, name)
    for name in COUNTS:
        assert getattr(followed, name) == getattr(first, name) + getattr(later, name)


def test_a_failure_is_counted_by_its_kind_and_keeps_the_first_sample() -> None:
    delta = Delta()
    delta.fail("reset", "first")
    delta.fail("reset", "second")
    delta.fail("dns")
    assert (delta.failed, delta.errors, delta.samples) == (3, {"reset": 2, "dns": 1}, {"reset": "first"})


def test_a_sample_is_kept_short() -> None:
    delta = Delta()
    delta.fail("read", "x" * 10_000)
    assert len(delta.samples["read"]) == 300


GOOD = second(3, {1000: 5}).to_map()


@pytest.mark.parametrize("name", sorted(GOOD.keys() - {*LATER}))
def test_a_map_that_lacks_a_field_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        Delta.from_map({key: value for key, value in GOOD.items() if key != name})


def test_a_delta_that_an_earlier_version_stored_says_nothing_of_connections() -> None:
    read = Delta.from_map({key: value for key, value in GOOD.items() if key not in LATER})
    assert (read.opened, read.backlog, read.peak) == (0, 0, 0)
    assert read.completed == 5


def test_the_peak_adds_over_workers_and_nodes_and_not_over_time() -> None:
    total = Delta(3)
    total.follow(second(3, {1000: 5}, peak=4, opened=4, backlog=1))
    total.follow(second(3, {1000: 5}, peak=5, opened=5, backlog=2))
    assert (total.peak, total.opened) == (9, 9)
    total.follow(second(4, {1000: 5}, peak=6, opened=1, backlog=0))
    assert (total.peak, total.opened, total.backlog) == (9, 10, 0)
    total.add(second(4, {1000: 5}, peak=3, backlog=7))
    assert (total.peak, total.backlog) == (12, 7)


@pytest.mark.parametrize("name", ["second", *COUNTS, *GAUGES, "peak"])
@pytest.mark.parametrize("value", [-1, 1.5, "1", None, True, 1 << 62, [1]])
def test_a_count_that_is_none_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError):
        Delta.from_map(GOOD | {name: value})


@pytest.mark.parametrize(
    "change",
    [
        {"status": [[200, 4]]},                    # 5 were completed
        {"status": [[200, -5], [201, 10]]}, {"status": [[1000, 5]]}, {"status": [[-1, 5]]}, {"status": [[200.0, 5]]},
        {"status": [[200, 5, 0]]}, {"errors": {"reset": -1, "dns": 1}},
        {"status": [[200, -5]]}, {"status": [["200", 5]]}, {"status": [[200]]}, {"status": None}, {"status": 5},
        {"errors": {"reset": 1}},                  # none failed
        {"errors": {"gremlins": 0}}, {"errors": []}, {"errors": {"reset": "1"}},
        {"samples": {"gremlins": "x"}}, {"samples": None}, {"samples": {"reset": 5}}, {"samples": {"reset": ["x"]}},
        {"samples": {"reset": b"x"}}, {"samples": {"reset": "x" * 301}},
        {"response": []}, {"response": "x"}, {"response": [0, 0, 0, HIGHEST + 1, 0]},
        {"response": None}, {"service": [1]}, {"lag": {}},
        {"cpu": -0.1}, {"cpu": True}, {"drained": 1.1e18},
        {"cpu": "1"}, {"cpu": float("nan")}, {"cpu": float("inf")}, {"drained": None}, {"drained": -1.0},
    ],
)  # fmt: skip
def test_a_malformed_map_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Delta.from_map(GOOD | change)


@given(st.text(max_size=300))
def test_an_example_of_a_failure_spoils_no_terminal_and_no_database(text: str) -> None:
    kept, read = Delta(), Delta.from_map(GOOD | {"failed": 1, "errors": {"reset": 1}, "samples": {"reset": text}})
    kept.fail("reset", text)
    for sample in (*kept.samples.values(), *read.samples.values()):
        assert sample.isprintable()
        assert len(sample) == len(text)
        assert all(was in (char, " ") for was, char in zip(sample, text, strict=True))


FULL: dict[str, Any] = {
    **dict.fromkeys((*COUNTS, *GAUGES), CEILING - 1),
    "status": [[0, 1], [999, CEILING - 2]],
    "errors": {"reset": CEILING - 1},
    "cpu": 1e9,
    "drained": 1e9,
    **{name: [(1 << 62) - 1, 0, 0, 5, 5, 5, CEILING - 2**36] for name in HISTOGRAMS},
}


def test_the_most_that_one_node_can_have_seen_is_no_excess() -> None:
    assert Delta.from_map(GOOD | FULL).excess == ""
    assert Delta.from_map(GOOD).excess == Delta().excess == ""


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *((name, {name: CEILING}) for name in (*GAUGES, "sent", "dropped", "read", "written")),
        ("completed", {"completed": CEILING, "status": [[200, CEILING]]}),
        ("failed", {"failed": CEILING, "errors": {"reset": CEILING}}),
        ("cpu", {"cpu": 1.1e9}), ("drained", {"drained": 1.1e9}),
        *((name, {name: flat}) for name in HISTOGRAMS for flat in (
            [1 << 62, 0, 0, HIGHEST, 0], [0, 0, 0, 5, 5, 5, CEILING], [0, 0, 0, 5, 6, 5, CEILING // 2, 1, CEILING // 2],
        )),
    ],
)  # fmt: skip
def test_more_than_one_node_can_have_seen_in_one_second_is_found(name: str, change: dict[str, Any]) -> None:
    assert Delta.from_map(GOOD | change).excess == name


def test_sums_of_a_million_full_deltas_can_be_counted_and_read_again() -> None:
    full, whole = Delta.from_map(GOOD | FULL), Delta()
    whole.add(full)
    for _ in range(20):
        whole.add(Delta.from_map(whole.to_map()))
    assert whole.completed == (CEILING - 1) << 20
    assert len(whole.response) == (CEILING - 2**36) << 20
    assert all(getattr(whole, name) < 1 << 63 for name in (*COUNTS, *GAUGES))


def test_a_delta_of_an_earlier_version_knows_nothing_of_the_machine() -> None:
    old = Delta.from_map({key: value for key, value in GOOD.items() if key not in LATER})
    assert (old.host_cpu, old.steal) == (0.0, 0.0)


def test_the_machine_s_shares_travel_and_the_busiest_counts() -> None:
    one, other = second(3, {1000: 5}, host_cpu=0.5, steal=0.25), second(3, {1000: 5}, host_cpu=0.75)
    one.add(Delta.from_map(other.to_map()))
    assert (one.host_cpu, one.steal) == (0.75, 0.25)
