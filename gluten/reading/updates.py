"""The updates of a run that is over, as the messages of gRPC's `Watch`."""

from __future__ import annotations

from gluten.net.rpc import convert, paging
from gluten.net.rpc.lengths import joined
from gluten.webui.api.answers import Question, Reads
from gluten.webui.http.answer import Answer


def updates(runs: Reads, question: Question) -> Answer:
    ref, after = question.refs[0], question.more["after"]
    update = runs.update(ref, after)
    if update["version"] < after:  # a version from before the master was restarted
        after, update = 0, runs.update(ref)
    parts = paging.parts(convert.update_to_proto(update), after)
    return Answer(200, joined(part.SerializeToString() for part in parts))
