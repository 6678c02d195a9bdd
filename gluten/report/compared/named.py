"""Runs that are compared, each with the name by which a person knows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gluten.report.compared.comparison import unlike

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report


class Named(NamedTuple):
    """A run, and what it is called: `run 7`, or the file that its report is from."""

    name: str
    report: Report


def numbered(reports: Sequence[Report]) -> list[Named]:
    """The runs by their numbers."""
    return [Named(f"run {report.get('number', 0)}", report) for report in reports]


def why_unlike(first: Named, other: Named) -> list[str]:
    """Why the two are not comparable, in words."""
    return unlike(first.report, other.report, (first.name, other.name))
