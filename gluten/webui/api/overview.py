"""What the dashboard and the page of the nodes show."""

from __future__ import annotations

from collections import Counter

from gluten.documents import NodeDocument, Plain
from gluten.listing import EVERY, SORTS, STATES, VERDICTS, Listing
from gluten.task.limits import MAX_NAME
from gluten.webui.api.web_facade import WebFacade
from gluten.webui.http.web_request import Request

ACTIVE = ("starting", "running", "stopping")
ORDERS = ("desc", "asc")
NODES_SHOWN = 8
MAX_RUNS = 500
"""Of a list."""
SPARKLINE_SECONDS = 120
MAX_WITH_HISTORY = 200
"""With more nodes, their histories are left out of the list: it is asked for each few seconds."""
_LIVE = Listing(states=("queued", *ACTIVE))


def asked_listing(request: Request) -> Listing:
    """Which runs a query asks for. Raises `Failure`."""
    state = request.choice("state", STATES)
    return Listing(
        states=(state,) if state else (),
        verdict=request.choice("verdict", VERDICTS),
        name=request.text("name", MAX_NAME),
        sort=request.choice("sort", SORTS, "number"),
        ascending=request.choice("order", ORDERS) == "asc",
    )


def asked_overview(master: WebFacade, request: Request) -> Plain:
    """The dashboard that a query asks for. Raises `Failure`."""
    limit = request.whole("limit", 25, 1, MAX_RUNS)
    return overview(master, limit, request.query.get("search", ""), asked_listing(request))


def overview(master: WebFacade, limit: int = 25, search: str = "", by: Listing = EVERY) -> Plain:
    """The data of the dashboard: counts of the nodes, a few nodes (lost ones first, none that left), active runs and a
    list of runs."""
    nodes = master.nodes()
    runs = master.runs(limit=limit, before=None, search=search, by=by)
    here = [node for node in nodes if node["state"] != "left"]
    live = master.runs(limit=MAX_RUNS, before=None, search="", by=_LIVE)
    current = next((run for run in live if run["state"] in ACTIVE), None)
    return {
        "notice": master.notice,
        "nodes": sorted(here, key=_lost_first)[:NODES_SHOWN],
        "counts": _counts(nodes),
        "current": current,
        "spark": master.pulse(current["id"], SPARKLINE_SECONDS) if current else [],
        "queued": [run for run in live if run["state"] == "queued"][::-1],
        "runs": runs,
        "next": runs[-1]["number"] if len(runs) == limit else None,
    }


def node_list(master: WebFacade) -> Plain:
    nodes = master.nodes()
    if len(nodes) > MAX_WITH_HISTORY:
        nodes = [_without_history(node) for node in nodes]
    return {"nodes": nodes, "counts": _counts(nodes)}


def _without_history(node: NodeDocument) -> NodeDocument:
    return {**node, "cpu_history": []}


def _lost_first(node: NodeDocument) -> tuple[int, bool, str]:
    order = {"lost": 0, "suspect": 1}
    return order.get(node["state"], 2), node["role"] != "master", node["name"]


def _counts(nodes: list[NodeDocument]) -> Plain:
    """The number, the states and the versions of the nodes.

    `cores` and `cpu` are those of nodes that take load now. `cpu` is their mean use, from 0 to 1.
    """
    usable = [node for node in nodes if node["state"] == "alive" and node.get("load", True)]
    cores = sum(node["cores"] for node in usable)
    return {
        "nodes": len(nodes),
        "cores": cores,
        "cpu": round(sum(node["cpu"] * node["cores"] for node in usable) / cores, 3) if cores else None,
        "versions": sorted({node["version"] for node in nodes if node["state"] in ("alive", "suspect")}),
        "states": dict(Counter(node["state"] for node in nodes)),
    }
