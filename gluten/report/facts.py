"""What a report and its verdict follow from, added up over the nodes of a run. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gluten.plan.requests import Names, names_of, planned_sessions
from gluten.plan.run_state import FINAL
from gluten.plan.schedule import Schedule, schedule_of
from gluten.report import sessions
from gluten.report.asked import needed_by, planned_by, reach
from gluten.report.load_duration import duration, planned_end
from gluten.report.results import Head, NodeResult
from gluten.report.verdict import LATENESS_LIMIT, Figures, NodeFigures
from gluten.stats.begun import redirected
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST
from gluten.stats.session_stats import SessionStats, sum_of
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import Row


def no_give_way() -> None:
    """For callers that nobody waits for."""


class Facts(NamedTuple):
    """What the verdict and the document follow from. `total` is the sum over the nodes, `named` the same by name.
    `planned` and `begun` are sessions, and without scenarios requests. `sessions` are by scenario. `length` is how long
    the load lasted, `ended` when its last node stopped sending, `most` how many connections were open at once,
    `most_active` how many sessions were under way at once."""

    task: Task
    head: Head
    names: Names
    schedule: Schedule | None
    total: Delta
    named: Delta
    planned: int | None
    begun: int
    sessions: dict[str, SessionStats]
    ended: float
    length: float
    most: int
    most_active: int

    @property
    def dropped(self) -> int:
        """Of what was planned."""
        return sum_of(self.sessions.values()).dropped if self.names.scenarios else self.total.dropped


def gather(
    task: Task,
    head: Head,
    nodes: Sequence[NodeResult],
    seconds: Sequence[Row],
    give_way: Callable[[], None],
    named: Delta | None,
) -> Facts:
    total = merge(node.total for node in paced(nodes, give_way))
    whole, names = named or total, names_of(task, head.workload)
    schedule, ended = schedule_of(task, head.adjustments), load_ended(nodes)
    length = round(duration(task, schedule, ended, total), 6)
    planned = planned_by(task, schedule, head.state, ended, whole) if schedule else None
    parts = sessions.settled(whole.by_scenario, head.state in FINAL)
    many = sum_of(parts.values()).begun if names.scenarios else total.sent - redirected(whole)
    if planned is not None and names.scenarios:
        plan = max(planned, many)
        parts = sessions.with_plan(parts, planned_sessions(task, plan, head.workload), plan)
    elif planned is not None:
        # A planned request that was not sent was dropped, whatever the reason (such as a lost node).
        total.of(next(iter(total.by_name), REQUEST)).dropped += max(0, planned - many) - total.dropped
    opened, active = most_open(seconds, nodes), sessions.most_at_once(seconds)
    return Facts(
        task, head, names, schedule, total, whole, planned, many, parts, ended, length, most=opened, most_active=active
    )


def figures(facts: Facts, nodes: Sequence[NodeResult], give_way: Callable[[], None]) -> Figures:
    task, head, schedule, total = facts.task, facts.head, facts.schedule, facts.total
    scenarios = bool(facts.names.scenarios)
    # The drain of sessions is no overrun.
    over = schedule is not None and head.state in FINAL and not scenarios
    return Figures(
        _judged(paced(nodes, give_way)),
        facts.planned,
        total.sent,
        total.completed,
        total.failed,
        total.in_flight,
        facts.dropped,
        sum(node.gaps for node in nodes),
        reach(task, head.state, facts.ended, facts.begun),
        begun=facts.begun,
        what="session" if scenarios else "request",
        unsent=_unsent(head, facts.ended),
        plan=planned_end(task, schedule) if over else math.inf,
        took=facts.ended,
        connections=facts.most_active if scenarios else facts.most,
        needed=needed_by(task, head.adjustments, total),
    )


def _unsent(head: Head, ended: float) -> str:
    """Why no request was sent; empty: unknown."""
    if head.started_at is None and head.state in FINAL:
        return f"the run was {head.state} before it began"
    if head.state == "stopped" and not ended:
        return "the run was stopped before its load began"
    return ""


def _judged(nodes: Iterator[NodeResult]) -> tuple[NodeFigures, ...]:
    return tuple(
        NodeFigures(
            node.name,
            node.cpu,
            node.total.lateness.percentile(99),
            node.total.lag.percentile(99),
            node.lost,
            late=node.total.lateness.above(LATENESS_LIMIT),
            lagged=node.total.lag.above(LATENESS_LIMIT),
            host_cpu=node.host_cpu,
            steal=node.steal,
        )
        for node in nodes
    )


def most_open(seconds: Iterable[Row], nodes: Sequence[NodeResult] = ()) -> int:
    """The most connections that were open at once over all nodes, by the rows. Without rows: at most so many."""
    most = max((max(row.get("peak", 0), row["connections"]) for row in seconds), default=0)
    return most or sum(node.total.peak for node in nodes)


def paced(nodes: Sequence[NodeResult], give_way: Callable[[], None]) -> Iterator[NodeResult]:
    for node in nodes:
        yield node
        give_way()


def merge(parts: Any) -> Delta:
    """The sum of deltas of different nodes."""
    total = Delta()
    for part in parts:
        total.add(part)
    return total


def load_ended(nodes: Sequence[NodeResult]) -> float:
    """The run-second at which the last node stopped sending."""
    return round(max((node.ended for node in nodes), default=0.0), 6)
