"""The counts of runs that an earlier master has ended. The reading process adds them up, once for each run.

A question that fails because others ask much, or because the store is away, is asked again at the next scrape.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

import gevent

from gluten.errors import Busy, GlutenError, StoreError
from gluten.webui.api.answers import Question
from gluten.webui.api.prometheus.kept_counts import COUNTS, read_line
from gluten.webui.api.prometheus.request_metrics import Counted
from gluten.webui.api.readings import Asker, Readings

MOST = 8
"""Runs that are known at once. A master has as many that are over at hand."""
PATIENCE = 2.0
"""Seconds for which a scrape waits for the first answer about a run. A scrape may take ten."""
AGAIN = 0.1
"""The share of that for which it waits where an earlier question failed: a store that is away delays few scrapes."""
ByName = Mapping[str, Counted]
_NOTHING: ByName = {}
_MAY_PASS = (Busy, StoreError)
"""Failures after which the same question may have an answer."""


class Recalled:
    """Without `readings`, nothing is known of any run."""

    def __init__(self, readings: Readings | None, patience: float = PATIENCE) -> None:
        self._readings, self._patience = readings, patience
        self._known: OrderedDict[str, ByName | None] = OrderedDict()  # None: the last question failed

    def of(self, asker: Asker, runs: Sequence[str]) -> Sequence[ByName]:
        """The counts of each of these runs, by the names of requests. The scrape that asks waits a little. A run has no
        counts until they are read, and if they cannot be read."""
        if self._readings is not None and (unread := [run for run in runs if self._known.get(run) is None]):
            self._ask(self._readings, asker, unread)
        return [self._known.get(run) or _NOTHING for run in runs]

    def _ask(self, readings: Readings, asker: Asker, runs: Sequence[str]) -> None:
        """While a question waits for its answer, its run has no counts, so that nobody asks it twice."""
        is_new = any(run not in self._known for run in runs)
        self._known |= dict.fromkeys(runs, _NOTHING)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        asking = [gevent.spawn(self._learn, readings, asker, run) for run in runs]
        gevent.joinall(asking, self._patience if is_new else self._patience * AGAIN)

    def _learn(self, readings: Readings, asker: Asker, run: str) -> None:
        found: ByName | None = _NOTHING
        try:
            found = _read(readings, asker, run)
        except _MAY_PASS:
            found = None
        except GlutenError:
            pass
        if run in self._known:
            self._known[run] = found


def _read(readings: Readings, asker: Asker, run: str) -> ByName:
    """Raises GlutenError."""
    if readings.stored(run) is None:
        return _NOTHING
    body = readings.ask(asker, Question(COUNTS, (run,))).body
    if isinstance(body, bytes):
        return dict(map(read_line, body.splitlines()))
    try:
        return dict(map(read_line, _lines(body)))
    finally:
        if close := getattr(body, "close", None):
            close()


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
