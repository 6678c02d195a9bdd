"""What was written down comes out once, in the right second, whatever the order of folds and rotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.recorder import MOST_MISSED, MOST_TALLIES, Recorder
from gluten.stats.delta import Delta
from gluten.stats.histogram import HIGHEST, Histogram

REQUEST = 100
steps = st.lists(
    st.one_of(
        st.tuples(st.just("exact"), st.integers(0, 2), st.floats(0, 5)),
        st.tuples(st.just("other"), st.sampled_from([200, 404, 503]), st.floats(0, 5)),
        st.tuples(st.just("fail"), st.sampled_from(["reset", "timeout"]), st.just(0.0)),
        st.tuples(st.sampled_from(["fold", "rotate", "count"]), st.just(0), st.just(0.0)),
    ),
    max_size=60,
)


def play(recorder: Recorder, script: list[tuple[str, Any, float]]) -> list[Delta]:
    """Do as a lane would; the deltas, the last one included."""
    deltas: list[Delta] = []
    for what, which, seconds in script:
        if what == "rotate":
            deltas.append(recorder.rotate(len(deltas), REQUEST))
        else:
            _STEPS[what](recorder, which, seconds)
    return [*deltas, recorder.rotate(len(deltas), REQUEST)]


def _exact(recorder: Recorder, which: int, seconds: float) -> None:
    data = b"%d" % which
    if data not in recorder.exact:
        recorder.know(data, 200)
    recorder.exact[data](seconds)
    recorder.response.append(seconds)
    if not recorder.implied:
        _sent(recorder)


def _other(recorder: Recorder, status: int, seconds: float) -> None:
    recorder.completed(status, 7, seconds)
    recorder.response.append(seconds)
    _sent(recorder)


def _fail(recorder: Recorder, kind: str, _: float) -> None:
    recorder.failed(Fault(kind, "text"))
    _sent(recorder)


def _sent(recorder: Recorder) -> None:
    recorder.sent += 1
    recorder.written += REQUEST


_STEPS: dict[str, Callable[[Recorder, Any, float], None]] = {
    "exact": _exact,
    "other": _other,
    "fail": _fail,
    "fold": lambda recorder, _, __: recorder.fold(),
    "count": lambda recorder, _, __: recorder.count_sends(REQUEST),
}


@given(steps, st.booleans(), st.booleans())
def test_everything_is_counted_once(script: list[tuple[str, Any, float]], open_loop: bool, implied: bool) -> None:
    deltas = play(Recorder(open_loop, implied and not open_loop), script)
    total = Delta()
    for delta in deltas:
        Delta.from_map(delta.to_map())
        total.follow(delta)
    completed = [(what, which, seconds) for what, which, seconds in script if what in ("exact", "other")]
    failed = [which for what, which, _ in script if what == "fail"]
    assert total.completed == len(completed) == len(total.service) == len(total.response)
    assert total.failed == len(failed)
    assert total.sent == len(completed) + len(failed)
    assert total.written == REQUEST * total.sent
    assert total.read == sum(1 if what == "exact" else 7 for what, _, _ in completed)
    times = Histogram()
    for _, _, seconds in completed:
        times.record(int(seconds * 1e6))
    assert total.service == total.response == times


@given(steps)
def test_a_second_has_what_happened_in_it(script: list[tuple[str, Any, float]]) -> None:
    deltas = play(Recorder(False, implied=True), script)
    wanted, at = [0] * len(deltas), 0
    for what, _, _ in script:
        at += what == "rotate"
        wanted[at] += what in ("exact", "other")
    assert [delta.completed for delta in deltas] == wanted
    assert [delta.second for delta in deltas] == list(range(len(deltas)))


def test_times_out_of_range_are_held_to_it() -> None:
    recorder = Recorder(True, implied=False)
    recorder.lateness += [-0.5, 1e9, 0.001]
    assert sorted(recorder.rotate(0, REQUEST).lateness.counts.values()) == [1, 1, 1]
    recorder.lateness += [-0.5, 1e9]
    late = recorder.rotate(1, REQUEST).lateness
    assert (late.least, late.most) == (0, HIGHEST)


def test_a_closed_loop_has_one_latency() -> None:
    """Its response time is its service time, and nothing is ever due."""
    recorder = Recorder(False, implied=True)
    recorder.completed(200, 1, 0.25)
    recorder.response.append(99.0)
    recorder.lateness.append(99.0)
    delta = recorder.rotate(0, REQUEST)
    assert delta.response == delta.service
    assert len(delta.lateness) == 0


def test_the_memory_of_exact_responses_is_bounded_within_a_second_and_new_in_the_next() -> None:
    recorder = Recorder(False, implied=True)
    for number in range(MOST_TALLIES + 50):
        recorder.know(b"%d" % number, 200)
    assert len(recorder.exact) == MOST_TALLIES
    recorder.rotate(0, REQUEST)
    assert recorder.exact == {}


def test_a_sample_of_each_kind_is_kept() -> None:
    recorder = Recorder(False, implied=True)
    for text in ("first", "second"):
        recorder.failed(Fault("reset", text))
    assert recorder.rotate(0, REQUEST).samples == {"reset": "first"}


def test_what_the_pacer_shot_is_sent_and_was_late() -> None:
    recorder = Recorder(open_loop=True, implied=False)
    recorder.sent, recorder.written = 2, 2 * REQUEST
    recorder.lateness += [1e-3, 2e-3]
    for folds in (3, 2):
        recorder.shot += [5e-3] * folds
        recorder.fold()
    delta = recorder.rotate(0, REQUEST)
    assert (delta.sent, delta.written) == (7, 7 * REQUEST)
    assert len(delta.lateness) == 7
    assert recorder.rotate(1, REQUEST).sent == 0


def test_a_silence_of_the_generator_weighs_as_long_as_it_lasted() -> None:
    """One tick that came 3 s late among those of 9 s is no rare thing: a third of the time nothing could be sent."""
    recorder = Recorder(open_loop=True, implied=False)
    for _ in range(1200):
        recorder.ticked(0.0001, 0.005)
    recorder.ticked(3.0, 0.005)
    lag = recorder.rotate(0, REQUEST).lag
    assert len(lag) == 1200 + 601
    assert lag.percentile(60) == 100
    assert 1_400_000 < lag.percentile(100 * (1200 + 300) / 1801) < 1_600_000
    assert lag.percentile(99) > 2_500_000


def test_a_silence_of_hours_costs_no_minute_of_counting() -> None:
    recorder = Recorder(open_loop=False, implied=True)
    recorder.ticked(86_400.0, 0.005)
    assert len(recorder.rotate(0, REQUEST).lag) == MOST_MISSED + 1
