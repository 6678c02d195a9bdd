"""What `compare` shows of two reports."""

from __future__ import annotations

from gluten.cli.commands.compare import _text
from gluten.task.task import Task
from tests.support.reports import URL, build, closed, head, node, second


def test_what_was_nothing_before_has_no_share_by_which_it_grew() -> None:
    nothing = build(Task(URL), head(state="failed"), [node("alpha", [second(0, {})])])
    lines = _text([nothing, closed()]).splitlines()
    assert lines[1].startswith("requests/s")
    assert "from 0" in lines[1]
    assert not any("+0.0%" in line for line in lines)


def test_equal_runs_do_not_differ() -> None:
    lines = _text([closed(), closed()]).splitlines()
    assert all("+0.0%" in line or "+0.00 points" in line for line in lines[1:8])
