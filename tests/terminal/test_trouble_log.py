"""Where stderr is no terminal there is no progress: a line for each trouble, once, and nothing else."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gluten.cluster.run.run_chores import BEGUN
from gluten.plan.chores import KINDS
from gluten.plan.run_state import FINAL, STOPPING
from gluten.slo.slo import MISSED_EVENT
from gluten.terminal.trouble_log import TROUBLES, TroubleLog
from tests.terminal.test_live import row, update

COURSE = ["created", "preparing", "started", "adjusted", *KINDS, *(kind + BEGUN for kind in KINDS), STOPPING, *FINAL]
"""What happens in a run that goes as it was asked for."""


def event(kind: str, text: str, second: int | None = None) -> dict[str, Any]:
    return {"at": "2026-05-01T10:00:00Z", "second": second, "kind": kind, "node": "", "text": text}


def told(*updates: Any) -> str:
    stream = io.StringIO()
    log = TroubleLog(stream)
    for each in updates:
        log.show(each)
    log.clear()
    return stream.getvalue()


def with_events(*events: dict[str, Any], **run: Any) -> Any:
    return update(row(0), **run) | {"events": list(events)}


def test_a_run_without_troubles_prints_nothing_however_long_it_takes() -> None:
    assert told(*(update(row(second)) for second in range(100))) == ""


@pytest.mark.parametrize("kind", COURSE)
def test_the_course_of_a_run_is_no_trouble(kind: str) -> None:
    assert told(with_events(event(kind, "as it should be"))) == ""


@pytest.mark.parametrize("kind", ["backlog", "node_lost", "worker_lost", "capped", "no_node", MISSED_EVENT])
def test_a_trouble_is_printed_as_soon_as_it_is_known(kind: str) -> None:
    assert kind in TROUBLES
    assert told(with_events(event(kind, "what is wrong", 75), number=0)) == "1m15s: what is wrong\n"


def test_a_cluster_s_line_names_the_run() -> None:
    assert told(with_events(event("node_lost", "node b was lost"))) == "run 7: node b was lost\n"


def test_all_troubles_of_an_update_are_printed_in_their_order() -> None:
    both = with_events(event("backlog", "they wait", 3), event(MISSED_EVENT, "it is missed", 3), number=0)
    assert told(both).splitlines() == ["3s: they wait", "3s: it is missed"]


def test_a_trouble_that_comes_again_is_printed_once() -> None:
    lost = event("node_lost", "node b was lost")
    assert told(with_events(lost), with_events(lost), with_events(lost, event("gap", "a gap"))).count("lost") == 1


def test_a_name_cannot_forge_a_line() -> None:
    assert told(with_events(event("node_lost", "node b\nrun 8: \x1b[2J"))) == "run 7: node b\\nrun 8: \\x1b[2J\n"


def test_a_reader_that_has_gone_does_not_end_the_run() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    TroubleLog(Gone()).show(with_events(event("node_lost", "node b was lost")))
