"""The tables of `gluten runs` and `gluten nodes`."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.cli.commands.show import _nodes_table, _runs_table


def run(number: int, *slo: Any, state: str = "finished", strict: bool = False) -> Any:
    """A run whose SLOs stand so: a state, and whether that is sure."""
    entries = [{"state": stands, "sure": sure} for stands, sure in slo]
    head = {"number": number, "id": "af50" * 8, "state": state, "verdict": {"value": "valid"}, "name": "shop"}
    figures = {"started_at": "2026-11-20T09:30:00Z", "created_at": "", "rate": 20.0, "p99": 1000.0, "url": ""}
    return {**head, **figures, "slo": entries, "task": {"slo_sure": strict}}


HOLDS, MISSED, UNSURE = ("holds", True), ("missed", True), ("holds", False)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (run(2, HOLDS, HOLDS), "hold"),
        (run(2, HOLDS, MISSED), "missed"),
        (run(2, UNSURE), "hold"),
        (run(2, UNSURE, strict=True), "missed"),
        (run(2, MISSED, state="running"), "-"),
        (run(2), "-"),
    ],
)
def test_slos_that_were_missed_stand_beside_the_verdict(shown: Any, said: str) -> None:
    head, row, _ = (line.split() for line in _runs_table([shown, run(1, HOLDS)]).splitlines())
    assert dict(zip(head, row, strict=True)) | {"VERDICT": "valid", "SLO": said} == dict(zip(head, row, strict=True))


def test_runs_without_slos_have_no_column_of_them() -> None:
    head, row = (line.split() for line in _runs_table([run(1)]).splitlines())
    assert head == ["RUN", "ID", "STATE", "VERDICT", "STARTED", "REQ/S", "P99", "NAME"]
    assert len(row) == len(head)


def test_a_run_that_was_not_answered_yet_has_no_time_and_one_that_did_not_begin_no_rate() -> None:
    waits = run(2, state="queued") | {"started_at": None, "created_at": "now", "rate": None, "p99": None}
    begins = run(1, state="running") | {"rate": 0.0, "p99": 0}
    head, *rows = (line.split() for line in _runs_table([waits, begins]).splitlines())
    assert [row[head.index("REQ/S") :][:2] for row in rows] == [["-", "-"], ["0.00", "-"]]


@pytest.mark.parametrize(("state", "cpu"), [("alive", "97%"), ("suspect", "97%"), ("left", "-"), ("lost", "-")])
def test_a_node_that_is_gone_has_no_cpu(state: str, cpu: str) -> None:
    figures = {"cores": 4, "cpu": 0.97, "version": "0.1.0", "address": "10.0.0.1", "age": 0.3}
    node: Any = {"name": "berlin-1", "role": "slave", "state": state, **figures}
    head, row = (line.split() for line in _nodes_table([node]).splitlines())
    assert row[head.index("CPU")] == cpu
