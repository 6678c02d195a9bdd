"""`gluten compare`: compares runs with the first one, and says whether any is worse than is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from gluten.cli.arguments import Arguments
from gluten.cli.commands.baseline import WORD
from gluten.cli.connect import connect
from gluten.cli.reports.outputs import check_report, write_all
from gluten.cli.reports.reading import is_file, read, whole
from gluten.errors import ThresholdMissed, UsageError
from gluten.net.rpc.rpc_client import Client
from gluten.report.compared.document import comparison
from gluten.report.compared.named import Named
from gluten.report.compared.regressions import regressions
from gluten.report.formats.compared.csv_table import as_csv
from gluten.report.formats.compared.html import as_html
from gluten.report.formats.compared.junit import as_junit
from gluten.report.formats.compared.text import as_text

FORMATS = ("text", "json", "csv", "html", "junit")


def compare(arguments: Arguments) -> int:
    """Print the comparison. Raises UsageError, ConfigError, NotFound, Unreachable; ThresholdMissed with
    `--max-regression`."""
    check_report(arguments, FORMATS)
    limit, words = _percent(arguments.get("max-regression")), arguments.words
    if len(words) < 2:
        raise UsageError("compare: give at least two runs, such as `compare 6 7`, or files of their reports")
    if all(map(is_file, words)):
        runs = [Named(word, read(word)) for word in words]
    else:
        with connect(arguments) as client:
            runs = named(client, words)
    if not any(map(is_file, words)):
        return _write(arguments, runs, limit)
    with whole(*filter(is_file, words)):
        return _write(arguments, runs, limit)


def named(client: Client, words: Sequence[str]) -> list[Named]:
    """The runs of a master, and the files among them. `baseline` as the first one is the run that is pinned for the
    second one's name. Raises NotFound, ConfigError."""
    first, *others = words
    runs = [_named(client, word) for word in others]
    start = f"{WORD}:{runs[0].report['name']}" if first == WORD else first
    return [_named(client, start), *runs]


def _named(client: Client, word: str) -> Named:
    if is_file(word):
        return Named(word, read(word))
    report = client.report(word)
    return Named(f"run {report['number']}", report)


def _write(arguments: Arguments, runs: Sequence[Named], limit: float | None) -> int:
    """Write the comparison. Raises ThresholdMissed."""
    write_all(arguments, lambda form: _written(form, runs, limit))
    regressed = [] if limit is None else regressions(runs, limit)
    if regressed:
        raise ThresholdMissed("; ".join(regressed))
    return 0


def _written(form: str, runs: Sequence[Named], limit: float | None) -> str:
    match form:
        case "json":
            return json.dumps(comparison(runs), indent=2)
        case "csv":
            return as_csv(runs)
        case "html":
            return as_html(runs)
        case "junit":
            return as_junit(runs, limit)
    return as_text(runs)


def _percent(text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%?", text.strip())
    if match is None:
        raise UsageError(f"--max-regression: {text!r} is not a percentage, such as 10%")
    return float(match[1]) / 100
