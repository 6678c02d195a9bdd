"""When a slave sends a hello."""

from __future__ import annotations

import pytest

from gluten.cluster.slave.registration import CHALLENGES_APART, HELLO_FIRST, HELLO_MOST, Registration


def hellos(chance: float, heard: bool, until: float) -> list[float]:
    """The pauses between hellos that the master does not answer. `heard`: the bus could send them."""
    registration, at, pauses = Registration(0.0, lambda: chance), 0.0, []
    while at < until:
        assert registration.due(at)
        registration.tried(at)
        if heard:
            registration.sent()
        pauses.append(registration._next - at)
        assert not registration.due(at + pauses[-1] / 2)
        at = registration._next
    return pauses


def test_the_pause_doubles_up_to_its_bound() -> None:
    assert hellos(0.0, True, 17.0) == pytest.approx([HELLO_FIRST * 2**step for step in range(5)] + [HELLO_MOST] * 3)


def test_chance_takes_up_to_half_of_it() -> None:
    assert hellos(1.0, True, 0.25) == pytest.approx([HELLO_FIRST / 2, HELLO_FIRST])


def test_a_hello_that_the_bus_did_not_take_lengthens_no_pause() -> None:
    assert hellos(0.0, False, 0.5) == pytest.approx([HELLO_FIRST] * 3)


def test_one_answer_will_do_for_challenges_that_come_together() -> None:
    registration = Registration(0.0, lambda: 0.0)
    assert registration.challenged(0.0)
    registration.tried(1.0)
    assert not registration.challenged(1.0 + CHALLENGES_APART / 2)
    assert registration.challenged(1.0 + CHALLENGES_APART)


def test_a_refused_slave_answers_no_challenge_until_it_is_accepted() -> None:
    registration = Registration(0.0, lambda: 0.0)
    assert [registration.refused(at) for at in (5.0, 6.5)] == [0.0, 1.5]
    assert not registration.challenged(7.0)
    registration.accepted()
    assert registration.challenged(7.0)
    assert registration.refused(8.0) == 0.0
