"""Runs side by side as text: what it comes to, then a table with a column for each run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from gluten.report.formats.table import align


def as_text(runs: Sequence[Named]) -> str:
    """The whole comparison. Each later run has its change, too, and whether that exceeds the noise."""
    text = [headline(runs[0], other) for other in runs[1:]]
    text += [*_columns(runs, columns_of(runs)), *capacities(runs), *_named(runs)]
    text += [*_counts("Responses and errors", status_rows(runs), runs), *_counts("SLO", slo_rows(runs), runs)]
    for other in runs[1:]:
        text += [f"Unlike: {runs[0].name} and {other.name}: {why}" for why in why_unlike(runs[0], other)]
    return "\n".join(text)


def _columns(runs: Sequence[Named], columns: Columns) -> Iterator[str]:
    yield from align([head_of(runs), *rows_of(columns)], "<>" + ">><" * len(columns), indent="")


def _named(runs: Sequence[Named]) -> Iterator[str]:
    """A table for each scenario and each request. `--max-regression` judges the whole runs alone."""
    for title, found in (("Scenario", by_scenario(runs)), ("Request", by_request(runs))):
        for name, columns in found:
            yield from ("", f"{title} {name}:", *_columns(runs, columns))


def _counts(title: str, rows: Sequence[Sequence[str]], runs: Sequence[Named]) -> list[str]:
    head = [title, *(run.name for run in runs)]
    return list(align([head, *rows], "<" * len(head), indent="")) if rows else []
