"""What follows for a run when a node is asked to do its setup or teardown, and when it answers. Pure."""

from __future__ import annotations

from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run_book import RunBook
from gluten.cluster.run.run_chores import ASKED, BEGUN, DONE, DUE, FAILED, RunChore
from gluten.plan.chores import SETUP, TEARDOWN, ChoreDone
from gluten.plan.run_state import FAILED as RUN_FAILED
from gluten.plan.run_state import STARTING, STOPPING


def ask(book: RunBook, chore: RunChore, name: str, node: str, at: Moment) -> None:
    """Record that the node of this name and id has been asked to do the chore."""
    chore.state, chore.name, chore.node, chore.since, chore.asked = ASKED, name, node, at.now, at.now
    if chore.kind == SETUP:
        book.state = STARTING
    book.reason = f"waits for {chore.kind} on {name}"
    book.record_event(at, chore.kind + BEGUN, book.reason, name)


def answered(book: RunBook, name: str, node: str, done: ChoreDone, at: Moment) -> None:
    """A node reports the outcome of a chore. The report counts only if this node was asked."""
    chore = book.chores.of(done.kind)
    if chore is None or chore.name != name or book.final:
        return
    if chore.state == ASKED and chore.node == node:
        over(book, chore, done, at)
    elif chore.kind == SETUP and chore.state == DONE and book.chores.forgotten and not done.reason:
        # It did the setup for the master before this one.
        book.chores.taken, book.chores.forgotten = done.taken, False
        book.touch()


def over(book: RunBook, chore: RunChore, done: ChoreDone, at: Moment) -> None:
    """The chore is done, or has failed. Continue the run, or end it."""
    chore.state = FAILED if done.reason else DONE
    book.record_event(at, done.event, done.text, chore.name)
    if chore.kind == TEARDOWN:
        assert book.wanted is not None
        book.finish(*book.wanted, at)
    elif done.reason:
        book.finish(RUN_FAILED, f"node {chore.name}: {done.text}", done.fault, at)
    else:
        book.chores.taken, book.reason = done.taken, ""


def give_up(book: RunBook, chore: RunChore, why: str, at: Moment) -> None:
    """No node reports the outcome of the chore, so it counts as failed."""
    over(book, chore, ChoreDone(book.id, chore.kind, why, "", {}, 0.0), at)


def end(book: RunBook, outcome: tuple[str, str, str], at: Moment) -> None:
    """The load is over, and the run ends with this state, reason and kind. Its teardown comes first."""
    teardown = book.chores.teardown
    if teardown is None or not book.chores.owes_teardown(book.start is not None):
        book.finish(*outcome, at)
    elif not teardown.waits:
        book.wanted, book.state, book.ending_since, teardown.state = outcome, STOPPING, at.now, DUE
        book.touch()
        if book.withheld:
            give_up(book, teardown, book.withheld, at)
