"""A run's report, from what its ledger has merged. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gluten.cluster import views
from gluten.cluster.run import Run
from gluten.cluster.share import LOST, Share
from gluten.load import report
from gluten.load.delta import Delta

Reporter = Callable[[Run, str], dict[str, Any]]
"""(run, link) -> the report map."""


def build(run: Run, link: str) -> dict[str, Any]:
    """`gluten.report/1` of a run, as far as it has come."""
    names = list(dict.fromkeys(share.name for share in run.shares.values()))
    plain = report.build(run.task, _head(run, link), [_node(run, name) for name in names])
    plain["seconds"] = views.rows(run)
    plain["kind"] = run.kind
    return plain


def _head(run: Run, link: str) -> report.Head:
    return report.Head(
        run.id, run.number, run.task.name, run.state, run.reason, views.rfc3339(run.started_at), link,
        views.events(run), views.plan(run), run.adjustments,
    )  # fmt: skip


def _node(run: Run, name: str) -> report.NodeResult:
    shares = [share for share in run.shares.values() if share.name == name]
    first = next((share for share in shares if share.epoch == 1), shares[0]).subtask
    ended = max(_ended(run, share) for share in shares)
    # The ledger has the node's seconds merged already; the report gets them as one, with the mean of their cpu.
    whole = Delta()
    whole.follow(run.ledger.nodes.get(name, whole))
    whole.cpu = run.ledger.mean_cpu(name, ended)
    return report.NodeResult(
        name, first.cores, len(first.threads), first.connections, first.rate, {0: whole}, ended,
        start_skew=run.skews.get(name), lost=any(share.state == LOST for share in shares), gaps=run.gaps.of(name),
    )  # fmt: skip


def _ended(run: Run, share: Share) -> float:
    if share.ending is not None:
        return share.ending.ended
    seen = run.ledger.last_second(share.name)
    return 0.0 if seen is None else seen + 1.0
