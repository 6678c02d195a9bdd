"""Rules for the search of the highest rate."""

from __future__ import annotations

import pytest

from bench.cases import Case
from bench.highest import STEP, Found, is_held, judge, lead, measure, search
from bench.peers import PEERS, Measurement, Peer
from bench.results import Sample
from bench.rounds import Bench

CASE = Case("highest", "", base="wrk2", highest=True)


def sample(completed: int, failed: int = 0, lateness: float | None = None) -> Sample:
    return Sample(0, 1.0, 3.0, completed, failed, completed / 3, 0, completed, 0.0, lateness)


def rates(by_round: dict[int, float]) -> dict[int, Found]:
    return {number: Found(rate, 0.9) for number, rate in by_round.items()}


@pytest.mark.parametrize("limit", [20_500.0, 90_000.0, 187_000.0, 399_000.0])
def test_the_search_ends_just_below_the_limit(limit: float) -> None:
    found = search(lambda rate: rate <= limit, 20_000.0, 400_000.0)
    assert limit / STEP <= found <= limit


def test_the_search_never_asks_for_more_than_it_must() -> None:
    asked: list[float] = []

    def holds(rate: float) -> bool:
        asked.append(rate)
        return False

    search(holds, 20_000.0, 400_000.0)
    assert len(asked) == 8  # 2 ** 8 steps of 1.02 are more than 400,000 / 20,000


@pytest.mark.parametrize(
    ("found", "held"),
    [
        (sample(300_000), True),
        (sample(297_000), True),
        (sample(296_999), False),  # less than 99 % of 100,000/s in 3 s
        (sample(300_000, failed=1), False),
        (sample(300_000, lateness=999.0), True),
        (sample(300_000, lateness=1000.0), False),
    ],
)
def test_a_rate_is_held_if_all_is_sent_in_time_and_answered(found: Sample, held: bool) -> None:
    assert is_held(found, 100_000.0, 3.0) is held


def test_what_wrk2_does_not_send_while_it_opens_its_connections_is_not_held_against_it() -> None:
    assert lead("wrk2", CASE) == pytest.approx(0.16)  # 64 connections, 5 ms apart: half of 0.32 s
    assert lead("GLuTEN", CASE) == 0.0


class Limited(Bench):
    """Clients that complete what is asked of them, up to a limit."""

    def __init__(self, limits: dict[str, float]) -> None:
        self.case, self.rounds, self.unable, self.limits = CASE, 2, {}, limits
        self.able = [peer for peer in PEERS if peer.name in limits]

    def measurement(self, rate: float | None, seconds: float | None = None) -> Measurement:
        return Measurement(CASE, "", 3.0, rate)

    def sample(self, peer: Peer, measurement: Measurement, number: int) -> Sample:
        return sample(int(3 * min(measurement.rate or 0, self.limits[peer.name])))


def test_every_client_is_searched_in_every_round() -> None:
    entry = measure(Limited({"GLuTEN": 190_000.0, "wrk2": 180_000.0}))
    assert [len(entry["highest"][name]) for name in ("GLuTEN", "wrk2")] == [2, 2]
    assert entry["bounds"][0]["met"]


def test_a_client_that_holds_no_rate_at_all_is_named() -> None:
    entry = measure(Limited({"GLuTEN": 100.0, "wrk2": 180_000.0}))
    assert entry["troubles"] == {"GLuTEN": "it does not even hold 20,400/s"}
    assert entry["bounds"] == []


def test_rates_of_one_round_are_compared() -> None:
    # Round 1 has no rate of wrk2. The ratios are 0.9 and 1.1, so the median is 1.0.
    found = {"GLuTEN": rates({0: 90.0, 1: 500.0, 2: 110.0}), "wrk2": rates({0: 100.0, 2: 100.0})}
    assert [(verdict["value"], verdict["met"]) for verdict in judge(CASE, found)] == [(1.0, True)]


def test_a_rate_below_that_of_wrk2_is_a_missed_bound() -> None:
    assert not judge(CASE, {"GLuTEN": rates({0: 99.0}), "wrk2": rates({0: 100.0})})[0]["met"]


def test_without_wrk2_there_is_no_verdict() -> None:
    assert judge(CASE, {"GLuTEN": rates({0: 99.0})}) == []
