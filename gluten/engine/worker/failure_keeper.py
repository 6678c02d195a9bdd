"""Keeps the first request of each kind that was not good, with its response. Secrets are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gluten.engine.fault import Fault
from gluten.engine.parts import WorkerTask
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http_session import Sends
from gluten.engine.worker.recording.recorder import Outcome
from gluten.stats.failure import MAX_KINDS
from gluten.task.secrets import is_secret

# Most runs have no failure: these modules are loaded with the first one.
if TYPE_CHECKING:
    from gluten.engine.worker.requests.exchange import Redactor


class FailureKeeper:
    """`second` is the run-second now. `conceals`: requests hold secrets."""

    def __init__(self, job: WorkerTask, second: Callable[[], int]) -> None:
        self._job, self._second = job, second
        secrets = [is_secret(name) for name, _ in job.task.env]
        if job.workload is not None:
            workload = job.workload.workload
            secrets += [feed.secret for feed in workload.feeds]
            secrets += [is_secret(name) for name in workload.vars]
            secrets += [is_secret(name) for request in workload.requests for name, _ in request.takes]
        self.conceals = job.task.secret or any(secrets)

    def keep_bad(self, sends: Sends, framing: Framing, pieces: Sequence[bytes], outcome: Outcome | None) -> None:
        """A response is not good."""
        kinds = [f"status {framing.status}"]
        if outcome is not None and sends.named.expectations is not None:
            kinds = sends.named.expectations.kinds(framing.status, outcome)
        new = [kind for kind in kinds if self._is_new(sends, kind)]
        if not new:
            return
        from gluten.engine.worker.requests.exchange import bad_answer

        kept = bad_answer(
            self._second(), self._job.node, sends.request, framing, pieces, self._redactor(sends), self._origin(sends),
            sends.trace,
        )  # fmt: skip
        for kind in new:
            sends.named.recorder.keep(kind, kept)

    def keep_failed(self, sends: Sends, fault: Fault) -> None:
        """A request has failed."""
        if not self._is_new(sends, fault.kind):
            return
        from gluten.engine.worker.requests.exchange import failure

        kept = failure(
            self._second(), self._job.node, sends.request, self._redactor(sends), self._origin(sends), str(fault),
            sends.trace,
        )  # fmt: skip
        sends.named.recorder.keep(fault.kind, kept)

    def _is_new(self, sends: Sends, kind: str) -> bool:
        """Only the first ones are kept, and noted as seen."""
        seen = sends.named.seen
        if kind in seen or len(seen) >= MAX_KINDS:
            return False
        seen.add(kind)
        return True

    def _origin(self, sends: Sends) -> str:
        part = self._job.workload
        if part is not None:
            return part.workload.origins[sends.named.host]
        parts = self._job.task.target
        return f"{parts.scheme}://{parts.netloc}"

    def _redactor(self, sends: Sends) -> Redactor:
        from gluten.engine.worker.requests.exchange import Redactor, secrets_of

        return Redactor(secrets_of(self._job.task, self._job.workload, sends.values), self._job.task.secret)
