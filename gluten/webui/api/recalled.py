"""What runs have counted that an earlier master has ended: the reading process adds it up, once a run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

import gevent

from gluten.errors import Busy, GlutenError
from gluten.webui.api.answers import Question
from gluten.webui.api.prometheus.kept_counts import COUNTS, read_line
from gluten.webui.api.prometheus.request_metrics import Counted
from gluten.webui.api.readings import Asker, Readings

MOST = 8
"""Runs that are known at once. A master has as many that are over at hand."""
PATIENCE = 2.0
"""Seconds for which the first one waits. A scrape may take ten."""
ByName = Mapping[str, Counted]
_NOTHING: ByName = {}


class Recalled:
    """Without `readings`, nothing is known of any run."""

    def __init__(self, readings: Readings | None, patience: float = PATIENCE) -> None:
        self._readings, self._patience = readings, patience
        self._known: OrderedDict[str, ByName] = OrderedDict()

    def of(self, asker: Asker, runs: Sequence[str]) -> Sequence[ByName]:
        """Of each of these runs, by the names of requests. The first who asks waits a little. There is nothing until it
        is read, and where it cannot be read."""
        if self._readings is not None and (new := [run for run in runs if run not in self._known]):
            self._known |= dict.fromkeys(new, _NOTHING)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
            gevent.joinall([gevent.spawn(self._learn, self._readings, asker, run) for run in new], self._patience)
        return [self._known.get(run, _NOTHING) for run in runs]

    def _learn(self, readings: Readings, asker: Asker, run: str) -> None:
        try:
            found = _read(readings, asker, run)
        except Busy:
            self._known.pop(run, None)  # the next one asks again
        except GlutenError:
            return
        else:
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
