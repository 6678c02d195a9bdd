"""The files that workloads name, by HTTP: `/api/v1/files/SHA256`."""

from __future__ import annotations

from gluten.task.limits import MAX_FEED
from gluten.task.workload_fields import check_sha
from gluten.webui.api.web_facade import WebFacade
from gluten.webui.auth.gate import Gate
from gluten.webui.http.answer import Answer, json_answer
from gluten.webui.http.failure import Failure
from gluten.webui.http.web_request import Request


class FileApi:
    """The gate lets only admins put a file."""

    def __init__(self, master: WebFacade, gate: Gate) -> None:
        self._master, self._gate = master, gate

    def head(self, request: Request, sha: str) -> Answer:
        """200 where the master has the file, else 404."""
        return Answer(404 if self._master.missing_files([check_sha(sha)]) else 200)

    def put(self, request: Request, sha: str) -> Answer:
        """201 for a new file, 200 for a known one. The body is never in memory as a whole."""
        size = request.length
        if (size or 0) > MAX_FEED:
            raise Failure(413, f"body: {size} bytes; at most {MAX_FEED} are accepted", "body")
        if not self._master.missing_files([check_sha(sha)]):
            for _ in request.parts(MAX_FEED):
                pass  # a client that is not heard to the end may miss the answer
            return json_answer({"sha256": sha})
        self._store(request, sha, size)
        self._gate.note(request.audit_entry("upload", detail=f"file {sha[:12]}"))
        return json_answer({"sha256": sha}, 201)

    def _store(self, request: Request, sha: str, size: int | None) -> None:
        upload = self._master.upload(sha, size)
        try:
            for part in request.parts(MAX_FEED):
                upload.write(part)
            upload.finish()
        finally:
            upload.drop()
