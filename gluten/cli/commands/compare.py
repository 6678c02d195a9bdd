"""`gluten compare`: compares runs with the first one, and says whether any is worse than is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.cli.arguments import Arguments
from gluten.cli.commands.baseline import WORD
from gluten.cli.connect import connect
from gluten.cli.output import check_format, write
from gluten.errors import ThresholdMissed, UsageError
from gluten.net.rpc.rpc_client import Client
from gluten.report.compared_capacity import capacity_of, searched
from gluten.report.compared_requests import of_request, shared_names
from gluten.report.compared_scenarios import shared_scenarios
from gluten.report.comparison import (
    CAPACITY,
    ERRORS,
    RATE,
    SESSION_RATE,
    Difference,
    comparison,
    differences,
    figures,
    scenario_differences,
    slo_of,
    slo_texts,
    unlike,
)
from gluten.report.formats.table import align
from gluten.slo import shown
from gluten.units import format_count, format_micros, format_rate

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

FORMATS = ("text", "json", "junit")


def compare(arguments: Arguments) -> int:
    """Print the comparison. Raises UsageError, NotFound, Unreachable; ThresholdMissed with `--max-regression`."""
    wanted = check_format(arguments, FORMATS)
    limit = _percent(arguments.get("max-regression"))
    if len(arguments.words) < 2:
        raise UsageError("compare: give at least two runs, such as `compare 6 7`")
    with connect(arguments) as client:
        reports = [client.report(ref) for ref in refs(client, arguments.words)]
    write(_written(wanted, reports, limit), None, exact=wanted != "text")
    regressed = [] if limit is None else _regressed(reports, limit)
    if regressed:
        raise ThresholdMissed("; ".join(regressed))
    return 0


def refs(client: Client, words: Sequence[str]) -> list[str]:
    """The runs to compare. `baseline` as the first one is the run that is pinned for the second one's name.

    Raises NotFound.
    """
    if words[0] != WORD:
        return list(words)
    return [f"{WORD}:{client.run(words[1])['name']}", *words[1:]]


def _written(wanted: str, reports: Sequence[Report], limit: float | None) -> str:
    if wanted == "json":
        return json.dumps(comparison(reports), indent=2)
    return _junit(reports, limit) if wanted == "junit" else _text(reports)


def _regressed(reports: Sequence[Report], limit: float) -> list[str]:
    """For each later run, a text about the figures that got worse by more than the limit."""
    found = []
    for other in reports[1:]:
        worse = [_worse(one) for one in differences(reports[0], other) if one.regressed(limit)]
        if worse:
            pair = f"{_run(other)} is worse than {_run(reports[0])}"
            found.append(f"{pair} by more than {limit * 100:g}%: {', '.join(worse)}")
    return found


def _worse(one: Difference) -> str:
    return f"{one.what} {_change(one)} ({_show(one.what, one.a)} to {_show(one.what, one.b)})"


def _text(reports: Sequence[Report]) -> str:
    """A table with a column for each run. Each later run also has its change, and whether that exceeds the noise."""
    text = [*_table(reports), *_capacity(reports), *_by_scenario(reports), *_by_request(reports), *_slos(reports)]
    for other in reports[1:]:
        text += [f"Unlike: {_run(reports[0])} and {_run(other)}: {why}" for why in unlike(reports[0], other)]
    return "\n".join(text)


def _table(reports: Sequence[Report]) -> Iterator[str]:
    compared = differences if all(map(searched, reports)) else figures
    yield from _columns(reports, [compared(reports[0], other) for other in reports[1:]])


def _columns(reports: Sequence[Report], columns: Sequence[Sequence[Difference]]) -> Iterator[str]:
    """`columns` has the differences of each later run."""
    rows = [["", _run(reports[0]), *(cell for other in reports[1:] for cell in (_run(other), "change", "noise?"))]]
    for lines in zip(*columns, strict=True):
        cells = [cell for one in lines for cell in (_show(one.what, one.b), _change(one), _judged(one))]
        rows.append([lines[0].what, _show(lines[0].what, lines[0].a), *cells])
    yield from align(rows, "<>" + ">><" * len(columns), indent="")


def _capacity(reports: Sequence[Report]) -> Iterator[str]:
    """The answer of each search."""
    yield from (f"{_run(run)}: {found['text']}" for run in reports if (found := capacity_of(run)) is not None)


def _by_request(reports: Sequence[Report]) -> Iterator[str]:
    """A table for each named request that all the runs have. `--max-regression` judges the whole runs alone."""
    for name in shared_names(reports):
        yield from ("", f"Request {name}:", *_table([of_request(run, name) for run in reports]))


def _by_scenario(reports: Sequence[Report]) -> Iterator[str]:
    """A table for each scenario that all the runs have."""
    names = shared_scenarios(reports)
    found = [scenario_differences(reports[0], other) for other in reports[1:]] if names else []
    for name in names:
        yield from ("", f"Scenario {name}:", *_columns(reports, [by_name[name] for by_name in found]))


def _slos(reports: Sequence[Report]) -> list[str]:
    """Each SLO with its state and value in each run."""
    rows = [[text, *(_slo(slo_of(run, text)) for run in reports)] for text in slo_texts(reports)]
    head = ["SLO", *map(_run, reports)]
    return list(align([head, *rows], "<" * len(head), indent="")) if rows else []


def _slo(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "-"
    more = f" ({found})" if (found := shown.notes(entry)) else ""
    return f"{shown.mark(entry)} {shown.value(entry)}{more}"


def _judged(one: Difference) -> str:
    """Whether the difference exceeds the noise of the seconds, in words."""
    if one.what == CAPACITY and one.exceeds_noise is not True:
        return "an interval is open" if one.exceeds_noise is None else "the intervals overlap"
    if one.exceeds_noise is None:
        return "too few seconds to say"
    if not one.exceeds_noise:
        return "within noise"
    return "worse" if one.regression else "better" if one.change else "within noise"


def _junit(reports: Sequence[Report], limit: float | None) -> str:
    """JUnit XML with a suite for each later run and a case for each figure. A regression is a failure."""
    from gluten.report.formats.junit import FAILURE, PASSED, Case, Suite, document

    suites = []
    for other in reports[1:]:
        cases = []
        for one in differences(reports[0], other):
            failed = limit is not None and one.regressed(limit)
            cases.append(Case(one.what, FAILURE if failed else PASSED, _worse(one), f"{_worse(one)}: {_judged(one)}"))
        name = f"{_run(other)} against {_run(reports[0])}"
        suites.append((Suite(name, other["duration"], other["started_at"] or ""), cases))
    return document(suites)


def _run(report: Report) -> str:
    return f"run {report['number']}"


def _change(one: Difference) -> str:
    if one.what == ERRORS:
        return f"{one.change * 100:+.2f} points"
    return "from 0" if one.b and not one.a else f"{one.change:+.1%}"


def _show(what: str, value: float) -> str:
    if what == CAPACITY:
        return format_rate(value)
    if what in (RATE, SESSION_RATE):
        return format_count(value)
    return f"{value:.2%}" if what == ERRORS else format_micros(value)


def _percent(text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%?", text.strip())
    if match is None:
        raise UsageError(f"--max-regression: {text!r} is not a percentage, such as 10%")
    return float(match[1]) / 100
