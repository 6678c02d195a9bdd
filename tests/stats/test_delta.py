"""Deltas hold the counts of one node in one second and add up in any order."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.stats import request_stats
from gluten.stats.delta import CEILING, COUNTS, GAUGES, HISTOGRAMS, Delta
from gluten.stats.failure import Answer, Failure, Sent, earliest
from gluten.stats.histogram import HIGHEST, Histogram
from gluten.stats.packed_counts import SMALL
from gluten.stats.packed_delta import pack, unpack
from gluten.stats.request_stats import ERROR_KINDS, MAX_NAME, MAX_NAMES, REQUEST, STATS_KEYS, Slowest, Stats
from tests.support.deltas import changed
from tests.support.reports import second

COUNT = st.integers(0, 10**9)
NAMES = st.sampled_from([REQUEST, "login", "view", "π", "x" * MAX_NAME])
CHECKS = st.sampled_from(["status == 200", "body contains 'π'", "time < 1s"])
FAILURES = st.builds(
    Failure,
    st.integers(0, 50),
    st.sampled_from(["a", "b"]),
    st.builds(Sent, st.just("GET"), st.just("/a"), st.just((("A", "b"),)), st.sampled_from(["", "body"])),
    st.none() | st.builds(Answer, st.sampled_from([200, 500]), st.just(()), st.just("answer")),
    text=st.just(""),
    trace=st.just(""),
)
TIMES = (*HISTOGRAMS, *request_stats.HISTOGRAMS)


def count(draw: st.DrawFn, stats: Stats) -> None:
    times = draw(st.dictionaries(st.integers(1, 10**7), st.integers(1, 500), max_size=8))
    stats.response.record_all(times)
    stats.service.record_all({micros // 2: many for micros, many in times.items()})
    stats.completed = sum(times.values())
    stats.status = {200: stats.completed} if stats.completed else {}
    for name in ("sent", "dropped", "read", "written"):
        setattr(stats, name, draw(COUNT))
    for kind in draw(st.lists(st.sampled_from(ERROR_KINDS), max_size=5)):
        stats.fail(kind, f"a sample of {kind}")
    if draw(st.booleans()):
        judge(draw, stats)


def judge(draw: st.DrawFn, stats: Stats) -> None:
    """What only requests with checks have, and responses that came in pieces."""
    stats.apart = -draw(st.integers(0, stats.completed))
    for text in draw(st.lists(CHECKS, max_size=3)):
        stats.checked(text, draw(COUNT), draw(COUNT))
    stats.first_byte = Histogram()
    stats.first_byte.record_all(draw(st.dictionaries(st.integers(1, 10**7), st.integers(1, 500), max_size=4)))
    kinds = draw(st.dictionaries(CHECKS, FAILURES, max_size=3))
    stats.failures = earliest({}, kinds)
    stats.slowest = draw(st.none() | st.builds(Slowest, COUNT, st.just("4bf92f35"), st.sampled_from(["a", "b"])))


@st.composite
def deltas(draw: st.DrawFn) -> Delta:
    made = Delta(draw(st.integers(0, 100)))
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        count(draw, made.of(name))
    for name in ("in_flight", "connections", "opened", "peak"):
        setattr(made, name, draw(COUNT))
    made.lateness.record_all(draw(st.dictionaries(st.integers(0, 1000), st.integers(1, 9), max_size=3)))
    made.lag.record_all(draw(st.dictionaries(st.integers(0, 1000), st.integers(1, 9), max_size=3)))
    made.cpu = draw(st.floats(0, 1))
    made.drained = draw(st.integers(0, 100).map(lambda n: n / 4))
    return made


def without_failures(plain: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key != "failures"}


def total(parts: list[Delta]) -> Delta:
    merged = Delta()
    for part in parts:
        merged.add(part)
    return merged


@given(deltas())
def test_it_crosses_the_wire_unchanged(delta: Delta) -> None:
    assert Delta.from_map(delta.to_map()).to_map() == delta.to_map()
    assert unpack(pack(delta)).to_map() == delta.to_map()


@given(st.lists(deltas(), max_size=6), st.randoms(use_true_random=False))
def test_deltas_add_up_to_the_same_in_any_order(parts: list[Delta], rng: random.Random) -> None:
    shuffled = parts[:]
    rng.shuffle(shuffled)
    assert total(shuffled).to_map() == total(parts).to_map()


@given(st.lists(deltas(), max_size=6), st.randoms(use_true_random=False))
def test_the_total_is_the_sum_over_names_in_whatever_order_they_were_merged(
    parts: list[Delta], rng: random.Random
) -> None:
    rng.shuffle(parts)
    merged, whole = Delta(), Stats()
    for part in parts:
        merged.add(part)
        assert merged.sent == merged.total.sent  # what was read before does not go stale
        for stats in part.by_name.values():
            whole.add(stats)
    assert merged.total.to_map() == whole.to_map()
    assert all(getattr(merged, name) == getattr(whole, name) for name in STATS_KEYS)
    assert merged.good == whole.good


@given(deltas(), deltas())
def test_names_are_counted_apart_or_under_one_name(first: Delta, later: Delta) -> None:
    apart = total([first, later])
    assert apart.by_name.keys() == first.by_name.keys() | later.by_name.keys()
    together = Delta()
    for part in (first, later):
        together.follow(part, REQUEST)
    assert together.by_name.keys() <= {REQUEST}
    # Failures are kept by request alone: a thousand nodes would have too many.
    assert together.total.to_map() == without_failures(apart.total.to_map())


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
    delta = Stats()
    delta.fail("reset", "first")
    delta.fail("reset", "second")
    delta.fail("dns")
    assert (delta.failed, delta.errors, delta.samples) == (3, {"reset": 2, "dns": 1}, {"reset": "first"})


def test_a_sample_is_kept_short() -> None:
    delta = Stats()
    delta.fail("read", "x" * 10_000)
    assert len(delta.samples["read"]) == 300


GOOD = second(3, {1000: 5}).to_map()


@pytest.mark.parametrize("name", sorted(GOOD.keys()))
def test_a_map_that_lacks_a_field_or_has_another_is_refused(name: str) -> None:
    for odd in ({key: value for key, value in GOOD.items() if key != name}, GOOD | {f"{name}s": GOOD[name]}):
        with pytest.raises(ValueError):
            Delta.from_map(odd)


@pytest.mark.parametrize("name", sorted(STATS_KEYS))
def test_stats_that_lack_a_field_or_have_another_are_refused(name: str) -> None:
    stats = GOOD["by_name"][REQUEST]
    for odd in ({key: value for key, value in stats.items() if key != name}, stats | {f"{name}s": stats[name]}):
        with pytest.raises(ValueError):
            Delta.from_map(GOOD | {"by_name": {REQUEST: odd}})


@pytest.mark.parametrize(
    "names",
    [
        [""],
        ["x" * (MAX_NAME + 1)],
        ["a\nb"],
        ["\x1b[31m"],
        ["\x00"],
        ["\ud800"],
        [5],
        [None],
        [f"n{at}" for at in range(MAX_NAMES + 1)],
    ],
)
def test_names_are_few_and_short_and_printable(names: list[Any]) -> None:
    stats = Stats().to_map()
    with pytest.raises(ValueError):
        Delta.from_map(GOOD | {"by_name": dict.fromkeys(names, stats)})


@pytest.mark.parametrize("by_name", [None, [], "x", [["a", Stats().to_map()]], {"a": None}, {"a": []}, {"a": 5}])
def test_an_invalid_map_of_names_is_refused(by_name: Any) -> None:
    with pytest.raises(ValueError):
        Delta.from_map(GOOD | {"by_name": by_name})


def test_as_many_names_as_a_run_may_have_are_read() -> None:
    delta = Delta(1)
    for at in range(MAX_NAMES):
        delta.of(f"{at}".rjust(MAX_NAME, "n")).sent = 1
    assert unpack(pack(delta)).sent == MAX_NAMES


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
        Delta.from_map(changed(GOOD, **{name: value}))


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
        Delta.from_map(changed(GOOD, **change))


@given(st.text(max_size=300))
def test_an_example_of_a_failure_spoils_no_terminal_and_no_database(text: str) -> None:
    read = Delta.from_map(changed(GOOD, failed=1, errors={"reset": 1}, samples={"reset": text}))
    kept = Stats()
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
    **{name: [(1 << 62) - 1, 0, 0, 5, 5, 5, CEILING - 2**36] for name in TIMES},
}


def test_the_most_that_one_node_can_count_is_accepted() -> None:
    assert Delta.from_map(changed(GOOD, **FULL)).excess == ""
    assert Delta.from_map(GOOD).excess == Delta().excess == ""


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *((name, {name: CEILING}) for name in (*GAUGES, "sent", "dropped", "read", "written")),
        ("completed", {"completed": CEILING, "status": [[200, CEILING]]}),
        ("failed", {"failed": CEILING, "errors": {"reset": CEILING}}),
        ("cpu", {"cpu": 1.1e9}),
        ("drained", {"drained": 1.1e9}),
        *(
            (name, {name: flat})
            for name in TIMES
            for flat in (
                [1 << 62, 0, 0, HIGHEST, 0],
                [0, 0, 0, 5, 5, 5, CEILING],
                [0, 0, 0, 5, 6, 5, CEILING // 2, 1, CEILING // 2],
            )
        ),
    ],
)
def test_more_than_one_node_can_have_seen_in_one_second_is_found(name: str, change: dict[str, Any]) -> None:
    assert Delta.from_map(changed(GOOD, **change)).excess == name


def test_many_names_are_together_no_more_than_one_node_can_have_seen() -> None:
    stats = changed(GOOD)["by_name"][REQUEST]
    most = {f"n{at}": stats | {"sent": CEILING // MAX_NAMES} for at in range(MAX_NAMES)}
    assert Delta.from_map(GOOD | {"by_name": most}).excess == "sent"
    wide = Delta()
    for at in range(MAX_NAMES):
        wide.of(f"n{at}").response.record_all({micros * micros: SMALL - 1 for micros in range(1, 200)})
    assert unpack(pack(wide)).excess == ""
    times = {f"n{at}": stats | {"response": [9, 0, 9, 5, 5, 5, CEILING - 1]} for at in range(5)}
    assert Delta.from_map(GOOD | {"by_name": times}).excess == "response"


def test_sums_of_a_million_full_deltas_can_be_counted_and_read_again() -> None:
    full, whole = Delta.from_map(changed(GOOD, **FULL)), Delta()
    whole.add(full)
    for _ in range(20):
        whole.add(Delta.from_map(whole.to_map()))
    assert whole.completed == (CEILING - 1) << 20
    assert len(whole.response) == (CEILING - 2**36) << 20
    assert all(getattr(whole, name) < 1 << 63 for name in (*COUNTS, *GAUGES))


def test_the_machine_s_shares_travel_and_the_busiest_counts() -> None:
    one, other = second(3, {1000: 5}, host_cpu=0.5, steal=0.25), second(3, {1000: 5}, host_cpu=0.75)
    one.add(Delta.from_map(other.to_map()))
    assert (one.host_cpu, one.steal) == (0.75, 0.25)
