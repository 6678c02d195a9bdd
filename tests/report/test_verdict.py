"""Whether the figures can be trusted: one table of figures and their verdicts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.report.verdict import Figures, NodeFigures, judge

CALM = NodeFigures("alpha", cpu=0.4, lateness=100, lag=100)
SOUND = Figures((CALM,), planned=None, sent=1000, completed=1000, failed=0, in_flight=0, dropped=0)


def figures(**more: Any) -> Figures:
    return SOUND._replace(**more)


def one_node(**more: Any) -> Figures:
    return figures(nodes=(CALM._replace(**more),))


@pytest.mark.parametrize(
    ("case", "value", "reason"),
    [
        (SOUND, "valid", ""),
        (figures(completed=1, failed=999), "valid", ""),  # a failing target is a result
        (figures(completed=900, in_flight=100), "valid", ""),
        (figures(completed=0, failed=1000), "invalid", "no request was completed: all failed"),
        (figures(completed=0, failed=990, in_flight=10), "invalid", "10 of 1000 still waited for an answer at the end"),
        (figures(sent=0, completed=0), "invalid", "none was sent, since no connection was ready before the end"),
        (figures(sent=1001), "invalid", "do not add up"),
        (figures(gaps=3), "suspect", "3 node-seconds are missing"),
        (figures(planned=1000), "valid", ""),
        (figures(planned=1010, dropped=10), "valid", ""),  # 0.99 %
        (figures(planned=1020, dropped=20), "suspect", "2.0% of the planned"),
        (figures(planned=1111, dropped=111), "suspect", "10.0% of the planned"),  # 9.99 %
        (figures(planned=1250, dropped=250), "invalid", "20.0% of the planned"),
        (
            figures(planned=1250, dropped=250, connections=10, needed=40),
            "invalid",
            "sent: all 10 connections were busy, and about 40 are needed",
        ),
        (figures(planned=1250, dropped=250, connections=1, needed=2), "invalid", "connection was busy, and about 2"),
        (figures(planned=1250, dropped=250, connections=50, needed=40), "invalid", "all 50 connections were busy"),
        (figures(planned=1250, dropped=250, connections=50), "invalid", "all 50 connections were busy"),
        (figures(planned=1100), "suspect", "1000 requests were sent of 1100 planned"),
        (figures(planned=0), "valid", ""),
        (figures(planned=500, sent=0, completed=0, dropped=500), "invalid", "not one of 500 planned requests was sent"),
        # With scenarios sessions are planned, and how many requests they send is not.
        (figures(what="session", planned=100, begun=100), "valid", ""),
        (
            figures(what="session", planned=100, begun=95, dropped=5, connections=60, needed=70),
            "suspect",
            "5.0% of the planned sessions could not begin: all 60 connections were busy, and about 70 are needed",
        ),
        (
            figures(what="session", planned=9, begun=0, sent=0, completed=0, dropped=9),
            "invalid",
            "not one of 9 planned sessions was begun",
        ),
        (figures(what="session", planned=110, begun=100), "suspect", "100 sessions were begun of 110 planned"),
        # What a redirect asked for was sent and not planned.
        (figures(planned=900, begun=900), "valid", ""),
        (figures(reach=0.5), "valid", ""),
        (figures(reach=0.049), "invalid", "the load ended after 4.9% of what was asked for"),
        (one_node(cpu=0.9), "valid", ""),
        (one_node(cpu=0.95), "suspect", "at 95% of a core"),
        (one_node(lateness=10_000), "valid", ""),
        (one_node(lateness=25_000), "suspect", "sent more than 25.00ms late"),
        (one_node(lag=25_000), "suspect", "it lacks CPU"),
        (one_node(lag=25_000), "suspect", "lagged by up to 25.00ms (lag p99)"),
        (one_node(lateness=25_000, late=9), "valid", ""),  # the p99 of ten requests is the latest of them
        (one_node(lateness=25_000, late=10), "suspect", "late (lateness p99)"),
        (one_node(lag=25_000, lagged=9), "valid", ""),
        (one_node(lateness=25_000, late=9, lag=60_000, lagged=10), "suspect", "lagged by up to 60.00ms (lag p99)"),
        (one_node(lag=25_000, host_cpu=0.58, steal=0.4), "suspect", "the host's CPU was 58% busy, 40% stolen"),
        (
            figures(sent=0, completed=0, unsent="the run was stopped before it began"),
            "invalid",
            "none was sent, since the run was stopped before it began",
        ),
        (figures(planned=1000, plan=3.0, took=3.03), "valid", ""),  # 1 %
        (figures(planned=1000, plan=3.0, took=3.1), "suspect", "took 3.10 s instead of the planned 3.00 s"),
        (figures(planned=1000, plan=3.0, took=3.4), "invalid", "294.12 requests/s were sent, not 333.33"),
        (figures(planned=1000, plan=0.01, took=0.05), "valid", ""),  # ends are known to some 10 ms
        (one_node(lost=True), "suspect", "lost during the run"),
    ],
)
def test_figures_and_their_verdict(case: Figures, value: str, reason: str) -> None:
    verdict = judge(case)
    assert verdict.value == value
    assert bool(verdict.reasons) == bool(reason)
    assert any(reason in text for text in verdict.reasons) or not reason


def test_the_worst_finding_decides_and_every_reason_is_given() -> None:
    verdict = judge(one_node(cpu=1.0, lost=True)._replace(completed=0, failed=1000))
    assert verdict.value == "invalid"
    assert len(verdict.reasons) == 3


def test_a_reason_names_its_node_where_there_are_several() -> None:
    slow = NodeFigures("beta", cpu=1.0, lateness=0, lag=0)
    assert judge(figures(nodes=(CALM, slow))).reasons[0].startswith("node beta: ")
    assert not judge(figures(nodes=(slow,))).reasons[0].startswith("node")


@given(
    st.integers(0, 100),
    st.integers(0, 100),
    st.integers(0, 100),
    st.integers(0, 100),
    st.floats(0, 2),
    st.integers(0, 10**8),
    st.none() | st.integers(0, 500),
)
def test_there_is_a_reason_exactly_when_it_is_not_valid(
    completed: int, failed: int, in_flight: int, dropped: int, cpu: float, lateness: int, planned: int | None
) -> None:
    verdict = judge(
        Figures(
            (NodeFigures("a", cpu, lateness, 0),),
            planned,
            completed + failed + in_flight,
            completed,
            failed,
            in_flight,
            dropped,
        )
    )
    assert verdict.value in ("valid", "suspect", "invalid")
    assert bool(verdict.reasons) == (verdict.value != "valid")


@pytest.mark.parametrize(
    ("sent", "value", "reason"),
    [
        (500, "suspect", "50.0% of the planned requests could not be sent: nodes were lost"),
        (499, "invalid", "50.1% of the planned requests could not be sent: nodes were lost"),
        (30, "invalid", "97.0% of the planned requests could not be sent: nodes were lost"),
    ],
)
def test_the_unsent_requests_of_a_lost_node_are_attributed_to_its_loss_and_above_half_the_run_is_invalid(
    sent: int, value: str, reason: str
) -> None:
    lost = NodeFigures("b", cpu=0.1, lateness=100, lag=100, lost=True)
    verdict = judge(Figures((lost,), 1000, sent, sent, failed=0, in_flight=0, dropped=1000 - sent))
    assert verdict.value == value
    assert reason in verdict.reasons


def test_a_run_that_was_stopped_before_it_began_has_one_reason() -> None:
    verdict = judge(
        figures(planned=500, sent=0, completed=0, dropped=500, unsent="the run was stopped before it began")
    )
    assert verdict.reasons == ("no request was completed: none was sent, since the run was stopped before it began",)


def test_an_overrun_after_a_loss_is_put_down_to_it() -> None:
    lost = NodeFigures("b", cpu=0.1, lateness=100, lag=100, lost=True)
    verdict = judge(figures(nodes=(lost,), planned=1000, plan=3.0, took=4.0))
    assert verdict.value == "suspect"  # 25 %: with a node lost, half is the limit
    assert verdict.reasons[0].endswith("not 333.33: nodes were lost")
