"""What follows when a run loses a node, by the task's `on_loss`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.cluster.run.assignment import LOST, Assignment, Moment
from gluten.cluster.run.gaps import LOSS
from gluten.cluster.run.rebalance import move, survivors
from gluten.cluster.run.run_book import RunBook, counted
from gluten.plan.run_state import FAILED
from gluten.plan.split import NodeTask


def lose(book: RunBook, name: str, why: str, at: Moment) -> None:
    """All live assignments of this node are lost."""
    lost = book.live_of(name)
    if not lost or not book.active:
        return
    for assignment in lost:
        assignment.state, assignment.since = LOST, at.now
    book.record_event(at, "node_lost", f"node {name} was lost: {why}", name)
    if book.wanted is None:
        _react(book, name, why, lost, at)


def _react(book: RunBook, name: str, why: str, lost: list[Assignment], at: Moment) -> None:
    """End the run, move the node's threads, or go on without them."""
    if not survivors(book.assignments.values()):
        names = sorted({assignment.name for assignment in book.assignments.values()})
        alone = f" ({why})" if len(names) == 1 else ""
        book.end_load(FAILED, f"all nodes were lost: {', '.join(names)}{alone}", "", at)
    elif book.task.on_loss == "fail":
        book.end_load(FAILED, f"node {name} was lost", "", at)
    elif book.task.on_loss == "rebalance" and book.withheld:
        book.record_event(at, "not_moved", f"the threads of {name} do not move: {book.withheld}", name)
    elif book.task.on_loss == "rebalance":
        _rebalance(book, name, lost, at)


def _rebalance(book: RunBook, name: str, lost: list[Assignment], at: Moment) -> None:
    begin = book.next_second(at)
    if book.task.duration is not None and begin >= book.task.duration:
        return
    threads = [thread for assignment in lost for thread in assignment.node_task.threads]
    nodes = survivors(book.assignments.values())
    moved = move(book.task, threads, nodes, begin, _left(book, lost), book.most)
    if not moved:
        return  # the node had sent all of its requests
    book.assign(moved, at)
    _note_gap(book, name, begin, at)
    book.record_event(at, "rebalanced", _moves(name, len(threads), begin, moved), name, int(begin))


def _note_gap(book: RunBook, name: str, begin: float, at: Moment) -> None:
    """Between the node's last delta and `begin` nobody counts what these threads do."""
    seen = book.ledger.last_second(name)
    first = 0 if seen is None else seen + 1
    if first < begin:
        book.gaps.note(name, LOSS, int(begin) - first)
        text = f"no counts of {name}'s part from second {first} to {begin:.0f}"
        book.record_event(at, "gap", text, name, first)


def _moves(name: str, threads: int, begin: float, moved: Sequence[NodeTask]) -> str:
    to = ", ".join(f"{each.name} {len(each.threads)}" for each in moved)
    many = f"{counted(threads, 'thread')} of {name} {'moves' if threads == 1 else 'move'}"
    return f"{many} from second {begin:.0f} on: {to}"


def _left(book: RunBook, lost: Sequence[Assignment]) -> int | None:
    """How many requests (with scenarios: sessions) of these assignments are not known to have begun; None where the
    task has no number of them.

    In an open loop the schedule limits those of the whole cluster, and slots that have passed are not made up
    for.
    """
    if book.task.requests is None or book.task.open_loop:
        return None
    begun = book.ledger.begun
    return sum(max(0, (each.node_task.requests or 0) - begun(each.name, each.epoch)) for each in lost)
