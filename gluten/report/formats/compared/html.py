"""Runs side by side as one HTML file. It has no script and needs no network. It looks as the HTML report."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.report.compared.headline import headline
from gluten.report.compared.named import Named, why_unlike
from gluten.report.formats.compared.tables import (
    Columns,
    by_request,
    by_scenario,
    capacities,
    columns_of,
    head_of,
    rows_of,
    slo_rows,
    status_rows,
)
from gluten.report.formats.markup import escape, listed, notice, page, panel, table
from gluten.version import __version__


def as_html(runs: Sequence[Named]) -> str:
    """The whole page."""
    title = f"Compare {', '.join(run.name for run in runs)}"
    body = [
        _head(title, runs),
        *(_verdict(runs[0], other) for other in runs[1:]),
        panel("Figures", _columns(runs, columns_of(runs)) + listed(capacities(runs))),
        *(panel(f"Scenario {name}", _columns(runs, columns)) for name, columns in by_scenario(runs)),
        *(panel(f"Request {name}", _columns(runs, columns)) for name, columns in by_request(runs)),
        *_by_run("Responses and errors", status_rows(runs), runs, "n"),
        *_by_run("SLOs", slo_rows(runs), runs, "t"),
    ]
    return page(title, body, f"GLuTEN {__version__}")


def _head(title: str, runs: Sequence[Named]) -> str:
    return f'<div class="runhead"><div><h1>{escape(title)}</h1>{"".join(map(_facts, runs))}</div></div>'


def _facts(run: Named) -> str:
    report = run.report
    facts = [run.name, report["name"], report["url"], report["started_at"], f"verdict {report['verdict']['value']}"]
    return f'<p class="when">{escape(" · ".join(str(fact) for fact in facts if fact))}</p>'


def _verdict(first: Named, other: Named) -> str:
    """The headline, and below it what makes the two unlike."""
    why = why_unlike(first, other)
    return notice(f"<strong>{escape(headline(first, other))}</strong>{listed(why)}", "warn" if why else "")


def _columns(runs: Sequence[Named], columns: Columns) -> str:
    return table(head_of(runs), rows_of(columns), "hn" + "nnm" * len(columns))


def _by_run(title: str, rows: Sequence[Sequence[str]], runs: Sequence[Named], kind: str) -> list[str]:
    """A table with a column for each run. `kind`: of its cells."""
    head = ["", *(run.name for run in runs)]
    return [panel(title, table(head, rows, "h" + kind * len(runs)))] if rows else []
