"""Packed seconds have the same content as others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gluten.stats.delta import Delta
from gluten.stats.seconds import Seconds


def delta(second: int, micros: int) -> Delta:
    made = Delta(second)
    made.of().sent = made.of().completed = 1
    made.of().status = {200: 1}
    made.of().response.record(micros)
    made.of().service.record(micros)
    return made


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10**9)), max_size=60), st.integers(1, 5))
def test_packing_changes_nothing(words: list[tuple[int, int]], kept_open: int) -> None:
    seconds, plain = Seconds(kept_open), dict[int, Delta]()
    for second, micros in words:
        seconds.add(delta(second, micros))
        plain.setdefault(second, Delta(second)).follow(delta(second, micros))
    assert list(seconds) == sorted(plain)
    assert {second: seconds[second].to_map() for second in seconds} == {s: d.to_map() for s, d in plain.items()}


def test_a_second_that_was_never_reported_is_absent() -> None:
    seconds = Seconds()
    seconds.add(delta(3, 10))
    assert 3 in seconds
    assert 2 not in seconds


def test_a_packed_second_is_there_too() -> None:
    seconds = Seconds(kept_open=1)
    for second in range(3):
        seconds.add(delta(second, 10))
    assert [second in seconds for second in range(4)] == [True, True, True, False]


def test_an_hour_of_seconds_takes_little_room() -> None:
    seconds = Seconds()
    for second in range(3600):
        seconds.add(delta(second, 1000))
    assert sum(map(len, seconds._packed.values())) < 3600 * 600
