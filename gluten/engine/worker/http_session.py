"""The interface between the load and a protocol: what a client and the attack ask of one connection to the target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import Sender
from gluten.task.task import Task


class SessionContext:
    """What all sessions of a worker share. `kept`: a connection carries more than one request. `always_due`: the next
    request is due when the last one is answered. `rest_changed` is called when `responses.rest` has changed."""

    __slots__ = ("always_due", "kept", "request", "responses", "rest_changed", "scratch", "slots", "task")

    def __init__(
        self,
        *,
        task: Task,
        request: bytes,
        responses: Responses,
        slots: SlotTable,
        scratch: bytearray,
        kept: bool,
        always_due: bool,
        rest_changed: Callable[[], None],
    ) -> None:
        self.task, self.request, self.responses, self.slots = task, request, responses, slots
        self.scratch, self.kept, self.always_due, self.rest_changed = scratch, kept, always_due, rest_changed


class HttpSession(Protocol):
    """A connection that is opened when it is needed, and the protocol on it. The callback of its transport does what
    needs no waiting, in the hub. The greenlet that calls `serve` does the rest."""

    @property
    def sender(self) -> Sender:
        """What a thread hands due requests to."""

    @property
    def connected(self) -> bool:
        """True while there is a connection."""

    # In the session's greenlet.

    def connect(self) -> None:
        """Connect before a request is due. Raises `Fault`."""

    def pause(self) -> None:
        """Call nobody when bytes arrive, until `resume`."""

    def resume(self) -> None:
        """End `pause`."""

    def send(self, due: float) -> None:
        """Send the request that was due at `due`. Connect first if there is no connection. Raises `Fault`."""

    def serve(self) -> bool:
        """Wait for work from the hub, and do it. True: a request has its response, so ask the thread again. False:
        nothing more is to be sent. Raises `Fault`."""

    def fail(self, fault: Fault) -> None:
        """The request in flight has failed, so the connection is closed."""

    def close(self) -> None:
        """End the connection. A request in flight stays in flight."""

    # In the hub.

    def choose_callback(self) -> None:
        """Choose the read callback again, because the attack's state or the target's responses have changed."""

    def choose_send(self) -> None:
        """Choose the send callback again, likewise."""

    def end(self) -> None:
        """Nothing more is to be sent. Wake the greenlet if nothing is in flight."""
