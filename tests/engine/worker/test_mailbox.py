"""What is handed over wakes a greenlet that waits, and nobody else."""

from __future__ import annotations

from gluten.engine.worker.mailbox import Arrived, HandOver, Mailbox, Signal


def test_it_wakes_once_who_waits() -> None:
    woken: list[HandOver] = []
    mailbox = Mailbox(woken.append, lambda: Signal.WRITABLE)
    mailbox.put(Arrived(b"nobody waits yet"))
    assert mailbox.wait() is Signal.WRITABLE
    mailbox.put(Arrived(b"a"))
    mailbox.put(Arrived(b"nobody waits any more"))
    assert woken == [Arrived(b"a")]
