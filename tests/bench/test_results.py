"""Rules for what is made of samples."""

from __future__ import annotations

from bench.cases import CASES, Case
from bench.results import Sample, judge, price, rate, ratios, summary, table

CASE = Case("plain", "a plain case", "/", 1.05, loop_bound=1.4)


def sample(number: int, micros: float, completed: int = 1000, served: int = 1000) -> Sample:
    return Sample(number, micros * completed / 1e6, 2.0, completed, 0, completed / 2, 50_000_000, served, 3.0)


def test_the_price_is_cpu_per_completed_request() -> None:
    assert round(sample(0, 7.5).price, 6) == 7.5


def test_a_client_that_completed_nothing_is_infinitely_dear() -> None:
    assert Sample(0, 1.0, 2.0, 0, 0, 0.0, 0, 0, 0.0).price == float("inf")


def test_ratios_are_paired_by_round_and_rounds_without_a_pair_are_left_out() -> None:
    ours = [sample(0, 10), sample(1, 30), sample(2, 12)]
    theirs = [sample(1, 15), sample(2, 12)]
    assert [round(value, 6) for value in ratios(ours, theirs, price)] == [2.0, 1.0]


def test_the_median_of_paired_ratios_is_what_counts() -> None:
    # A noise in round 1 doubles both: the ratios stay 1.1, 1.1, 1.2. Unpaired medians would say 11 / 10.
    ours = [sample(0, 11), sample(1, 22), sample(2, 12)]
    theirs = [sample(0, 10), sample(1, 20), sample(2, 10)]
    row = summary(ours, theirs, [])
    assert round(row["ratio"], 6) == 1.1
    assert row["loop_ratio"] is None
    assert [round(value, 6) for value in ratios(ours, theirs, rate)] == [1.0, 1.0, 1.0]


def test_both_bounds_of_a_case_are_judged() -> None:
    rows = {"GLuTEN": summary([sample(0, 10)], [sample(0, 10)], [sample(0, 5)])}
    assert [(verdict["base"], verdict["met"]) for verdict in judge(CASE, rows)] == [
        ("wrk", True),
        ("C loop", False),
    ]


def test_a_bound_without_its_base_is_not_judged() -> None:
    rows = {"GLuTEN": summary([sample(0, 10)], [sample(0, 10)], [])}
    assert [verdict["base"] for verdict in judge(CASE, rows)] == ["wrk"]


def test_a_client_that_counts_more_than_was_served_is_marked() -> None:
    rows = {"liar": summary([sample(0, 10, completed=1000, served=999)], [], [])}
    assert "reports more than the target served" in table(rows)[1]


def test_the_table_is_sorted_by_price() -> None:
    rows = {"dear": summary([sample(0, 20)], [], []), "cheap": summary([sample(0, 10)], [], [])}
    assert [line.split()[0] for line in table(rows)[1:]] == ["cheap", "dear"]


def test_every_case_of_the_bounds_table_is_there_once() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) == 13
