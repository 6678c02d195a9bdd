"""Metrics of the cluster and of the active run (`docs/metrics.md`).

Samples about requests have their name as the label `request`. No sample is a total over the requests of a run.

There are samples about sessions only if a run has scenarios, and about the capacity only if a run searches for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gluten.documents import RunDocument
from gluten.plan.run_state import FINAL
from gluten.report.outcome import bad_status, errors_of
from gluten.slo.slo import HOLDS, UNMEASURED
from gluten.stats.request_stats import REQUEST
from gluten.version import __version__
from gluten.webui.api.openmetrics import Family, Labels, Sample
from gluten.webui.api.overview import ACTIVE
from gluten.webui.api.prometheus.exposition import MESSAGES_KIND, chosen, metrics_answer
from gluten.webui.api.prometheus.kept_counts import labelled
from gluten.webui.api.prometheus.request_metrics import Counted, counted, request_families
from gluten.webui.api.readings import Asker
from gluten.webui.api.recalled import MOST, Recalled
from gluten.webui.api.session_metrics import session_families
from gluten.webui.api.web_facade import WebFacade
from gluten.webui.http.answer import Answer
from gluten.webui.http.web_request import Request

LINGER = 120.0
"""Seconds that a run's counters are shown after its end, so that a last scrape gets its totals."""
NAMED = 256
"""Only the newest of the runs that are over are shown: as many as have at most this number of named requests in all."""
STATES = ("alive", "suspect", "lost", "left")
LOOK_BACK, PAGE = 200, 20
"""How many runs are looked at in all, and how many in one page."""
Nodes = Sequence[Mapping[str, Any]]
Runs = Sequence[Mapping[str, Any]]
"""Their figures are looked up by name."""


def metrics(master: WebFacade, request: Request, wall: float, recalled: Recalled) -> Answer:
    """The answer to `GET /metrics`. `wall` is Unix seconds. `recalled` knows of runs that are not at hand any more."""
    kind = chosen(request.headers.get("accept", ""))
    native = kind == MESSAGES_KIND
    nodes, runs = master.nodes(), _newest(master, wall)
    active = [run for run in runs if run["state"] in ACTIVE]
    recent = _recent(runs, wall)
    shown = [*active, *recent]
    found = [one for run in shown for one in _counted(master, run, native)]
    found += _recalled(recalled, Asker.of(request), _not_at_hand(recent[:MOST], found), native)
    families = [
        *_cluster(nodes, runs),
        *_counters(shown),
        *_gauges(active),
        *request_families(found),
        _slos(shown),
        _verdicts(recent),
        *_capacity(shown),
    ]
    families += session_families([(_labels(run), run) for run in shown], [(_labels(run), run) for run in active])
    return metrics_answer(kind, families)


def _recent(runs: Runs, wall: float) -> list[Mapping[str, Any]]:
    found, names = [], 0
    for run in runs:
        if run["state"] not in ACTIVE and wall - _unix(run.get("ended_at")) < LINGER:
            names += len(run.get("by_request") or ()) or 1
            if names > NAMED:
                break
            found.append(run)
    return found


def _counted(master: WebFacade, run: Mapping[str, Any], native: bool) -> Iterator[Counted]:
    """The counts of each request of a run that is at hand. Other greenlets have a turn between two requests."""
    labels = {of_request["request"]: of_request for of_request, _ in _requests(run)}
    for name, stats, times in master.counted(run["id"]):
        if name in labels:
            yield counted(labels[name], stats, times, native)


def _not_at_hand(runs: Runs, found: Iterable[Counted]) -> Runs:
    """The runs that have sent requests, and whose counts are not in `found`."""
    there = {of_request.labels["run"] for of_request in found}
    return [run for run in runs if run["id"] not in there and run.get("sent")]


def _recalled(recalled: Recalled, asker: Asker, runs: Runs, native: bool) -> Iterator[Counted]:
    for run, by_name in zip(runs, recalled.of(asker, [str(run["id"]) for run in runs]), strict=True):
        for labels, _ in _requests(run):
            if of_request := by_name.get(labels["request"]):
                yield labelled(labels, of_request, native)


def _newest(master: WebFacade, wall: float) -> list[RunDocument]:
    """The newest runs. Further pages are read as long as one has a run that is not over, or has just ended."""
    found: list[RunDocument] = []
    before: int | None = None
    while len(found) < LOOK_BACK:
        page = master.runs(limit=PAGE, before=before, search="")
        found += page
        if len(page) < PAGE or not any(_is_fresh(run, wall) for run in page):
            break
        before = page[-1]["number"]
    return found


def _is_fresh(run: RunDocument, wall: float) -> bool:
    return run["state"] not in FINAL or wall - _unix(run.get("ended_at")) < LINGER


def _unix(at: str | None) -> float:
    return datetime.fromisoformat(at).timestamp() if at else 0.0


def _cluster(nodes: Nodes, runs: Runs) -> list[Family]:
    counts = [({"state": state}, sum(node["state"] == state for node in nodes)) for state in STATES]
    present = [node for node in nodes if node["state"] in ("alive", "suspect")]
    queued, active = (sum(run["state"] in states for run in runs) for states in (("queued",), ACTIVE))
    return [
        Family("gluten_build", "info", "The master's version.", [({"version": __version__}, 1)]),
        Family("gluten_nodes", "gauge", "Nodes by state.", [(labels, float(count)) for labels, count in counts]),
        Family("gluten_node_cores", "gauge", "Cores of a node.", [_sample(node, "cores") for node in present]),
        Family(
            "gluten_node_cpu_ratio",
            "gauge",
            "CPU of a node in use, 0 to 1.",
            [_sample(node, "cpu") for node in present],
            "ratio",
        ),
        Family(
            "gluten_node_heartbeat_age_seconds",
            "gauge",
            "Time since the last heartbeat of a node.",
            [_sample(node, "age") for node in present],
            "seconds",
        ),
        Family("gluten_runs_queued", "gauge", "Runs that wait in the queue.", [({}, queued)]),
        Family("gluten_runs_active", "gauge", "Active runs.", [({}, active)]),
    ]


def _sample(node: Mapping[str, Any], key: str) -> Sample:
    return {"node": str(node["name"]), "role": str(node["role"])}, float(node.get(key) or 0)


_COUNTERS = (
    ("sent", "Requests sent in this run."),
    ("completed", "Complete responses in this run, with any status."),
    ("good", "Responses in this run that were as expected."),
    ("bad_status", "Responses in this run that were not: a status of 400 or above, or a check that failed."),
    ("failed", "Requests that got no response in this run."),
    ("error", "Requests of this run that failed or were not answered as expected."),
    ("dropped", "Planned requests of this run that were not sent, because no connection was free."),
)
_GAUGES = (
    ("in_flight", "gluten_run_in_flight_requests", "Requests in flight.", 1.0, ""),
    ("rate", "gluten_run_achieved_rate", "Completed requests a second, mean of the run so far.", 1.0, ""),
    ("asked_rate", "gluten_run_asked_rate", "Requests, or sessions, a second that were asked for last.", 1.0, ""),
    ("p50", "gluten_run_response_time_p50_seconds", "Median response time so far.", 1e-6, "seconds"),
    ("p95", "gluten_run_response_time_p95_seconds", "95th percentile response time so far.", 1e-6, "seconds"),
    ("p99", "gluten_run_response_time_p99_seconds", "99th percentile response time so far.", 1e-6, "seconds"),
    ("elapsed", "gluten_run_elapsed_seconds", "Time since the start of load.", 1.0, "seconds"),
)


OF_REQUESTS = frozenset({"in_flight", "rate", "p50", "p95", "p99"})
"""The gauges that each named request has."""


def _counters(runs: Runs) -> Iterator[Family]:
    for key, text in _COUNTERS:
        samples = [(labels, float(_count(part, key))) for run in runs for labels, part in _requests(run)]
        yield Family(f"gluten_run_{key}_requests", "counter", text, samples)


def _count(run: Mapping[str, Any], key: str) -> float:
    if key == "bad_status":
        return bad_status(run)
    if key == "error":
        return errors_of(run)
    return float(run.get(key) or 0)


def _gauges(runs: Runs) -> Iterator[Family]:
    for key, name, text, scale, unit in _GAUGES:
        found = [one for run in runs for one in (_requests(run) if key in OF_REQUESTS else [(_labels(run), run)])]
        known = [(labels, figures[key] * scale) for labels, figures in found if figures.get(key) is not None]
        yield Family(name, "gauge", text, known, unit)


def _slos(runs: Runs) -> Family:
    """An SLO of which nothing was measured so far has no sample."""
    found = [
        (_labels(run) | {"slo": str(entry["slo"])}, float(entry["state"] == HOLDS))
        for run in runs
        for entry in run.get("slo") or ()
        if entry["state"] != UNMEASURED
    ]
    return Family("gluten_slo", "gauge", "Whether an SLO of this run holds, 1, or is missed, 0.", found)


def _verdicts(runs: Runs) -> Family:
    """A run that is not over has none."""
    judged = [(_labels(run), run["verdict"]) for run in runs if run.get("verdict")]
    samples = [(labels | {"verdict": str(verdict["value"])}, 1.0) for labels, verdict in judged]
    return Family("gluten_run_verdict", "gauge", "The verdict on a run that is over; its sample is 1.", samples)


def _capacity(runs: Runs) -> list[Family]:
    """Nothing where no run searches for it."""
    searches = [(_labels(run), run["capacity"]) for run in runs if run.get("capacity")]
    text = "The highest rate at which the SLOs of this run held, and the lowest above it at which one did not."
    found = [
        (labels | {"bound": bound}, float(capacity[bound]))
        for labels, capacity in searches
        for bound in ("holds", "misses")
        if capacity[bound] is not None
    ]
    return [Family("gluten_run_capacity_rate", "gauge", text, found)] if searches else []


def _requests(run: Mapping[str, Any]) -> list[tuple[Labels, Mapping[str, Any]]]:
    """The figures of each named request of the run. A run of one URL has one, whose figures are the run's."""
    named = run.get("by_request")
    if not named:
        return [(_labels(run) | {"request": REQUEST}, run)]
    return [(_labels(run) | {"request": str(part["name"])}, part) for part in named]


def _labels(run: Mapping[str, Any]) -> Labels:
    return {"run": str(run["id"]), "number": str(run["number"]), "name": str(run.get("name") or "")}
