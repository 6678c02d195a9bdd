"""`gluten runs`, `gluten nodes` and `gluten report`: print what a master knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gluten import units
from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect
from gluten.cli.output import check_format
from gluten.cli.reports.outputs import check_report, write_report
from gluten.cli.reports.reading import is_file, read, whole
from gluten.escapes import escaped
from gluten.plan.run_state import FINAL
from gluten.report.formats.table import align
from gluten.slo.shown import missed
from gluten.units import format_count, format_micros, format_rate

if TYPE_CHECKING:
    from gluten.documents import NodeDocument, RunDocument

PLAIN = ("text", "json")


def runs(arguments: Arguments) -> int:
    wanted = check_format(arguments, PLAIN)
    limit = arguments.read("limit", units.parse_count, 20)
    with connect(arguments) as client:
        found = client.runs(limit, search=arguments.get("search", ""))
    _print({"runs": found}, wanted, _runs_table(found))
    return 0


def nodes(arguments: Arguments) -> int:
    wanted = check_format(arguments, PLAIN)
    with connect(arguments) as client:
        found = client.nodes()
    _print({"nodes": found}, wanted, _nodes_table(found))
    return 0


def report(arguments: Arguments) -> int:
    """Print the report of a run of a master, or of a file."""
    check_report(arguments)
    word = arguments.words[0]
    if is_file(word):
        with whole(word):
            write_report(arguments, read(word))
        return 0
    with connect(arguments) as client:
        write_report(arguments, client.report(word))
    return 0


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A text table. Columns are aligned, with two spaces between them. Cells may hold what others wrote."""
    cells = [[escaped(cell) for cell in row] for row in rows]
    return "\n".join(align((head, *cells), "<" * len(head), indent=""))


def _print(document: dict[str, Any], wanted: str, text: str) -> None:
    print(json.dumps(document, indent=2) if wanted == "json" else text)


def _runs_table(found: Sequence[RunDocument]) -> str:
    rows: list[tuple[str, ...]] = [
        (
            str(run["number"]),
            run["id"][:8],
            run["state"],
            run["verdict"]["value"] if run["verdict"] else "-",
            _slos(run),
            run["started_at"] or run["created_at"] or "",
            format_count(run["rate"] or 0) if run["started_at"] else "-",
            format_micros(run["p99"]) if run["p99"] else "-",
            run["name"] or run["url"],
        )
        for run in found
    ]
    head: tuple[str, ...] = ("RUN", "ID", "STATE", "VERDICT", "SLO", "STARTED", "REQ/S", "P99", "NAME")
    if all(_slos(run) == "-" for run in found):
        head, rows = (*head[:4], *head[5:]), [(*row[:4], *row[5:]) for row in rows]
    if any(run.get("capacity") for run in found):
        head = (*head[:-1], "CAPACITY", head[-1])
        rows = [(*row[:-1], _capacity(run), row[-1]) for row, run in zip(rows, found, strict=True)]
    return table(head, rows)


def _slos(run: RunDocument) -> str:
    """Whether a run that is over has missed SLOs, which its verdict does not say."""
    entries = run.get("slo") or []
    if run["state"] not in FINAL or not entries:
        return "-"
    return "missed" if any(missed(entries, bool(run["task"].get("slo_sure")))) else "hold"


def _capacity(run: RunDocument) -> str:
    """The highest rate that held in a search."""
    capacity = run.get("capacity")
    return "-" if capacity is None or capacity["holds"] is None else format_rate(capacity["holds"])


def _nodes_table(found: Sequence[NodeDocument]) -> str:
    rows = [
        (
            node["name"],
            node["role"],
            node["state"],
            str(node["cores"]),
            "-" if node["state"] in ("left", "lost") else f"{node['cpu'] or 0:.0%}",
            node["version"],
            node["address"] or "-",
            f"{node['age']:.1f}s",
        )
        for node in found
    ]
    return table(("NODE", "ROLE", "STATE", "CORES", "CPU", "VERSION", "ADDRESS", "HEARD"), rows)
