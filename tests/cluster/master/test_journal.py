"""A store that fails or is slow is said to people who look, and in the log."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gluten.audit import AuditEntry
from gluten.cluster.master.journal import SLOW, Journal
from tests.support.world import AsyncStore

ADVICE = "see that no other program holds it, and that its disk keeps up"
NOTHING_LOST = "(what is counted waits for it, and nothing is lost)"


class SlowStore:
    """A store in which a write takes so many seconds. `meanwhile` is called at its end."""

    def __init__(self, seconds: float, meanwhile: Callable[[], None]) -> None:
        self.seconds, self.clock, self.meanwhile = seconds, 1000.0, meanwhile
        self.label = "sqlite:///d/gluten.db"

    def add_audit(self, entries: list[AuditEntry]) -> None:
        self.clock += self.seconds
        self.meanwhile()


@pytest.mark.parametrize(("seconds", "is_said"), [(SLOW, True), (SLOW - 0.1, False)])
def test_a_slow_write_is_said_while_it_lasts_and_afterwards(
    seconds: float, is_said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    store = SlowStore(seconds, lambda: seen.append(journal.notice))
    journal = Journal(store, lambda: store.clock)  # type: ignore[arg-type]
    journal.note(AuditEntry("x", "web"))
    assert journal.flush()
    database = "database sqlite:///d/gluten.db: it"
    assert seen == [f"{database} has not answered for 5 s: {ADVICE} {NOTHING_LOST}" if is_said else ""]
    assert journal.notice == "", "it is over"
    assert caplog.messages == ([f"{database} took 5 s: {ADVICE}; what had to be stored waited"] if is_said else [])


def test_a_store_that_is_away_is_said_once_and_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    store = AsyncStore.open("sqlite:///:memory:")
    journal = Journal(store, lambda: 0.0)
    journal.note(AuditEntry("x", "web"))
    store.away = True
    assert not journal.flush()
    assert not journal.flush()
    assert journal.notice == f"database: gone; start it {NOTHING_LOST}"
    store.away = False
    assert journal.flush()
    assert caplog.messages == ["database: gone; start it; what has to be stored waits", "the database is back"]
