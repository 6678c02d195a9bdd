"""Sends the request of a task that is one URL at a rate: what the pacer calls for an idle stream."""

from __future__ import annotations

from typing import Protocol

from gluten.engine.worker.http2.connection import Connection
from gluten.engine.worker.http2.exchange import Exchange
from gluten.engine.worker.http2.link import Link
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.thread import SendCallback


class Shoots(Protocol):
    """The session of the stream."""

    context: SessionContext
    slot: int

    def follows(self, connection: Connection, link: Link) -> Exchange:
        """What its next request, which is on its way, is known by."""


def shooter(session: Shoots, link: Link, other: SendCallback) -> SendCallback:
    """As `read_callbacks.send_callback`: the recorder counts such a request, and its bytes, by its lateness. `other`
    sends it where there is no connection, or no stream on it, or where that is the connection's first request."""
    slots, slot = session.context.slots, session.slot
    late, starts, dues = session.context.named.recorder.shot.append, slots.starts, slots.dues

    def shoot(due: float, now: float) -> None:
        connection = link.current
        if connection is None or not connection.begins_at_once():
            return other(due, now)
        since = dues[slot]
        late(now - due if due > since else slots.at_fault(due, since, now))
        starts[slot] = now
        dues[slot] = due
        return connection.begin_again(session.follows(connection, link))

    return shoot
