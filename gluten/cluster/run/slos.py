"""The SLOs of a run that goes on, over all its nodes: judged each second, with what follows from it. Pure.

A second is looked at once it is settled, and again if a late delta has changed it.
"""

from __future__ import annotations

from functools import partial

from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.congestion import settled
from gluten.cluster.run.run_book import RunBook
from gluten.plan.run_state import BY_SLO, RUNNING, STOPPED
from gluten.report.slos import plan_of, so_far, sum_of
from gluten.slo.slo import MISSED_EVENT

MOST_AT_ONCE = 50
"""How many seconds are looked at in one turn of the master, at most. After a restart there may be thousands."""


def judge_slos(book: RunBook, at: Moment) -> None:
    """Judge the run if a second has settled: record what is missed, and end the load where an SLO asks for that."""
    if book.slos is None or book.state != RUNNING or not _looked(book):
        return
    ledger, schedule = book.ledger, book.schedule
    seen = so_far(book.task, schedule, ledger.total, ledger.last_sent(), ledger.measured)
    judged = book.slos.judge(seen, plan_of(book.task, schedule), partial(sum_of, ledger.deltas))
    book.touch()
    for text, second in judged.missed:
        book.record_event(at, MISSED_EVENT, text, second=second)
    if judged.stop:
        book.end_load(STOPPED, judged.stop, BY_SLO, at)


def _looked(book: RunBook) -> bool:
    """Look at the seconds that have settled. True if there was one, and none is left."""
    assert book.slos is not None
    until = settled(book.assignments.values(), book.ledger)
    ready = sorted(second for second in book.ledger.changed if until is not None and second <= until)
    for second in ready[:MOST_AT_ONCE]:
        book.slos.look(second, book.ledger.deltas[second])
        book.ledger.changed.remove(second)
    return 0 < len(ready) <= MOST_AT_ONCE
