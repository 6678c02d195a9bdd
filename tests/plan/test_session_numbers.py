"""Numbers of sessions in mid-run: whoever takes over begins above every number that was used before."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.plan.schedule import Schedule
from gluten.plan.session_numbers import first_number, most_slots
from gluten.task.task import Task

URL = "http://127.0.0.1:8080/"
RATES = st.sampled_from([0.5, 1.0, 7.0, 50.0, 400.0])
STAGES = st.lists(st.sampled_from([0.0, 3.0, 80.0]), min_size=2, max_size=4).filter(any)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    arrivals = draw(st.sampled_from(["even", "poisson"]))
    if draw(st.booleans()):
        return Schedule.of(Task(URL, rate=draw(RATES), duration=100.0, arrivals=arrivals))
    rates = draw(STAGES)
    points = tuple((10.0 * at, rate) for at, rate in enumerate(rates))
    return Schedule.of(Task(URL, stages=points, duration=100.0, arrivals=arrivals))


ADJUSTMENTS = st.lists(st.tuples(st.integers(1, 60).map(float), RATES), max_size=4).map(sorted)


@settings(deadline=None)
@given(schedules(), ADJUSTMENTS, st.data())
def test_no_number_is_used_twice_whoever_takes_over_from_whom(
    schedule: Schedule, adjustments: list[tuple[float, float]], data: st.DataObject
) -> None:
    """A thread passes from node to node. Each knows of all adjustments when it begins, and may miss all later ones; it
    uses as many numbers as its version releases until the next one begins."""
    threads, thread = 3, data.draw(st.integers(0, 2))
    begins = sorted(data.draw(st.lists(st.floats(0, 90), min_size=1, max_size=4)))
    used: list[range] = []
    for before, (begin, end) in enumerate(zip(begins, [*begins[1:], 95.0], strict=True)):
        heard = [each for each in adjustments if each[0] <= begin]
        first = first_number(schedule, heard, thread, threads, begin, before)
        version = schedule
        for second, rate in adjustments[: data.draw(st.integers(len(heard), len(adjustments)))]:
            version = version.adjusted(second, rate)
        count = version.planned_of(thread, threads, end) - version.planned_of(thread, threads, begin)
        used.append(range(first, first + threads * count, threads))
    for one, other in pairwise(used):
        assert not one or not other or one[-1] < other[0]
        assert all(number % threads == thread for number in (*one[:1], *other[:1]))


def test_without_an_adjustment_it_goes_on_with_the_slot_that_is_due() -> None:
    schedule = Schedule.of(Task(URL, rate=10.0, duration=60.0))
    assert [first_number(schedule, (), thread, 4, 5.0, 0) for thread in range(4)] == [52, 53, 50, 51]
    assert first_number(schedule, (), 2, 4, 0.0, 0) == 2


def test_after_a_lower_rate_it_begins_above_what_the_old_rate_would_have_released() -> None:
    schedule = Schedule.of(Task(URL, rate=100.0, duration=60.0))
    assert most_slots(schedule, [(10.0, 1.0)], 20.0) == 2000.0
    assert first_number(schedule, [(10.0, 1.0)], 0, 2, 20.0, 0) >= 2000
