"""The plans of runs: what each node was to do, in each epoch. To be called inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gluten.store.codec import unpack
from gluten.store.models import AssignmentRow
from gluten.store.rows import SHARE_COLUMNS, share_rows
from gluten.store.session import Session

Plan = list[dict[str, Any]]


def replace(session: Session, number: int, epoch: int, plan: Plan) -> None:
    """Make this the plan of the epoch. The plans of other epochs stay."""
    old = (AssignmentRow.run == number) & (AssignmentRow.epoch == epoch)
    AssignmentRow.delete().where(old).execute(session.database)
    if plan:
        session.insert("gluten_share", SHARE_COLUMNS, share_rows(number, epoch, plan))


def by_epoch(session: Session, numbers: Sequence[int]) -> dict[int, dict[int, Plan]]:
    """For each of these runs that has a plan: its plan in each epoch."""
    query = (
        AssignmentRow.select()
        .where(AssignmentRow.run.in_(numbers))
        .order_by(AssignmentRow.run, AssignmentRow.epoch, AssignmentRow.position)
    )
    plans: dict[int, dict[int, Plan]] = {}
    for row in query.execute(session.database) if numbers else ():
        plans.setdefault(row.run_id, {}).setdefault(row.epoch, []).append(unpack(row.share))
    return plans


def newest(plans: dict[int, Plan]) -> Plan:
    """The plan of the latest epoch."""
    return plans[max(plans)] if plans else []
