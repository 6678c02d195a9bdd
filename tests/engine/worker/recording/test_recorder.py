"""What was recorded is in one delta, that of its second, in any order of folds and rotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.fault import Fault
from gluten.engine.worker.recording.recorder import MOST_MISSED, MOST_TALLIES, Recorder, Recorders
from gluten.stats.delta import Delta
from gluten.stats.histogram import HIGHEST, Histogram
from gluten.stats.request_stats import REQUEST

SIZE = 100
steps = st.lists(
    st.one_of(
        st.tuples(st.just("exact"), st.integers(0, 2), st.floats(0, 5)),
        st.tuples(st.just("other"), st.sampled_from([200, 404, 503]), st.floats(0, 5)),
        st.tuples(st.just("fail"), st.sampled_from(["reset", "timeout"]), st.just(0.0)),
        st.tuples(st.sampled_from(["fold", "rotate", "count"]), st.just(0), st.just(0.0)),
    ),
    max_size=60,
)


def of(open_loop: bool, implied: bool) -> tuple[Recorders, Recorder]:
    """All recorders of a worker, and the recorder of its one request."""
    made = Recorders(open_loop, implied, {REQUEST: SIZE})
    return made, made.by_name[REQUEST]


def play(recorders: Recorders, script: list[tuple[str, Any, float]]) -> list[Delta]:
    """Record as a read callback does. Returns all deltas."""
    deltas: list[Delta] = []
    for what, which, seconds in script:
        if what == "rotate":
            deltas.append(recorders.rotate(len(deltas)))
        else:
            _STEPS[what](recorders.by_name[REQUEST], which, seconds)
    return [*deltas, recorders.rotate(len(deltas))]


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
    recorder.written += SIZE


_STEPS: dict[str, Callable[[Recorder, Any, float], None]] = {
    "exact": _exact,
    "other": _other,
    "fail": _fail,
    "fold": lambda recorder, _, __: recorder.fold(),
    "count": lambda recorder, _, __: recorder.count_sends(),
}


@given(steps, st.booleans(), st.booleans())
def test_everything_is_counted_once(script: list[tuple[str, Any, float]], open_loop: bool, implied: bool) -> None:
    deltas = play(of(open_loop, implied and not open_loop)[0], script)
    total = Delta()
    for delta in deltas:
        Delta.from_map(delta.to_map())
        total.follow(delta)
    completed = [(what, which, seconds) for what, which, seconds in script if what in ("exact", "other")]
    failed = [which for what, which, _ in script if what == "fail"]
    assert total.completed == len(completed) == len(total.service) == len(total.response)
    assert total.failed == len(failed)
    assert total.sent == len(completed) + len(failed)
    assert total.written == SIZE * total.sent
    assert total.read == sum(1 if what == "exact" else 7 for what, _, _ in completed)
    times = Histogram()
    for _, _, seconds in completed:
        times.record(int(seconds * 1e6))
    assert total.service == total.response == times


@given(steps)
def test_a_second_has_what_happened_in_it(script: list[tuple[str, Any, float]]) -> None:
    deltas = play(of(False, implied=True)[0], script)
    wanted, at = [0] * len(deltas), 0
    for what, _, _ in script:
        at += what == "rotate"
        wanted[at] += what in ("exact", "other")
    assert [delta.completed for delta in deltas] == wanted
    assert [delta.second for delta in deltas] == list(range(len(deltas)))


def test_times_out_of_range_are_held_to_it() -> None:
    recorders, recorder = of(True, implied=False)
    recorder.lateness += [-0.5, 1e9, 0.001]
    assert sorted(recorders.rotate(0).lateness.counts.values()) == [1, 1, 1]
    recorder.lateness += [-0.5, 1e9]
    late = recorders.rotate(1).lateness
    assert (late.least, late.most) == (0, HIGHEST)


def test_a_closed_loop_has_one_latency() -> None:
    """In a closed loop the response time is the service time, because no request is due at an instant."""
    recorders, recorder = of(False, implied=True)
    recorder.completed(200, 1, 0.25)
    recorder.response.append(99.0)
    recorder.lateness.append(99.0)
    delta = recorders.rotate(0)
    assert delta.response == delta.service
    assert len(delta.lateness) == 0


def test_the_memory_of_exact_responses_is_bounded_within_a_second_and_new_in_the_next() -> None:
    recorders, recorder = of(False, implied=True)
    for number in range(MOST_TALLIES + 50):
        recorder.know(b"%d" % number, 200)
    assert len(recorder.exact) == MOST_TALLIES
    recorders.rotate(0)
    assert recorder.exact == {}


def test_a_sample_of_each_kind_is_kept() -> None:
    recorders, recorder = of(False, implied=True)
    for text in ("first", "second"):
        recorder.failed(Fault("reset", text))
    assert recorders.rotate(0).samples == {"reset": "first"}


def test_what_the_pacer_shot_is_sent_and_was_late() -> None:
    recorders, recorder = of(open_loop=True, implied=False)
    recorder.sent, recorder.written = 2, 2 * SIZE
    recorder.lateness += [1e-3, 2e-3]
    for folds in (3, 2):
        recorder.shot += [5e-3] * folds
        recorder.fold()
    delta = recorders.rotate(0)
    assert (delta.sent, delta.written) == (7, 7 * SIZE)
    assert len(delta.lateness) == 7
    assert recorders.rotate(1).sent == 0


def test_a_silence_of_the_generator_weighs_as_long_as_it_lasted() -> None:
    """One tick is 3 s late among the ticks of 9 s. For a third of the time nothing could be sent, so it counts as
    much."""
    recorders, _ = of(open_loop=True, implied=False)
    for _ in range(1200):
        recorders.ticked(0.0001, 0.005)
    recorders.ticked(3.0, 0.005)
    lag = recorders.rotate(0).lag
    assert len(lag) == 1200 + 601
    assert lag.percentile(60) == 100
    assert 1_400_000 < lag.percentile(100 * (1200 + 300) / 1801) < 1_600_000
    assert lag.percentile(99) > 2_500_000


def test_a_silence_of_hours_is_counted_quickly() -> None:
    recorders, _ = of(open_loop=False, implied=True)
    recorders.ticked(86_400.0, 0.005)
    assert len(recorders.rotate(0).lag) == MOST_MISSED + 1


def test_each_named_request_is_recorded_apart_and_connections_and_clock_are_of_all() -> None:
    recorders = Recorders(True, False, {"login": 100, "view": 30})
    login, view = recorders.by_name.values()
    for recorder, times in ((login, 2), (view, 3)):
        recorder.connected()
        recorder.opened += 1
        for _ in range(times):
            recorder.shot.append(1e-3)
            recorder.completed(200, 7, 0.5)
            recorder.response.append(0.5)
    view.disconnected()
    view.failed(Fault("reset", "text"))
    recorders.ticked(0.001, 0.005)
    delta = recorders.rotate(0)
    stats = [(name, s.sent, s.written, s.completed, len(s.response), s.failed) for name, s in delta.by_name.items()]
    assert stats == [("login", 2, 200, 2, 2, 0), ("view", 3, 90, 3, 3, 1)]
    assert (delta.sent, delta.completed, len(delta.service), delta.failed) == (5, 5, 5, 1)
    assert (delta.opened, delta.connections, delta.peak) == (2, 1, 2)
    assert (len(delta.lateness), len(delta.lag)) == (5, 1)


def test_what_one_request_knows_the_other_does_not() -> None:
    recorders = Recorders(False, True, {"login": 100, "view": 30})
    login, view = recorders.by_name.values()
    login.know(b"whole", 200)
    assert (len(login.exact), len(view.exact)) == (1, 0)
