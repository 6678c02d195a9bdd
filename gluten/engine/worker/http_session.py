"""The interface between the load and a protocol: what a client and the attack ask of one connection to the target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from gluten.engine.fault import Fault
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.recording.recorder import Outcome
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import Sender
from gluten.errors import RowsUsed
from gluten.task.task import Task

# A task that is one URL needs no workload: its modules are not loaded then.
if TYPE_CHECKING:
    from gluten.workload.templates.values import Values


def keep_nothing(*_: object) -> None:
    """No failure is kept."""


def no_rows_used(_used: RowsUsed) -> None:
    """There are no feeds."""


KeepBad = Callable[["Sends", Framing, Sequence[bytes], Outcome | None], None]
KeepFailed = Callable[["Sends", Fault], None]


class Sends(Protocol):
    """What is known of the request that a slot sends."""

    named: Named
    values: Values | None
    request: bytes
    trace: str


class SessionContext:
    """What all sessions of a worker share. `kept`: a connection carries more than one request. `always_due`: the next
    request is due when the last one is answered. `rest_changed` is called when `responses.rest` has changed.

    `named`: the only named request, or the first one. `node` is its node's name. `rows_used` is called when a feed has
    no rows left, `keep_bad` when a response is not good, `keep_failed` when a request fails.
    `conceals`: what the target says may hold a secret that it was sent. `stop_run` is called with a reason when a
    request that is not good is to stop the run."""

    __slots__ = ("always_due", "conceals", "keep_bad", "keep_failed", "kept", "named", "node", "request",
                 "rest_changed", "rows_used", "scratch", "slots", "stop_run", "task")  # fmt: skip

    def __init__(
        self,
        *,
        task: Task,
        request: bytes,
        named: Named,
        slots: SlotTable,
        scratch: bytearray,
        kept: bool,
        always_due: bool,
        rest_changed: Callable[[], None],
        node: str = "",
        rows_used: Callable[[RowsUsed], None] = no_rows_used,
        keep_bad: KeepBad = keep_nothing,
        keep_failed: KeepFailed = keep_nothing,
        conceals: bool = False,
        stop_run: Callable[[str], None] = keep_nothing,
    ) -> None:
        self.task, self.request, self.named, self.slots = task, request, named, slots
        self.scratch, self.kept, self.always_due, self.rest_changed = scratch, kept, always_due, rest_changed
        self.node, self.rows_used, self.keep_bad, self.keep_failed = node, rows_used, keep_bad, keep_failed
        self.conceals, self.stop_run = conceals, stop_run

    @property
    def responses(self) -> Responses:
        """Those of a worker's only named request."""
        return self.named.responses


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
        """The request in flight has failed. A connection that only it used is closed."""

    def close(self) -> None:
        """End the connection. A request in flight stays in flight."""

    # In the hub.

    def choose_callback(self) -> None:
        """Choose the read callback again, because the attack's state or the target's responses have changed."""

    def choose_send(self) -> None:
        """Choose the send callback again, likewise."""

    def end(self) -> None:
        """No session begins any more. Wake the greenlet if none is under way."""

    def cut(self) -> None:
        """The session under way sends nothing more. What is in flight is awaited."""
