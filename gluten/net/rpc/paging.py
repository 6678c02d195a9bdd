"""Cuts answers into messages that every gRPC client accepts; most accept 4 MiB. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gluten.documents import RunDocument
from gluten.net import gluten_pb2 as pb
from gluten.net.rpc import convert

PART = 1 << 20
"""Approximate bytes of one part of a stream."""
PAGE = 3 << 20
"""Bytes of a list at most, except for a single larger item."""


def parts(update: pb.Update, after: int) -> Iterator[pb.Update]:
    """Cut an update into messages of about `PART` bytes. The update of a long run is large.

    All messages except the last one have the version that was asked for. If the stream breaks between them, the client
    starts again from there. Rows may then arrive twice (their second identifies them), events cannot.
    """
    rows: list[pb.SecondRow] = []
    size = 0
    for row in update.rows:
        if rows and size + row.ByteSize() > PART:
            yield pb.Update(version=after, run=update.run, rows=rows)
            rows, size = [], 0
        rows.append(row)
        size += row.ByteSize()
    yield pb.Update(version=update.version, run=update.run, rows=rows, events=update.events, final=update.final)


def page(runs: Iterable[RunDocument]) -> pb.ListRunsReply:
    """As many runs as fit into `PAGE` bytes. The next page has the others."""
    reply = pb.ListRunsReply()
    size = 0
    for run in map(convert.run_to_proto, runs):
        size += run.ByteSize()
        if size > PAGE and reply.runs:
            break
        reply.runs.append(run)
    return reply
