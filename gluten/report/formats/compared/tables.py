"""What is shown of runs side by side, as texts: rows and heads of the tables in text, HTML and CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.report.compared.comparison import Difference, differences, figures, scenario_differences, slo_of, slo_texts
from gluten.report.compared.named import Named
from gluten.report.compared.shared_requests import of_request, shared_names
from gluten.report.compared.shared_scenarios import shared_scenarios
from gluten.report.compared.words import called, change, judged, shown
from gluten.report.compared_capacity import capacity_of, searched
from gluten.slo import shown as slos

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

Columns = Sequence[Sequence[Difference]]
"""The differences of each later run."""


def reports_of(runs: Sequence[Named]) -> list[Report]:
    return [run.report for run in runs]


def columns_of(runs: Sequence[Named]) -> Columns:
    """What each later run differs by from the first. A search is compared with searches by its capacity alone."""
    compared = differences if all(map(searched, reports_of(runs))) else figures
    return [compared(runs[0].report, other.report) for other in runs[1:]]


def head_of(runs: Sequence[Named]) -> list[str]:
    return ["", runs[0].name, *(cell for other in runs[1:] for cell in (other.name, "change", "noise?"))]


def rows_of(columns: Columns) -> list[list[str]]:
    """A row for each figure, below `head_of`."""
    rows = []
    for lines in zip(*columns, strict=True):
        cells = [cell for one in lines for cell in (shown(one.what, one.b), change(one), judged(one))]
        rows.append([called(lines[0].what), shown(lines[0].what, lines[0].a), *cells])
    return rows


def by_request(runs: Sequence[Named]) -> Iterator[tuple[str, Columns]]:
    """Each named request that all the runs have."""
    for name in shared_names(reports_of(runs)):
        yield name, columns_of([Named(run.name, of_request(run.report, name)) for run in runs])


def by_scenario(runs: Sequence[Named]) -> Iterator[tuple[str, Columns]]:
    """Each scenario that all the runs have."""
    names = shared_scenarios(reports_of(runs))
    found = [scenario_differences(runs[0].report, other.report) for other in runs[1:]] if names else []
    for name in names:
        yield name, [of_run[name] for of_run in found]


def status_rows(runs: Sequence[Named]) -> list[list[str]]:
    """Each status code but 200, and each kind of error, with its count in each run."""
    rows = []
    for title, key, left_out in (("status", "status", "200"), ("error", "errors", "")):
        known: list[Mapping[str, int]] = [run.report[key] for run in runs]  # type: ignore[literal-required]
        names = sorted({name for counts in known for name, times in counts.items() if times and name != left_out})
        rows += [[f"{title} {name}", *(f"{counts.get(name, 0):,}" for counts in known)] for name in names]
    return rows


def slo_rows(runs: Sequence[Named]) -> list[list[str]]:
    """Each SLO with its state and value in each run."""
    return [[text, *(_slo(slo_of(run.report, text)) for run in runs)] for text in slo_texts(reports_of(runs))]


def capacities(runs: Sequence[Named]) -> list[str]:
    """The answer of each search."""
    return [f"{name}: {found['text']}" for name, run in runs if (found := capacity_of(run)) is not None]


def _slo(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "-"
    more = f" ({found})" if (found := slos.notes(entry)) else ""
    return f"{slos.mark(entry)} {slos.value(entry)}{more}"
