"""Deltas merge once each, in any order, to the same sums."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.cluster.run.ledger import OPEN_SECONDS, Ledger, Numbers
from gluten.report.by_request import points_of
from gluten.stats.delta import Delta
from gluten.stats.histogram import Histogram
from gluten.stats.session_stats import SessionStats


def delta(second: int, completed: int, in_flight: int) -> Delta:
    made = Delta(second)
    made.of().sent, made.of().completed, made.in_flight = completed, completed, in_flight
    made.of().status = {200: completed} if completed else {}
    if completed:
        made.of().response.record(1000 + second, completed)
    return made


@given(st.lists(st.integers(1, 30)), st.integers(1, 30))
def test_numbers_know_what_they_saw(given_numbers: list[int], last: int) -> None:
    numbers, seen = Numbers(), set()
    for number in given_numbers:
        assert numbers.add(number) == (number not in seen)
        seen.add(number)
    assert numbers.missing(last) == len(set(range(1, last + 1)) - seen)
    assert all((number in numbers) == (number in seen) for number in range(1, 31))


@settings(max_examples=12)
@given(st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(luck: random.Random) -> None:
    said = [(name, 1, n, delta(n - 1, 10 * n, n)) for name in ("a", "b") for n in range(1, 41)]
    straight, mixed = Ledger(), Ledger()
    for name, epoch, number, seen in said:
        straight.add(name, epoch, number, seen, 1)
    muddled = said + said[::3]
    luck.shuffle(muddled)
    for name, epoch, number, seen in muddled:
        mixed.add(name, epoch, number, seen, 1)
    assert mixed.total.to_map() == straight.total.to_map()
    assert straight.total.in_flight == 40 + 40
    for second in range(40):
        assert mixed.seconds[second].delta.to_map() == straight.seconds[second].delta.to_map()
        assert straight.seconds[second].delta.in_flight == 2 * (second + 1)


def test_only_the_newest_seconds_keep_their_histograms_at_hand() -> None:
    ledger = Ledger()
    for number in range(1, 201):
        ledger.add("a", 1, number, delta(number - 1, 5, 0), 1)
    assert sum(not second.packed for second in ledger.seconds.values()) <= OPEN_SECONDS
    assert ledger.add("b", 1, 1, delta(0, 7, 0), 2)
    assert ledger.seconds[0].delta.completed == 12


def test_a_second_of_two_deltas_has_the_later_ones_gauges() -> None:
    ledger = Ledger()
    ledger.add("a", 1, 2, delta(0, 1, 4), 1)
    ledger.add("a", 1, 1, delta(0, 1, 9), 1)
    ledger.add("a", 2, 1, delta(0, 1, 3), 1)
    assert (ledger.seconds[0].delta.completed, ledger.seconds[0].delta.in_flight) == (3, 4 + 3)
    assert ledger.total.in_flight == 4 + 3


def test_percentiles_by_name_are_computed_once_until_their_request_has_new_counts() -> None:
    ledger = Ledger()

    def take(number: int, request: str, micros: int) -> None:
        new = Delta(number)
        new.of(request).response.record(micros, 10)
        ledger.add("a", 1, number, new, number)

    take(1, "home", 1000)
    take(2, "order", 2000)
    home, order = (ledger.points[name] for name in ("home", "order"))
    assert (home, order) == tuple(points_of(ledger.total.by_name[name]) for name in ("home", "order"))
    take(3, "order", 9000)
    assert ledger.points["home"] is home
    assert ledger.points["order"] == points_of(ledger.total.by_name["order"]) > order


def of_sessions(second: int, micros: int) -> Delta:
    made = Delta(second)
    made.by_scenario["buy"] = stats = SessionStats()
    stats.begun = stats.finished = 1
    stats.time.record(micros)
    made.groups["checkout"] = Histogram()
    made.groups["checkout"].record(micros // 2)
    return made


def test_percentiles_of_sessions_are_computed_once_until_more_is_counted() -> None:
    ledger = Ledger()
    ledger.add("a", 1, 1, of_sessions(0, 1000), 1)
    known = ledger.session_points
    assert (known.whole, known.scenarios["buy"], known.groups["checkout"]) == ((1000,) * 3, (1000,) * 3, (500,) * 3)
    assert ledger.session_points is known
    ledger.add("a", 1, 1, of_sessions(0, 1000), 1)  # it was counted before
    assert ledger.session_points is known
    ledger.add("a", 1, 2, of_sessions(1, 9000), 2)
    assert ledger.session_points.whole[-1] > 1000


def test_a_number_of_sessions_is_counted_by_those_that_began() -> None:
    ledger = Ledger()
    delta = of_sessions(0, 1000)
    delta.of("login").sent = 7
    ledger.add("a", 1, 1, delta, 1)
    ledger.add("a", 2, 1, of_sessions(1, 1000), 1)
    assert (ledger.begun("a", 1), ledger.begun("a", 2), ledger.begun("b", 1)) == (1, 1, 0)
