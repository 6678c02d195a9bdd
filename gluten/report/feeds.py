"""How many rows of each feed a run has used, and how many it has skipped. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gluten.plan.requests import workload_of
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Workload


NONE: Mapping[str, int] = MappingProxyType({})


def feeds(
    task: Task,
    sent: Mapping[str, int],
    planned: int | None,
    begun: Mapping[str, int] = NONE,
    workload: Workload | None = None,
) -> list[dict[str, Any]]:
    """An entry for each feed. `sent` is by request, `begun` by scenario; `planned` how many sessions the plan had, None
    in a closed loop. `workload` is what was read of the task's before.

    A row is used by the session that begins with it. Rows of a unique feed are skipped where a session was planned and
    did not begin: it was dropped, or its node was lost.
    """
    if not task.rows:
        return []
    workload, rows = workload or workload_of(task), dict(task.rows)
    return [_entry(workload, name, rows[name], sent, begun if workload.scenarios else sent, planned) for name in rows]


def _entry(
    workload: Workload, name: str, rows: int, sent: Mapping[str, int], begun: Mapping[str, int], planned: int | None
) -> dict[str, Any]:
    from gluten.workload.mix import Mix

    naming = [at for at, session in enumerate(workload.sessions) if name in workload.feeds_of(session)]
    used = sum(begun.get(workload.sessions[at].name, 0) for at in naming)
    feed = next(feed for feed in workload.feeds if feed.name == name)
    if feed.per == "request":
        used = sum(sent.get(each.name, 0) for each in workload.requests if name in workload.feeds_of(each))
    skipped = 0
    if feed.pick == "unique" and planned is not None:
        mix = Mix(workload.weights, workload.seed)
        skipped = max(0, min(rows, sum(mix.before(at, planned) for at in naming)) - used)
    return {"name": name, "rows": rows, "used": used, "skipped": skipped}
