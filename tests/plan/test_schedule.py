"""The due times of the schedule, computed here a second time in a slower way."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gluten.plan.schedule import Schedule
from gluten.task.task import Stage, Task

URL = "http://127.0.0.1/"
MOMENTS = st.integers(0, 150 * 10**9).map(lambda nanoseconds: nanoseconds / 1e9)  # as fine as the clock
RATES = st.one_of(st.just(0.0), st.floats(0.1, 5000.0), st.integers(1, 5000).map(float))


def task(**more: object) -> Task:
    return Task(URL, threads=1, connections=1, **({"duration": 10.0} | more))  # type: ignore[arg-type]


@st.composite
def points(draw: st.DrawFn) -> tuple[Stage, ...]:
    """Stages that rise, fall, or stay at zero, with at least one point above zero."""
    gaps = draw(st.lists(st.floats(0.05, 60.0) | st.integers(1, 60).map(float), min_size=1, max_size=6))
    times = [draw(st.sampled_from([0.0, 1.0, 7.5]))]
    for gap in gaps:
        times.append(times[-1] + gap)
    rates = draw(st.lists(RATES, min_size=len(times), max_size=len(times)))
    assume(max(rates) > 0)
    return tuple(zip(times, rates, strict=True))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    duration = draw(st.floats(0.1, 120.0))
    if draw(st.booleans()):
        return Schedule.of(task(rate=draw(st.floats(0.1, 5000.0)), duration=duration))
    return Schedule.of(task(stages=draw(points()), duration=duration))


def integral(stages: tuple[Stage, ...], until: float) -> float:
    """The area under the stages up to `until`, by trapezoids. It is constant before the first point and after the
    last."""
    corners = [(0.0, stages[0][1]), *stages, (max(until, stages[-1][0]) + 1, stages[-1][1])]
    area = 0.0
    for (a, rate), (b, then) in pairwise(corners):
        stop = min(b, until)
        if stop <= a:
            continue
        at_stop = rate + (then - rate) * (stop - a) / (b - a)
        area += (stop - a) * (rate + at_stop) / 2
    return area


@pytest.mark.parametrize(
    ("rate", "duration", "planned"),
    [
        (100.0, 10.0, 1000),  # slots 0 … 999 at 0, 0.01 … 9.99
        (1.0, 0.5, 1),  # slot 0 at 0
        (3.0, 1.0, 3),  # 0, 1/3, 2/3
        (0.1, 10.0, 1),  # slot 1 would be due at 10: the end
        (0.1, 10.1, 2),
        (7.0, 3.0, 21),
        (2000.0, 20.0, 40_000),
        (333.3, 3.0, 1000),  # 999.9 slots: slot 999 is due at 2.9973
        (1e6, 60.0, 60_000_000),
    ],
)
def test_a_constant_rate_plans_rate_times_duration(rate: float, duration: float, planned: int) -> None:
    assert Schedule.of(task(rate=rate, duration=duration)).planned() == planned


@pytest.mark.parametrize(
    ("stages", "until", "planned"),
    [
        (((0.0, 0.0), (10.0, 100.0)), 10.0, 500),  # a triangle: 10 * 100 / 2
        (((0.0, 100.0), (10.0, 0.0)), 10.0, 500),
        (((0.0, 0.0), (30.0, 1000.0), (120.0, 1000.0)), 120.0, 105_000),  # 15 000 + 90 * 1000
        (((0.0, 10.0), (10.0, 20.0)), 12.0, 190),  # 150, then 2 s at 20
        (((5.0, 10.0), (10.0, 10.0)), 10.0, 100),  # constant before the first point, too
        (((0.0, 0.0), (10.0, 0.0), (20.0, 10.0)), 10.0, 0),
        (((0.0, 0.0), (10.0, 0.0), (20.0, 10.0)), 20.0, 50),
    ],
)
def test_stages_are_integrated_exactly(stages: tuple[Stage, ...], until: float, planned: int) -> None:
    assert Schedule.of(task(stages=stages, duration=200.0)).planned(until) == planned


@given(points(), st.floats(0.0, 400.0))
def test_the_plan_is_the_integral_of_the_stages(stages: tuple[Stage, ...], until: float) -> None:
    schedule = Schedule.of(task(stages=stages, duration=1000.0))
    area = integral(stages, until)
    assert schedule.planned(until) == pytest.approx(area, rel=1e-9, abs=1.001)
    assert schedule.planned(until) >= area - 1e-3


@given(schedules(), st.data())
def test_due_is_the_inverse_of_the_count(schedule: Schedule, data: st.DataObject) -> None:
    planned = schedule.planned()
    assume(planned)
    slot = data.draw(st.integers(0, planned - 1))
    due = schedule.due(slot)
    assume(not math.isinf(due))  # a slot due a rounding before the end may fall on it
    assert integral_of(schedule, due) == pytest.approx(slot, rel=1e-9, abs=1e-5)


def integral_of(schedule: Schedule, until: float) -> float:
    return [piece for piece in schedule.pieces if piece.start <= until][-1].due_by(until)


@given(schedules(), st.data())
def test_no_slot_is_due_before_the_one_before_it(schedule: Schedule, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, max(0, schedule.planned() - 1)))
    dues = [schedule.due(slot) for slot in range(first, first + 50)]
    assert dues == sorted(dues)
    assert all(due >= 0 for due in dues)


@given(schedules())
def test_every_planned_slot_is_due_before_the_end_and_no_other(schedule: Schedule) -> None:
    planned = schedule.planned()
    # Up to a millionth of a slot at the very edge, which is a matter of rounding.
    for slot in {0, planned // 2, planned - 2}:
        if 0 <= slot < planned - 1:
            assert schedule.due(slot) < schedule.end
    assert schedule.due(planned + 1) == math.inf


@given(schedules(), st.integers(1, 17), st.floats(0.0, 150.0))
def test_threads_partition_the_schedule(schedule: Schedule, threads: int, until: float) -> None:
    shares = [schedule.planned_of(thread, threads, until) for thread in range(threads)]
    planned = schedule.planned(until)
    assert sum(shares) == planned
    assert shares == [len(range(thread, planned, threads)) for thread in range(threads)]
    assert max(shares) - min(shares) <= 1


@given(schedules(), MOMENTS, st.floats(0.1, 5000.0), st.data())
def test_an_adjustment_changes_nothing_before_it(
    schedule: Schedule, at: float, rate: float, data: st.DataObject
) -> None:
    adjusted = schedule.adjusted(at, rate)
    moment = data.draw(MOMENTS) % at if at else 0.0
    assert adjusted.planned(moment) == schedule.planned(moment)
    slot = data.draw(st.integers(0, max(0, schedule.planned(at) - 2)))
    if schedule.due(slot) < at:
        assert adjusted.due(slot) == pytest.approx(schedule.due(slot), abs=1e-9)


@given(schedules(), st.floats(0.0, 50.0), st.floats(0.1, 5000.0), st.floats(0.0, 50.0))
def test_after_an_adjustment_the_rate_is_the_new_one(schedule: Schedule, at: float, rate: float, later: float) -> None:
    adjusted = schedule.adjusted(at, rate)
    until = at + later
    assume(until < schedule.end)
    assert adjusted.rate(until) == rate
    assert adjusted.planned(until) - schedule.planned(at) == pytest.approx(rate * later, rel=1e-9, abs=1.001)


@given(schedules(), st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.1, 1000.0)), max_size=4), st.data())
def test_slots_stay_in_order_through_any_adjustments(
    schedule: Schedule, changes: list[tuple[float, float]], data: st.DataObject
) -> None:
    for at, rate in sorted(changes):
        schedule = schedule.adjusted(at, rate)
    first = data.draw(st.integers(0, max(0, schedule.planned() - 1)))
    dues = [schedule.due(slot) for slot in range(first, first + 30)]
    assert dues == sorted(dues)


def test_an_adjustment_to_zero_is_a_pause() -> None:
    schedule = Schedule.of(task(rate=10.0)).adjusted(2.0, 0.0).adjusted(5.0, 20.0)
    assert schedule.planned(2.0) == schedule.planned(5.0) == 20
    assert schedule.due(19) == pytest.approx(1.9)
    assert schedule.due(20) == pytest.approx(5.0)  # the first slot after the pause waits for its end
    assert schedule.due(21) == pytest.approx(5.05)


def test_a_rate_of_zero_for_ever_makes_nothing_due() -> None:
    schedule = Schedule.of(task(rate=10.0)).adjusted(2.0, 0.0)
    assert schedule.due(20) == math.inf
    assert schedule.planned() == 20
    assert schedule.rate(3.0) == 0.0


def test_a_rest_at_zero_between_stages_makes_nothing_due() -> None:
    schedule = Schedule.of(task(stages=((0.0, 10.0), (2.0, 0.0), (6.0, 0.0), (8.0, 10.0)), duration=8.0))
    assert schedule.planned(2.0) == schedule.planned(6.0) == 10  # 2 * 10 / 2
    assert schedule.due(10) == pytest.approx(6.0)
    assert schedule.planned() == 20


@given(st.floats(0.1, 1000.0), st.integers(1, 10_000))
def test_a_limit_bounds_the_slots(rate: float, limit: int) -> None:
    schedule = Schedule.of(task(rate=rate, duration=None, requests=limit))
    assert schedule.planned() == limit
    assert not math.isinf(schedule.due(limit - 1))
    assert schedule.due(limit) == math.inf
    assert schedule.last() == pytest.approx(limit / rate)


def test_what_comes_first_ends_a_run_with_both_bounds() -> None:
    assert Schedule.of(task(rate=100.0, duration=2.0, requests=500)).planned() == 200
    assert Schedule.of(task(rate=100.0, duration=10.0, requests=500)).planned() == 500
    assert Schedule.of(task(rate=100.0, duration=10.0, requests=500)).last() == pytest.approx(5.0)
    assert Schedule.of(task(rate=100.0, duration=2.0, requests=500)).last() == 2.0


def test_a_schedule_without_an_end_has_no_total() -> None:
    endless = Schedule(Schedule.of(task(rate=1.0)).pieces)
    with pytest.raises(OverflowError):
        endless.planned()


def test_nothing_is_due_before_the_start() -> None:
    schedule = Schedule.of(task(rate=10.0))
    assert schedule.planned(0.0) == schedule.planned(-5.0) == 0
    assert schedule.due(0) == 0.0


def test_what_is_asked_between_two_instants_ends_with_the_plan() -> None:
    # 10/s for 25 requests, and from 2 s on 5/s: the last 5 take 1 s
    schedule = Schedule.of(Task(URL, rate=10.0, requests=25, duration=None))
    assert [schedule.asked(at, at + 1) for at in range(4)] == [10.0, 10.0, 5.0, 0.0]
    adjusted = schedule.adjusted(2.0, 5.0)
    assert [adjusted.asked(at, at + 1) for at in range(4)] == [10.0, 10.0, 5.0, 0.0]
    assert schedule.asked(0.5, 0.75) == 2.5
