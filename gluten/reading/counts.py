"""What the named requests of a stored run have counted, as `/metrics` has it of a run at hand."""

from __future__ import annotations

import time

from gluten.reading.stored_runs import StoredRuns
from gluten.stats.request_stats import Stats
from gluten.webui.api.answers import Question
from gluten.webui.api.prometheus.kept_counts import line_of
from gluten.webui.http.answer import Answer

LONGEST = 5.0
"""Seconds that such a question may take. After that, other questions should not wait for it any longer."""


def counts(runs: StoredRuns, question: Question, longest: float = LONGEST) -> Answer:
    """Raises NotFound, StoreError; WrongState if it takes too long."""
    until = time.monotonic() + longest
    total, timed = runs.sums(question.refs[0], lambda: time.monotonic() > until)
    lines = (line_of(name, stats, timed.by_name.get(name, Stats()).response) for name, stats in total.by_name.items())
    return Answer(200, lines)
