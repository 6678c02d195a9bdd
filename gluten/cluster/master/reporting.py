"""A run's report, from what its ledger has merged. Pure."""

from __future__ import annotations

from collections.abc import Callable

from gluten.cluster.master import views
from gluten.cluster.run.assignment import LOST, Assignment
from gluten.cluster.run.run_book import RunBook
from gluten.documents import ReportDocument
from gluten.report import document, results
from gluten.report.capacity import why_over
from gluten.report.facts import no_give_way
from gluten.report.load_duration import planned_end, seen_until
from gluten.stats.delta import Delta

Reporter = Callable[[RunBook, str], ReportDocument]
"""(run, link) -> the report map."""


def build(run: RunBook, link: str, give_way: Callable[[], None] = no_give_way) -> ReportDocument:
    """`gluten.report/1` of a run, as far as it has come.

    `give_way` is called often. If the run goes on meanwhile, the seconds may be newer than the sums.
    """
    by_name: dict[str, list[Assignment]] = {}
    for assignment in list(run.assignments.values()):
        by_name.setdefault(assignment.name, []).append(assignment)
    ended = {name: max(_ended(run, assignment) for assignment in assignments) for name, assignments in by_name.items()}
    used = run.ledger.mean_shares(ended, give_way)
    nodes = []
    for name, assignments in by_name.items():
        nodes.append(_node(run, name, assignments, ended[name], used[name]))
        give_way()
    named = Delta()
    named.follow(run.ledger.total)
    seconds = views.rows(run, give_way=give_way, hdr=True)
    after = Delta()
    after.follow(run.ledger.measured)
    over = why_over(run.state, run.kind)
    found = run.search.found(run.ledger, over, give_way) if run.search is not None else None
    head, deltas = _head(run, link), run.ledger.deltas
    plain = document.build(run.task, head, nodes, seconds, give_way, named, deltas, after, found)
    plain["kind"] = run.kind
    return plain


def _head(run: RunBook, link: str) -> results.Head:
    return results.Head(
        run.id,
        run.number,
        run.task.name,
        run.state,
        run.reason,
        views.rfc3339(run.started_at),
        link,
        views.events(run),
        views.plan(run),
        run.adjustments,
        run.workload,
        run.shown(),
    )


def _node(
    run: RunBook, name: str, assignments: list[Assignment], ended: float, used: tuple[float, ...]
) -> results.NodeResult:
    first = next((assignment for assignment in assignments if assignment.epoch == 1), assignments[0]).node_task
    whole = Delta()  # a copy: while the run goes on, the ledger's own may change between two calls of give_way
    whole.follow(run.ledger.nodes.get(name, whole))
    whole.peak = run.ledger.peaks.get(name, 0)
    cpu, host_cpu, steal = used
    return results.NodeResult(
        name,
        first.cores,
        len(first.threads),
        first.connections,
        first.rate,
        whole,
        cpu,
        ended,
        host_cpu=host_cpu,
        steal=steal,
        start_skew=run.skews.get(name),
        lost=any(assignment.state == LOST for assignment in assignments),
        gaps=run.gaps.of(name),
    )


def _ended(run: RunBook, assignment: Assignment) -> float:
    if assignment.ending is not None:
        return assignment.ending.ended
    return seen_until(run.ledger.last_sent(assignment.name), planned_end(run.task, run.schedule))
