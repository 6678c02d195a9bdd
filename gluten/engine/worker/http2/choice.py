"""Chooses what speaks the protocol of the task. A task of HTTP/1 starts sooner without the modules of HTTP/2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gluten.engine.worker.http1_session import Http1Session
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Mailbox
from gluten.engine.worker.recording.recorder import Recorders
from gluten.engine.worker.request_sender import RequestSender
from gluten.engine.worker.slots import SlotTable
from gluten.engine.worker.thread import LoadThread, Sender
from gluten.engine.worker.transport.dialer import Dialer
from gluten.engine.worker.transport.transport import MakeTransport, Transport
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.engine.worker.http2.http2_session import Http2Session

Open = Callable[[LoadThread, float | None, MakeTransport], Sender]


def transports_of(
    task: Task, make: MakeTransport, dialers: Sequence[Dialer], recorders: Recorders, slots: SlotTable, open_: Open
) -> Callable[[LoadThread], MakeTransport]:
    """What makes the transports of a connection of a thread. `make` makes one that nobody shares, `dialers` are those
    of the hosts. `open_` opens a stream more on a connection."""
    if not task.http2:
        return lambda _thread: make
    from gluten.engine.worker.http2.stream_groups import StreamGroups

    groups = StreamGroups(
        task.streams,
        make,
        lambda host: dialers[host].scheme,
        recorders.connections,
        slots,
        lambda thread, streams: open_(thread, None, streams),
    )
    return groups.begin


def open_session(
    context: SessionContext,
    thread: LoadThread,
    transport: Transport,
    mailbox: Mailbox,
    make: MakeTransport,
    make_sender: Callable[[int], RequestSender] | None = None,
) -> Http1Session | Http2Session:
    """A session over `transport`, which `make` has made."""
    if not context.task.http2:
        return Http1Session(context, thread, transport, mailbox, make_sender)
    from gluten.engine.worker.http2.http2_session import Http2Session
    from gluten.engine.worker.http2.stream_transport import Streams

    assert isinstance(make, Streams)
    return Http2Session(context, thread, transport, mailbox, make, make_sender)
