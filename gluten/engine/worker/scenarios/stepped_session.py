"""What a user who runs sessions asks of a connection, whatever protocol it speaks."""

from __future__ import annotations

from typing import Protocol

from gluten.engine.worker.http_session import HttpSession, SessionContext
from gluten.engine.worker.mailbox import HandOver, Unsent


class SteppedSession(HttpSession, Protocol):
    """A session whose greenlet says what is sent, and waits for each response."""

    context: SessionContext

    @property
    def busy(self) -> bool:
        """True while a request is in flight."""

    def await_answer(self) -> None:
        """Wait for the response to the request in flight. Raises `Fault`."""

    def write_on(self, unsent: Unsent) -> None:
        """Write the rest of the request in flight. Raises `Fault`."""

    def go_on(self) -> None:
        """Send the request of a redirect, in place of the one in flight. Raises `Fault`."""

    def drop(self, what: HandOver) -> None:
        """Something came while nothing was in flight."""
