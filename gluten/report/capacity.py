"""A search for the capacity in its report: the verdict and the SLOs are those of its last hold. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from gluten.plan.job import ROWS
from gluten.plan.run_state import FAILED, FINAL, STOPPED
from gluten.report.verdict import LATENESS_LIMIT, Figures, NodeFigures
from gluten.stats.begun import begun, dropped

if TYPE_CHECKING:
    from gluten.capacity.node_use import NodeUse
    from gluten.document_parts import CapacityDocument
    from gluten.report.measured import Seconds
    from gluten.stats.delta import Delta
    from gluten.task.task import Task

_ONE_PERCENT = 0.01


class Found(NamedTuple):
    """What a search has found. `hold` is the part of the run, from a run-second to before another, that its verdict and
    SLOs are of: the last hold at the rate that holds, else a trial; None: there is none. `nodes` are the generators in
    it."""

    document: CapacityDocument
    hold: tuple[int, int] | None
    nodes: tuple[NodeUse, ...] = ()


def why_over(state: str, kind: str) -> str:
    """Why a search is over that has not ended by itself; empty: it goes on."""
    if state not in FINAL:
        return ""
    if kind == ROWS:
        return "the rows of a feed were used up"
    return {STOPPED: "the run was stopped", FAILED: "the run failed"}.get(state, "the time was up")


def part_of(document: CapacityDocument, hold: tuple[int, int] | None) -> tuple[int, int] | None:
    """`Found.hold`: the last hold, else the last trial that missed, else the last one."""
    if hold is not None or not document["trials"]:
        return hold
    missed = [trial for trial in document["trials"] if trial["state"] == "misses"]
    last = (missed or document["trials"])[-1]
    return int(last["from"]), int(last["to"])


def figures_of(found: Found, whole: Figures, seconds: Seconds) -> Figures:
    """The figures that the verdict follows from. The counts have to add up over the whole run. The load is judged in
    the hold alone, because a search asks for more than the target can do, and goes on when nodes are lost."""
    if found.hold is None:
        return whole._replace(planned=None)
    part = sum_of(found.hold, seconds)
    due = begun(part) + dropped(part)
    return whole._replace(
        nodes=tuple(map(_node_figures, found.nodes)),
        planned=due,
        begun=begun(part),
        dropped=dropped(part),
        gaps=0,
        plan=0.0,
    )


def _node_figures(use: NodeUse) -> NodeFigures:
    """The p99 of the hold are not known exactly. It is known whether they are above the limit."""
    lateness = LATENESS_LIMIT + 1 if use.late > _ONE_PERCENT * use.sent else 0
    lag = use.lag_p99 if use.lagged > _ONE_PERCENT * use.ticks else 0
    return NodeFigures(
        use.name,
        use.cpu,
        lateness,
        lag,
        late=use.late,
        lagged=use.lagged,
        host_cpu=use.host_cpu,
        steal=use.steal,
    )


def entries(task: Task, found: Found, seconds: Seconds, give_way: Callable[[], None]) -> list[dict[str, Any]]:
    """How the SLOs stand in the hold."""
    from gluten.report.slos import judged  # here, because most runs have none
    from gluten.slo.judge import Seen

    assert found.hold is not None
    first, until = found.hold
    part = sum_of(found.hold, seconds, give_way)
    due = begun(part) + dropped(part)
    inside = {second: seconds[second] for second in range(first, until) if second in seconds}
    return judged(task, inside, Seen(part, float(until - first), due, True, until, dropped(part)), give_way)


def sum_of(hold: tuple[int, int], seconds: Seconds, give_way: Callable[[], None] = lambda: None) -> Delta:
    """All that was measured in the hold."""
    from gluten.report import slos

    return slos.sum_of(seconds, hold[0], hold[1] - 1, give_way)
