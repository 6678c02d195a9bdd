"""Runs side by side for CI servers: a suite for each later run, a case for each figure. A regression is a failure."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.report.compared.comparison import differences
from gluten.report.compared.headline import headline
from gluten.report.compared.named import Named
from gluten.report.compared.words import judged, whole
from gluten.report.formats.junit import FAILURE, PASSED, Case, Suite, document


def as_junit(runs: Sequence[Named], limit: float | None) -> str:
    """The whole document. Without a limit nothing fails."""
    first, suites = runs[0], []
    for other in runs[1:]:
        cases = []
        for one in differences(first.report, other.report):
            failed = limit is not None and one.regressed(limit)
            cases.append(Case(one.what, FAILURE if failed else PASSED, whole(one), f"{whole(one)}: {judged(one)}"))
        name, report = f"{other.name} against {first.name}", other.report
        told = [("headline", headline(first, other))]
        suite = Suite(name, report["duration"], report["started_at"] or "", told)
        suites.append((suite, cases))
    return document(suites)
