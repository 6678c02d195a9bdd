"""What a session did is in the delta of the second in which it did it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gluten.engine.worker.recording.recorder import Recorders
from gluten.engine.worker.recording.session_recorder import SessionRecorder
from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack
from gluten.stats.request_stats import REDIRECT, REQUEST
from gluten.stats.session_stats import SessionStats


def of(*scenarios: str, groups: tuple[str, ...] = ("checkout",)) -> tuple[Recorders, SessionRecorder]:
    sessions = SessionRecorder(scenarios, groups)
    return Recorders(True, False, {"login": 100, "pay": 50}, sessions=sessions), sessions


def counts(stats: SessionStats) -> tuple[int, ...]:
    return (stats.begun, stats.finished, stats.ended, stats.cut, stats.dropped, stats.good)


def test_each_second_has_its_own_sessions() -> None:
    recorders, sessions = of("browse", "buy")
    sessions.begun(0)
    sessions.begun(1)
    sessions.begun(1)
    sessions.finished(1, 0.25, True)
    first = recorders.rotate(0)
    sessions.finished(0, 1.5, False)
    sessions.ended(1)
    second = recorders.rotate(1)
    assert {name: counts(stats) for name, stats in first.by_scenario.items()} == {
        "browse": (1, 0, 0, 0, 0, 0),
        "buy": (2, 1, 0, 0, 0, 1),
    }
    assert {name: counts(stats) for name, stats in second.by_scenario.items()} == {
        "browse": (0, 1, 0, 0, 0, 0),
        "buy": (0, 0, 1, 0, 0, 0),
    }
    assert first.by_scenario["buy"].time.most == 250_000
    assert second.by_scenario["browse"].time.most == 1_500_000
    assert (first.active, first.most_active, second.active, second.most_active) == (2, 3, 0, 2)


def test_sessions_that_were_cut_or_never_began_are_told_apart() -> None:
    recorders, sessions = of("browse")
    sessions.begun(0)
    sessions.cut(0)
    sessions.dropped(0, 3)
    delta = recorders.rotate(0)
    assert counts(delta.by_scenario["browse"]) == (1, 0, 0, 1, 3, 0)
    assert not len(delta.by_scenario["browse"].time)


def test_the_time_of_a_group_is_counted_and_a_group_that_nobody_came_through_is_left_out() -> None:
    recorders, sessions = of("buy", groups=("checkout", "search"))
    sessions.group("checkout", 0.002)
    recorders.fold()
    sessions.group("checkout", 0.004)
    delta = recorders.rotate(0)
    assert {name: list(times) for name, times in delta.groups.items()} == {"checkout": [(2000, 1), (4001, 1)]}
    assert recorders.rotate(1).groups == {}


def test_what_an_ended_session_did_not_reach_is_skipped_once() -> None:
    recorders, _ = of("buy")
    recorders.by_name["pay"].skipped += 2
    assert {name: stats.skipped for name, stats in recorders.rotate(0).by_name.items()} == {"login": 0, "pay": 2}
    assert recorders.rotate(1).skipped == 0


def test_redirects_are_told_of_only_where_there_are_some() -> None:
    recorders = Recorders(True, False, {"login": 100, "login" + REDIRECT: 0})
    assert list(recorders.rotate(0).by_name) == ["login"]
    hop = recorders.by_name["login" + REDIRECT]
    hop.sent += 1
    hop.completed(302, 50, 0.001)
    assert recorders.rotate(1).by_name["login" + REDIRECT].status == {302: 1}
    assert list(recorders.rotate(2).by_name) == ["login"]


def test_a_second_may_be_cut_before_its_histograms_are_made() -> None:
    recorders, sessions = of("buy")
    sessions.begun(0)
    sessions.finished(0, 0.25, True)
    cut = recorders.cut(0)
    sessions.begun(0)
    sessions.finished(0, 0.5, True)
    assert cut.delta().by_scenario["buy"].time.most == 250_000
    assert recorders.rotate(1).by_scenario["buy"].time.most == 500_000


def test_without_scenarios_a_delta_has_the_same_bytes_as_before() -> None:
    recorders = Recorders(True, False, {REQUEST: 100})
    plain = recorders.rotate(0)
    assert plain.by_scenario == plain.groups == {}
    assert b"scenario" not in repr(plain.to_map()).encode()
    bare = Delta(0)
    bare.of(REQUEST)
    assert pack(plain) == pack(bare)


STEPS = st.lists(
    st.tuples(st.sampled_from(["begun", "finished", "ended", "cut", "fold", "rotate"]), st.integers(0, 1)), max_size=60
)


@given(STEPS)
def test_every_session_is_counted_once_whenever_seconds_end(script: list[tuple[str, int]]) -> None:
    recorders, sessions = of("browse", "buy")
    deltas: list[Delta] = []
    under_way, ended = [0, 0], 0
    for what, scenario in script:
        if what == "rotate":
            deltas.append(recorders.rotate(len(deltas)))
        elif what == "fold":
            recorders.fold()
        elif what == "begun":
            sessions.begun(scenario)
            under_way[scenario] += 1
        elif under_way[scenario]:
            _end(sessions, what, scenario)
            under_way[scenario] -= 1
            ended += 1
    whole = Delta()
    for delta in (*deltas, recorders.rotate(len(deltas))):
        whole.follow(delta)
    assert [stats.active for stats in whole.by_scenario.values()] == under_way
    assert whole.active == sessions.active == sum(under_way)
    total = whole.sessions
    assert total.finished + total.ended + total.cut == ended
    assert len(total.time) == total.finished


def _end(sessions: SessionRecorder, what: str, scenario: int) -> None:
    if what == "finished":
        sessions.finished(scenario, 0.5, True)
    elif what == "ended":
        sessions.ended(scenario)
    else:
        sessions.cut(scenario)
