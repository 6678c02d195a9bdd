"""A search finds the capacity of targets whose capacity a formula knows, and says the right words of the others."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache

import pytest

from gluten.capacity.decision import Generator, SearchPlan
from gluten.capacity.searcher import Searcher
from gluten.document_parts import CapacityDocument
from gluten.slo.grammar import parse_all
from gluten.stats.delta import Delta
from tests.capacity.simulated import Queue, search, truth
from tests.capacity.targets import Breaking, Degrading, Limiter, Recovering, Sharp, SlowPath

SERVERS, MEAN = 4, 0.008
QUICK = ("p99 < 100ms",)
Generators = Callable[[int, float, Delta], Sequence[Generator]]


def found(target: Queue | Limiter, slos: Sequence[str] = QUICK, seed: int = 1, **asked: float) -> CapacityDocument:
    return search(SearchPlan(parse_all(slos), **asked), target, seed)[0].document()  # type: ignore[arg-type]


@cache
def of_a_queue(seed: int) -> tuple[Searcher, int]:
    """A search takes seconds of CPU. Nobody changes it after its end."""
    return search(SearchPlan(parse_all(QUICK)), Queue(SERVERS, MEAN, seed), seed)


@pytest.mark.parametrize("seed", [3, 5, 11])
def test_the_capacity_of_a_queue_lies_in_the_interval(seed: int) -> None:
    known = truth(SERVERS, MEAN, 0.1, 0.01)
    searcher, seconds = of_a_queue(seed)
    document = searcher.document()
    assert document["holds"] is not None
    assert document["misses"] is not None
    assert 0.85 * known <= document["holds"] <= 1.03 * known
    assert document["misses"] >= 0.97 * known
    assert document["limit"] == "target"
    assert document["slo"] == "p99 < 100ms"
    assert seconds < 600


@pytest.mark.parametrize("limit", ["30ms", "50ms", "100ms"])
def test_a_target_that_gives_no_sign_before_its_capacity_is_bisected(limit: str) -> None:
    plan = SearchPlan(parse_all([f"p99 < {limit}"]), start=60.0, seconds=90.0, hold=4.0, precision=0.04)
    document = search(plan, Sharp(2, 0.01, 1), timeout=2.0, poisson=False)[0].document()
    assert document["holds"] is not None
    assert document["misses"] is not None
    assert document["holds"] <= 1.03 * 200
    assert document["misses"] >= 0.97 * 200
    assert document["misses"] <= 1.12 * document["holds"]


def test_a_share_that_rises_at_once_does_not_mislead() -> None:
    plan = SearchPlan(parse_all(["p99 < 30ms"]), start=60.0)
    document = search(plan, Sharp(2, 0.01, 1), timeout=2.0, poisson=False)[0].document()
    assert document["holds"] is not None
    assert document["misses"] is not None
    assert document["holds"] <= 1.03 * 200
    assert document["misses"] >= 0.97 * 200
    assert document["misses"] <= 1.06 * document["holds"]


def test_the_answer_is_held_last_for_a_whole_hold() -> None:
    searcher, _ = of_a_queue(3)
    document = searcher.document()
    assert searcher.last_hold is not None
    first, until = searcher.last_hold
    last = document["trials"][-1]
    assert (last["rate"], last["from"], last["to"], last["state"]) == (document["holds"], first, until, "holds")
    assert until - first >= 30


def test_a_queue_with_rare_clusters_is_not_told_to_be_known_with_95_percent() -> None:
    """Its truth lies in four of five intervals: slow answers come in one cluster in 80 s."""
    told = [of_a_queue(seed)[0].document() for seed in (3, 5, 11)]
    sure = [one["confidence"] for one in told]
    assert sum(sure) / len(sure) < 0.9
    assert all(0.3 < one <= 0.95 for one in sure)
    assert all(f"/s ({one['confidence']:.0%}".replace("%", " %)") in one["text"] for one in told)


def test_an_interval_that_is_wider_than_asked_for_says_so() -> None:
    document = found(Queue(SERVERS, MEAN, 1), seconds=90.0)
    assert document["holds"]
    assert document["misses"]
    assert document["misses"] / document["holds"] > 1.02
    assert "wide, not 2%: the time did not decide more" in document["text"]


def test_what_was_asked_for_may_be_the_limit() -> None:
    document = found(Queue(SERVERS, MEAN, 1), to=200.0)
    assert (document["holds"], document["misses"], document["limit"]) == (200.0, None, "asked")


def test_a_slow_path_is_not_the_load_s_fault() -> None:
    target = SlowPath(SERVERS, MEAN, 1)
    target.share = 0.03
    document = found(target)
    assert document["holds"] is None
    assert "the cause is not the load" in document["text"]


@pytest.mark.parametrize("seconds", [20.0, 30.0, 60.0, 90.0])
def test_a_window_that_is_too_short_blames_nothing(seconds: float) -> None:
    """Where no lower rate was held yet, a few good answers do not say that lower is no better."""
    for seed in range(4):
        assert "not the load" not in found(Queue(2, 0.01, seed), seconds=seconds)["text"]


def test_a_slow_path_that_an_slo_allows_is_no_limit() -> None:
    document = found(SlowPath(SERVERS, MEAN, 1), ["p95 < 100ms"])
    assert document["holds"]
    assert document["holds"] > 400


def test_a_rate_limiter_is_named_by_its_status() -> None:
    document = found(Limiter(300, 1), [*QUICK, "errors < 1%"])
    assert document["holds"] is not None
    assert document["misses"] is not None
    assert document["holds"] <= 1.03 * 300
    assert document["misses"] >= 0.97 * 300
    assert document["slo"] == "errors < 1%"


def test_the_status_of_what_is_not_good_is_told() -> None:
    document = found(Limiter(300, 1), [*QUICK, "errors < 1%"], start=200.0, seconds=45.0, hold=8.0)
    assert "most of them status 429" in document["text"]


def test_answers_that_are_not_good_and_that_no_slo_counts_are_told() -> None:
    document = found(Limiter(300, 1), to=1000.0)
    assert document["holds"] == 1000.0
    assert "no SLO counts them" in document["text"]


def test_a_target_that_degrades_has_a_capacity_that_moved() -> None:
    document = found(Degrading(SERVERS, MEAN, 1))
    assert document["moved"] is True
    assert "the capacity moved during the search" in document["text"]


def test_a_target_that_breaks_does_not_recover() -> None:
    document = found(Breaking(SERVERS, MEAN, 1))
    assert (document["holds"], document["misses"], document["recovers"]) == (320.0, 640.0, False)
    assert "did not recover within" in document["text"]


def test_a_slow_recovery_is_told_and_the_search_goes_on() -> None:
    known = truth(SERVERS, MEAN, 0.1, 0.01)
    document = found(Recovering(SERVERS, MEAN, 3))
    assert document["recovers"] is True
    assert document["recovery"] >= 20
    assert "s to recover" in document["text"]
    assert document["holds"]
    assert document["holds"] <= 1.03 * known


def weak(most: float) -> Generators:
    """Above `most` requests a second the first of two nodes falls behind."""

    def use(second: int, rate: float, delta: Delta) -> list[Generator]:
        late = 20_000 if rate > most else 100
        return [Generator("weak", min(1.0, 0.8 * rate / most), late, late), Generator("strong", 0.1, 100, 100)]

    return use


def test_a_weak_generator_is_the_limit_and_nothing_is_missed() -> None:
    plan = SearchPlan(parse_all(QUICK))
    document = search(plan, Queue(SERVERS, MEAN, 1), 1, weak(100))[0].document()
    assert document["holds"] is not None
    assert document["holds"] <= 100
    assert (document["misses"], document["limit"], document["node"]) == (None, "generator", "weak")
    assert "at least, since the generator weak was the limit" in document["text"]


def test_with_a_very_weak_generator_nothing_is_known() -> None:
    plan = SearchPlan(parse_all(QUICK), seconds=120.0)
    document = search(plan, Queue(SERVERS, MEAN, 1), 1, weak(0.05))[0].document()
    assert (document["holds"], document["misses"], document["limit"]) == (None, None, "generator")


def test_a_node_that_was_lost_spoils_the_trial_of_that_second_only() -> None:
    searcher = Searcher(SearchPlan(parse_all(QUICK)))
    for second in range(6):
        searcher.look(second, delta_of(second, 10), ())
        searcher.decide(second)
    assert searcher.document()["trials"]
    searcher.lost(5, "b")
    assert not searcher.document()["trials"]


def delta_of(second: int, answered: int) -> Delta:
    delta = Delta(second)
    stats = delta.of()
    stats.sent = stats.completed = stats.status[200] = answered
    stats.response.record(1000, answered)
    stats.service.record(1000, answered)
    return delta


def test_a_search_that_is_replayed_comes_to_the_same_answer() -> None:
    """As after a restart of the master: all adjustments are known before the seconds are looked at again."""
    plan, seconds = SearchPlan(parse_all(QUICK), seconds=150.0), {}

    def keep(second: int, rate: float, delta: Delta) -> list[Generator]:
        seconds[second] = delta
        return []

    first, last = search(plan, Queue(SERVERS, MEAN, 1), 1, keep)
    again = Searcher(plan)
    trials = first.document()["trials"]
    for before, after in itertools.pairwise(trials):
        assert before["to"] <= after["from"]
    for at, rate in first.changes:
        again.adjusted(at, rate)
    for second in range(last + 1):
        again.look(second, seconds[second], ())
        again.decide(second)
    assert again.document() == first.document()


def test_a_search_under_way_says_that_nothing_holds_yet() -> None:
    searcher = Searcher(SearchPlan(parse_all(QUICK)))
    assert searcher.document()["text"] == "nothing holds yet; the search goes on"
    searcher.ended("it was stopped")
    found = searcher.document()
    assert (found["limit"], found["text"]) == ("asked", "nothing holds for sure; it was stopped")


def test_where_the_generators_are_the_limit_at_once_no_rate_could_be_judged() -> None:
    plan = SearchPlan(parse_all(QUICK), seconds=120.0)
    document = search(plan, Queue(SERVERS, MEAN, 1), 1, weak(0.05))[0].document()
    assert document["text"].startswith("no rate could be judged; the generator weak was the limit (CPU 100%)")
