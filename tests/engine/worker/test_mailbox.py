"""What is put into a mailbox wakes a greenlet that waits for it, and no other."""

from __future__ import annotations

from gluten.engine.worker.mailbox import Arrived, HandOver, Mailbox, Signal


def test_it_wakes_the_waiting_greenlet_once() -> None:
    woken: list[HandOver] = []
    mailbox = Mailbox(woken.append, lambda: Signal.WRITABLE)
    mailbox.put(Arrived(b"nobody waits yet"))
    assert mailbox.wait() is Signal.WRITABLE
    mailbox.put(Arrived(b"a"))
    mailbox.put(Arrived(b"nobody waits any more"))
    assert woken == [Arrived(b"a")]
