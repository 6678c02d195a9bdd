"""Runs side by side as CSV: a row for each figure of each later run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from gluten.report.compared.named import Named
from gluten.report.formats.compared.tables import Columns, by_request, by_scenario, columns_of

COLUMNS = ("run", "scenario", "request", "what", "first", "value", "change", "regression", "exceeds_noise", "p")


def as_csv(runs: Sequence[Named]) -> str:
    """Times are in microseconds. A cell without a value is empty: of the whole run, or too few seconds to say."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(runs, columns_of(runs)))
    for name, columns in by_scenario(runs):
        writer.writerows(_rows(runs, columns, scenario=name))
    for name, columns in by_request(runs):
        writer.writerows(_rows(runs, columns, request=name))
    return out.getvalue()


def _rows(runs: Sequence[Named], columns: Columns, scenario: str = "", request: str = "") -> Iterator[list[object]]:
    for other, found in zip(runs[1:], columns, strict=True):
        for one in found:
            noise = "" if one.exceeds_noise is None else int(one.exceeds_noise)
            head = [other.name, scenario, request, one.what]
            yield [*head, one.a, one.b, one.change, one.regression, noise, "" if one.p is None else one.p]
