"""Workers' seconds become the node's: merged when all have told theirs, or when the slowest is too late."""

from __future__ import annotations

from typing import Any

from gluten.engine.host.worker_group import PATIENCE, WorkerGroup
from gluten.plan.job import DeltaReady, EngineEvent
from gluten.stats.delta import Delta


def told(second: int, completed: int = 1, connections: int = 5) -> dict[str, Any]:
    delta = Delta(second)
    delta.of().sent = delta.of().completed = completed
    delta.of().status = {200: completed}
    delta.connections = connections
    return {"type": "delta", "delta": delta.to_map()}


def crew_of(*members: str) -> WorkerGroup[str]:
    crew: WorkerGroup[str] = WorkerGroup("run", 3)
    crew.members += members
    return crew


def seconds(events: list[EngineEvent]) -> list[tuple[int, int, int]]:
    """(second, completed, connections) of each."""
    found = []
    for event in events:
        assert isinstance(event, DeltaReady)
        assert (event.run, event.epoch) == ("run", 3)
        found.append((event.delta.second, event.delta.completed, event.delta.connections))
    return found


def done(ended: float = 1.0, reason: str = "finished") -> dict[str, Any]:
    return {"type": "done", "ended": ended, "reason": reason}


def test_a_second_is_told_once_all_have_told_it() -> None:
    crew = crew_of("a", "b")
    crew.hear("a", told(0, 3), 1.0)
    assert crew.due(1.1) == []
    crew.hear("b", told(0, 4), 1.1)
    assert seconds(crew.due(1.1)) == [(0, 7, 10)]
    assert crew.due(1.2) == []


def test_who_is_ahead_waits_for_the_others() -> None:
    crew = crew_of("a", "b")
    for second in range(3):
        crew.hear("a", told(second), 1.0)
    crew.hear("b", told(0), 1.0)
    assert seconds(crew.due(1.0)) == [(0, 2, 10)]
    crew.hear("b", told(1), 1.0)
    crew.hear("b", told(2), 1.0)
    assert seconds(crew.due(1.0)) == [(1, 2, 10), (2, 2, 10)]


def test_a_worker_that_is_too_late_is_told_in_a_part_of_its_own() -> None:
    crew = crew_of("a", "b")
    crew.hear("a", told(0, 3), 1.0)
    assert crew.due(1.0 + PATIENCE) == []
    assert seconds(crew.due(1.01 + PATIENCE)) == [(0, 3, 5)]
    crew.hear("b", told(0, 4), 3.0)
    assert seconds(crew.due(3.0)) == [(0, 4, 5)]


def test_one_who_has_not_begun_is_waited_for() -> None:
    crew = crew_of("scout", "a")
    crew.hear("a", told(0), 1.0)
    assert crew.due(1.0) == []
    assert seconds(crew.gone("scout", 0, 1.1)) == [(0, 1, 5)]


def test_an_end_is_finished_and_its_instant_is_the_last_ones() -> None:
    crew = crew_of("a", "b")
    for member, ended in (("a", 2.0), ("b", 2.5)):
        crew.hear(member, told(0), 1.0)
        crew.hear(member, done(ended), 1.0)
        crew.gone(member, 0, 1.0)
    end = crew.ended(stopped=False)
    assert (end.state, end.reason, end.ended, end.kind) == ("finished", "", 2.5, "")


def test_what_the_last_one_left_is_told_before_the_end() -> None:
    crew = crew_of("a", "b")
    crew.hear("a", told(0), 1.0)
    crew.hear("a", told(1), 1.0)
    crew.hear("a", done(), 1.0)
    assert crew.gone("a", 0, 1.0) == []
    crew.hear("b", told(0), 1.0)
    crew.hear("b", done(), 1.0)
    assert seconds(crew.gone("b", 0, 1.0)) == [(0, 2, 10), (1, 1, 5)]


def test_who_died_fails_the_crew_and_keeps_nobody_waiting() -> None:
    crew = crew_of("a", "b")
    crew.hear("a", told(0), 1.0)
    crew.hear("b", told(0), 1.0)
    crew.due(1.0)
    crew.hear("a", told(1), 2.0)
    assert seconds(crew.gone("b", 9, 2.0)) == [(1, 1, 5)]
    assert crew.failed
    assert crew.ended(stopped=False).state == "failed"
    assert "died" in crew.ended(stopped=False).reason


def test_the_first_reason_is_the_reason() -> None:
    crew = crew_of("a", "b")
    crew.hear("a", {"type": "failed", "kind": "dns", "text": "no such name"}, 1.0)
    crew.gone("a", 0, 1.0)
    crew.gone("b", 9, 1.0)
    end = crew.ended(stopped=True)
    assert (end.state, end.kind, end.reason) == ("failed", "dns", "no such name")


def test_stopped_is_stopped_by_order_or_by_the_worker() -> None:
    assert crew_of().ended(stopped=True).state == "stopped"
    crew = crew_of("a")
    crew.hear("a", done(reason="stopped"), 1.0)
    assert crew.ended(stopped=False).state == "stopped"


def test_a_scout_that_was_killed_to_stop_is_no_failure() -> None:
    crew = crew_of("scout")
    crew.stopping = True
    crew.gone("scout", 9, 1.0)
    assert crew.ended(stopped=True).state == "stopped"


def test_a_worker_that_dies_without_a_word_loaded_until_its_last_second_with_requests() -> None:
    crew = crew_of("a")
    crew.hear("a", told(0), 1.0)
    crew.hear("a", told(1), 2.0)
    still = told(2, completed=0)
    crew.hear("a", still, 3.0)
    crew.gone("a", 9, 3.1)
    assert crew.ended(False).ended == 2.0
