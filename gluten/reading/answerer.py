"""Makes an answer of a question, in the reading process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from gluten.reading import shipment
from gluten.reading.counts import counts
from gluten.reading.stored_runs import StoredRuns
from gluten.reading.updates import updates
from gluten.store.store import Store
from gluten.webui.api.answers import Question, Renderer, answer
from gluten.webui.api.prometheus.kept_counts import COUNTS
from gluten.webui.http.answer import Answer
from gluten.webui.http.packing import is_worth_it, packed

_OWN: Mapping[str, Callable[[StoredRuns, Question], Answer]] = {"updates": updates, COUNTS: counts}
"""Questions that this process alone answers."""


class Answerer:
    def __init__(self, store: Store, formats: Mapping[str, Renderer]) -> None:
        self._store, self._formats = store, formats

    def reply(
        self, message: Mapping[str, Any], shipped: IO[bytes] | None, folder: Path
    ) -> tuple[dict[str, Any], IO[bytes]]:
        """The head of the answer, and its body in a file without a name. `shipped` has the reports of runs that are not
        stored yet. Raises GlutenError, OSError."""
        question = Question(message["kind"], tuple(message["refs"]), message["more"])
        runs = StoredRuns(self._store, message["base"], shipment.read(shipped) if shipped is not None else {})
        own = _OWN.get(question.kind)
        found = answer(runs, self._formats, question) if own is None else own(runs, question)
        body: Iterable[bytes] = [found.body] if isinstance(found.body, bytes) else found.body
        headers = dict(found.headers)
        if message["gzip"] and is_worth_it(found):
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            body = packed(body)
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- the caller closes it
        size = sum(file.write(part) for part in body)
        file.flush()
        return {"status": found.status, "headers": headers, "size": size}, file
