"""The seconds of workers become the node's. They are merged when all have reported, or when the slowest is too late."""

from __future__ import annotations

from typing import Any

from gluten.engine.host.reported import Weights
from gluten.engine.host.respawn import Respawn
from gluten.engine.host.worker_group import PATIENCE, WorkerGroup
from gluten.plan.job import DeltaReady, EngineEvent
from gluten.stats.delta import Delta
from gluten.stats.session_stats import SessionStats


def told(second: int, completed: int = 1, connections: int = 5) -> dict[str, Any]:
    delta = Delta(second)
    delta.of().sent = delta.of().completed = completed
    delta.of().status = {200: completed}
    delta.connections = connections
    return {"type": "delta", "delta": delta.to_map()}


def group_of(*members: str) -> WorkerGroup[str]:
    group: WorkerGroup[str] = WorkerGroup("run", 3)
    group.members += members
    return group


def seconds(events: list[EngineEvent]) -> list[tuple[int, int, int]]:
    """(second, completed, connections) of each event."""
    found = []
    for event in events:
        assert isinstance(event, DeltaReady)
        assert (event.run, event.epoch) == ("run", 3)
        found.append((event.delta.second, event.delta.completed, event.delta.connections))
    return found


def done(ended: float = 1.0, reason: str = "finished") -> dict[str, Any]:
    return {"type": "done", "ended": ended, "reason": reason}


def test_a_second_is_reported_when_all_workers_have_reported_it() -> None:
    group = group_of("a", "b")
    group.receive("a", told(0, 3), 1.0)
    assert group.due(1.1) == []
    group.receive("b", told(0, 4), 1.1)
    assert seconds(group.due(1.1)) == [(0, 7, 10)]
    assert group.due(1.2) == []


def test_a_worker_that_is_ahead_waits_for_the_others() -> None:
    group = group_of("a", "b")
    for second in range(3):
        group.receive("a", told(second), 1.0)
    group.receive("b", told(0), 1.0)
    assert seconds(group.due(1.0)) == [(0, 2, 10)]
    group.receive("b", told(1), 1.0)
    group.receive("b", told(2), 1.0)
    assert seconds(group.due(1.0)) == [(1, 2, 10), (2, 2, 10)]


def test_a_worker_that_is_too_late_is_reported_separately() -> None:
    group = group_of("a", "b")
    group.receive("a", told(0, 3), 1.0)
    assert group.due(1.0 + PATIENCE) == []
    assert seconds(group.due(1.01 + PATIENCE)) == [(0, 3, 5)]
    group.receive("b", told(0, 4), 3.0)
    assert seconds(group.due(3.0)) == [(0, 4, 5)]


def test_a_worker_that_has_not_begun_is_awaited() -> None:
    group = group_of("scout", "a")
    group.receive("a", told(0), 1.0)
    assert group.due(1.0) == []
    assert seconds(group.gone("scout", 0, 1.1)) == [(0, 1, 5)]


def test_an_end_is_finished_and_its_instant_is_the_last_ones() -> None:
    group = group_of("a", "b")
    for member, ended in (("a", 2.0), ("b", 2.5)):
        group.receive(member, told(0), 1.0)
        group.receive(member, done(ended), 1.0)
        group.gone(member, 0, 1.0)
    end = group.ended(stopped=False)
    assert (end.state, end.reason, end.ended, end.kind) == ("finished", "", 2.5, "")


def test_the_last_seconds_are_reported_before_the_end() -> None:
    group = group_of("a", "b")
    group.receive("a", told(0), 1.0)
    group.receive("a", told(1), 1.0)
    group.receive("a", done(), 1.0)
    assert group.gone("a", 0, 1.0) == []
    group.receive("b", told(0), 1.0)
    group.receive("b", done(), 1.0)
    assert seconds(group.gone("b", 0, 1.0)) == [(0, 2, 10), (1, 1, 5)]


def test_a_dead_worker_fails_the_group_and_is_not_awaited() -> None:
    group = group_of("a", "b")
    group.receive("a", told(0), 1.0)
    group.receive("b", told(0), 1.0)
    group.due(1.0)
    group.receive("a", told(1), 2.0)
    assert seconds(group.gone("b", 9, 2.0)) == [(1, 1, 5)]
    assert group.broken_off
    assert group.ended(stopped=False).state == "failed"
    assert "died" in group.ended(stopped=False).reason


def test_the_first_reason_is_the_reason() -> None:
    group = group_of("a", "b")
    group.receive("a", {"type": "failed", "kind": "dns", "text": "no such name"}, 1.0)
    group.gone("a", 0, 1.0)
    group.gone("b", 9, 1.0)
    end = group.ended(stopped=True)
    assert (end.state, end.kind, end.reason) == ("failed", "dns", "no such name")


def test_stopped_is_stopped_by_order_or_by_the_worker() -> None:
    assert group_of().ended(stopped=True).state == "stopped"
    group = group_of("a")
    group.receive("a", done(reason="stopped"), 1.0)
    assert group.ended(stopped=False).state == "stopped"


def test_a_preflight_that_was_killed_by_a_stop_is_not_a_failure() -> None:
    group = group_of("scout")
    group.stopping = True
    group.gone("scout", 9, 1.0)
    assert group.ended(stopped=True).state == "stopped"


def test_a_worker_that_dies_without_a_word_loaded_until_its_last_second_with_requests() -> None:
    group = group_of("a")
    group.receive("a", told(0), 1.0)
    group.receive("a", told(1), 2.0)
    still = told(2, completed=0)
    group.receive("a", still, 3.0)
    group.gone("a", 9, 3.1)
    assert group.ended(False).ended == 2.0


def test_what_a_dead_worker_left_is_of_each_request_by_its_weight() -> None:
    group = group_of("a")
    group.weights = Weights({"home": 5, "find": 3, "save": 2}, {})
    (event,) = group.replaced("a", Respawn(None, 2, 1, 3.0, dropped=100, unknown=31), 3.0)
    assert isinstance(event, DeltaReady)
    found = {name: (stats.dropped, stats.sent) for name, stats in event.delta.by_name.items()}
    assert found == {"home": (50, 16), "find": (30, 9), "save": (20, 6)}
    assert (event.delta.dropped, event.delta.sent) == (100, 31)


def with_sessions(second: int, begun: int, finished: int) -> dict[str, Any]:
    """One second of two scenarios, of which the second one ends no session."""
    delta = Delta(second)
    delta.of("login").sent = begun
    for name, ends in (("browse", finished), ("buy", 0)):
        delta.by_scenario[name] = stats = SessionStats()
        stats.begun, stats.finished = begun, ends
    return {"type": "delta", "delta": delta.to_map()}


def lost(*events: EngineEvent) -> tuple[dict[str, tuple[int, int, int]], int]:
    """(begun, cut, dropped) by scenario, and the requests that were sent, of all seconds."""
    whole = Delta()
    for event in events:
        assert isinstance(event, DeltaReady)
        whole.follow(event.delta)
    return {name: (one.begun, one.cut, one.dropped) for name, one in whole.by_scenario.items()}, whole.sent


def test_the_sessions_of_a_dead_worker_were_cut_if_it_reported_them_and_else_dropped() -> None:
    group = group_of("a")
    group.weights = Weights({"login": 1}, {"browse": 4, "buy": 1})
    group.receive("a", with_sessions(0, 10, 6), 1.0)
    group.receive("a", with_sessions(1, 10, 10), 2.0)
    assert group.reported("a").sent == 40
    events = [*group.due(2.0), *group.replaced("a", Respawn(None, 2, 1, 3.0, dropped=20, unknown=5), 3.0)]
    assert lost(*events) == ({"browse": (20, 4, 20), "buy": (20, 20, 5)}, 20)


def test_the_sessions_of_a_worker_that_nobody_replaces_were_cut() -> None:
    group = group_of("a", "b")
    group.weights = Weights({"login": 1}, {"browse": 4, "buy": 1})
    group.receive("a", with_sessions(0, 10, 6), 1.0)
    group.receive("b", with_sessions(0, 1, 1), 1.0)
    group.receive("b", done(), 2.0)
    events = [*group.gone("b", 0, 2.0), *group.gone("a", 9, 3.0), *group.due(9.0)]
    assert lost(*events)[0] == {"browse": (11, 4, 0), "buy": (11, 10, 0)}
    assert group.ended(False).state == "failed"
