"""The HTML pages. Each page holds the data of its first view. Its JavaScript module draws and updates it."""

from __future__ import annotations

from collections.abc import Mapping

from gluten.documents import Plain, RunDocument
from gluten.errors import GlutenError
from gluten.task.task import Task
from gluten.webui.api.api import MAX_COMPARED
from gluten.webui.api.overview import asked_overview, node_list
from gluten.webui.api.readings import Asker, ReadHere, Readings
from gluten.webui.api.web_facade import WebFacade
from gluten.webui.http.answer import Answer
from gluten.webui.http.failure import Failure
from gluten.webui.http.frame import Frame
from gluten.webui.http.web_request import Request


class Pages:
    """Handlers of the master's pages. `readings` are told of who looks at a page that soon asks for a run."""

    def __init__(self, master: WebFacade, frame: Frame, readings: Readings | None = None) -> None:
        self._master = master
        self._frame = frame
        self._readings = readings or ReadHere(master, {})

    def dashboard(self, request: Request) -> Answer:
        """The runs that the address asks for, as `GET /api/v1/overview` does."""
        self._readings.expect(Asker.of(request))
        shown = asked_overview(self._master, request) | {"most": MAX_COMPARED}
        return self._frame.page(request, "dashboard", "Dashboard", shown)

    def nodes(self, request: Request) -> Answer:
        return self._frame.page(request, "nodes", "Nodes", node_list(self._master))

    def run(self, request: Request, ref: str) -> Answer:
        self._readings.expect(Asker.of(request))
        run = self._master.run(ref)
        return self._frame.page(request, "run", _title(run), {"run": run})

    def new(self, request: Request) -> Answer:
        """The form for a new run. With `?from=`, it is filled with that run's task."""
        if request.principal is not None and not request.principal.may_change:
            raise Failure(403, "a viewer may look but may not start a run: log in with the cluster's key")
        source, values = request.query.get("from", ""), Task("http://127.0.0.1:8080/").redacted()
        found = self._master.run(source) if source else None
        task = found["task"] if found else values | {"url": "", "duration": None, "threads": None, "connections": None}
        origin = {"id": found["id"], "number": found["number"]} if found else None
        return self._frame.page(request, "new", "New run", {"task": task, "from": origin, "defaults": values})

    def compare(self, request: Request) -> Answer:
        """Compare the runs of `?runs=6,7,8` with the first of them. More runs can be chosen on the page."""
        chosen = {run["id"]: run for run in map(self._master.run, _chosen_runs(request.query))}
        if len(chosen) > MAX_COMPARED:
            raise Failure(400, f"runs: at most {MAX_COMPARED} runs are compared at once", "runs")
        runs = self._master.runs(limit=100, before=None, search="")
        shown = {"chosen": [_summary(run) for run in chosen.values()], "runs": [_summary(run) for run in runs]}
        return self._frame.page(request, "compare", "Compare", shown | {"most": MAX_COMPARED})


def _chosen_runs(query: Mapping[str, str]) -> list[str]:
    """The runs that the address of a comparison names. `?a=6&b=7` is the form of an earlier version."""
    return [ref for ref in (*query.get("runs", "").split(","), query.get("a", ""), query.get("b", "")) if ref]


def _title(run: RunDocument) -> str:
    return f"Run {run['number']} · {run['name']}" if run.get("name") else f"Run {run['number']}"


def _summary(run: RunDocument) -> Plain:
    return {key: run.get(key) for key in ("id", "number", "name", "url", "state", "started_at")}


def why_not_ready(master: WebFacade) -> str:
    """Why the master is not ready, or an empty text. It is ready if it can read its store."""
    try:
        master.runs(limit=1, before=None, search="")
        master.nodes()
    except GlutenError as error:
        return str(error)
    return ""
