"""Answers in messages that every gRPC client takes: 4 MiB is what most accept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gluten.net import gluten_pb2 as pb
from gluten.net.rpc import convert

PART = 1 << 20
"""Bytes of one part of a stream, about."""
PAGE = 3 << 20
"""Bytes of a list, at most, but for a single larger item."""


def parts(update: pb.Update, after: int) -> Iterator[pb.Update]:
    """The update in messages of about `PART` bytes, for a run of hours.

    All but the last keep the version that was asked for, so that a stream that breaks between them
    starts over: rows may come twice (they are known by their second), events never.
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


def page(runs: Iterable[Mapping[str, Any]]) -> pb.ListRunsReply:
    """As many runs as every gRPC client takes (4 MiB); the next page has the others."""
    reply = pb.ListRunsReply()
    size = 0
    for run in map(convert.run_to_proto, runs):
        size += run.ByteSize()
        if size > PAGE and reply.runs:
            break
        reply.runs.append(run)
    return reply
