"""How often a node bears the death of its engine process."""

from __future__ import annotations

from gluten.daemon.engines import MOST_DEATHS, WITHIN, Deaths


def test_a_few_deaths_in_a_minute_are_borne_and_no_more() -> None:
    deaths = Deaths()
    assert [deaths.bearable(float(second)) for second in range(MOST_DEATHS)] == [True] * MOST_DEATHS
    assert not deaths.bearable(WITHIN - 1)


def test_deaths_that_are_far_apart_are_borne_for_ever() -> None:
    deaths = Deaths()
    apart = WITHIN / MOST_DEATHS
    assert all(deaths.bearable(apart * number) for number in range(100))
