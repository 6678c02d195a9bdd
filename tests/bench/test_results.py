"""What follows from the samples of a benchmark."""

from __future__ import annotations

from dataclasses import replace

from bench.cases import CASES, Case
from bench.results import Sample, at_least, at_most, judge, price, rate, ratios, summary, table, verdict_line

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


def test_a_case_has_a_bound_for_each_rival() -> None:
    case = Case("session", "", "/", rivals=("artillery", "locust", "k6"))
    prices = {"GLuTEN": 10, "artillery": 101, "locust": 99}
    rows = {name: summary([sample(0, price)], [], []) for name, price in prices.items()}
    assert [(one["base"], one["at_most"], one["met"]) for one in judge(case, rows)] == [
        ("artillery", 0.1, True),
        ("locust", 0.1, False),
    ]


def test_a_bound_without_its_base_is_not_judged() -> None:
    rows = {"GLuTEN": summary([sample(0, 10)], [sample(0, 10)], [])}
    assert [verdict["base"] for verdict in judge(CASE, rows)] == ["wrk"]


def test_a_client_that_counts_more_than_was_served_is_marked() -> None:
    rows = {"liar": summary([sample(0, 10, completed=1000, served=999)], [], [])}
    assert "reports more than the target served" in table(rows, "wrk")[1]


def test_a_target_that_does_not_count_marks_nobody() -> None:
    uncounted = replace(sample(0, 10), served=None)
    assert not summary([uncounted], [], [])["miscounted"]


def test_a_machine_that_is_not_quiet_is_told() -> None:
    rows = {"wrk": summary([sample(0, 10), replace(sample(1, 10), others=0.4)], [], [])}
    assert "others used 40% of a core" in table(rows, "wrk")[1]
    assert "others" not in table({"wrk": summary([sample(0, 10)], [], [])}, "wrk")[1]


def test_lateness_has_a_bound_of_its_own() -> None:
    # Rounds of 250, 290 and 900 us: the median is 290, so one disturbed round does not decide.
    late = [replace(sample(number, 10), lateness=value) for number, value in enumerate((900.0, 250.0, 290.0))]
    rows = {"GLuTEN": summary(late, [], [])}
    for most, met in ((300.0, True), (280.0, False)):
        verdicts = judge(Case("rate", "", bound=2.0, lateness=most), rows)
        assert [(verdict["value"], verdict["met"]) for verdict in verdicts] == [(290.0, met)]


def test_a_case_at_a_constant_rate_is_judged_by_wrk2() -> None:
    rows = {"GLuTEN": summary([sample(0, 10)], [sample(0, 10)], [])}
    assert [verdict["base"] for verdict in judge(Case("rate", "", bound=2.0, base="wrk2"), rows)] == ["wrk2"]


def test_a_verdict_is_told_with_its_bound() -> None:
    assert verdict_line(at_most("x wrk", 1.061, 1.05)) == "GLuTEN 1.06 x wrk, at most 1.05: MISSED"
    assert verdict_line(at_most("us late at p99", 212.4, 300)) == "GLuTEN 212 us late at p99, at most 300: met"
    assert verdict_line(at_least("x wrk2's highest rate", 1.0, 1)) == (
        "GLuTEN 1.00 x wrk2's highest rate, at least 1: met"
    )


def test_the_table_is_sorted_by_price() -> None:
    rows = {"dear": summary([sample(0, 20)], [], []), "cheap": summary([sample(0, 10)], [], [])}
    assert [line.split()[0] for line in table(rows, "wrk")[1:]] == ["cheap", "dear"]


def test_every_case_of_the_bounds_table_is_there_once() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) == 32
