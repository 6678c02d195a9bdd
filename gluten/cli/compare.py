"""`gluten compare`: two runs side by side, and whether the second is worse than is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect
from gluten.cli.output import check_format
from gluten.cli.show import PLAIN, table
from gluten.errors import ThresholdMissed, UsageError
from gluten.units import format_count, format_micros

_TIMES = ("p50", "p90", "p99", "p99_9", "max")


def compare(arguments: Arguments) -> int:
    """Raises NotFound, Unreachable, ThresholdMissed."""
    wanted = check_format(arguments, PLAIN)
    limit = _percent(arguments.get("max-regression"))
    with connect(arguments) as client:
        first, second = (client.report(ref) for ref in arguments.words)
    lines = differences(first, second)
    document = {"a": first["id"], "b": second["id"], "differences": lines}
    print(json.dumps(document, indent=2) if wanted == "json" else _text(first, second, lines))
    worst = max(lines, key=lambda line: float(line["regression"]))
    if limit is not None and worst["regression"] > limit:
        raise ThresholdMissed(
            f"run {second['number']} is {worst['regression']:.1%} worse than run {first['number']} in {worst['what']}"
        )
    return 0


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each figure of both, its change (share of the first), and how much worse the second is (0: not worse)."""
    lines = [_line("requests/s", first["rate"], second["rate"], more_is_better=True)]
    lines += [_line(p, first["response_time"][p], second["response_time"][p], False) for p in _TIMES]
    shares = [run["requests"]["failed"] / max(1, run["requests"]["sent"]) for run in (first, second)]
    lines.append({"what": "failed share", "a": shares[0], "b": shares[1], "change": shares[1] - shares[0],
                  "regression": max(0.0, shares[1] - shares[0])})  # fmt: skip
    return lines


def _line(what: str, a: float, b: float, more_is_better: bool) -> dict[str, Any]:
    change = (b - a) / a if a else 0.0
    worse = max(0.0, -change if more_is_better else change)
    return {"what": what, "a": a, "b": b, "change": change, "regression": worse}


def _text(first: Mapping[str, Any], second: Mapping[str, Any], lines: list[dict[str, Any]]) -> str:
    rows = [(line["what"], _show(line["what"], line["a"]), _show(line["what"], line["b"]), f"{line['change']:+.1%}")
            for line in lines]  # fmt: skip
    return table(("", f"run {first['number']}", f"run {second['number']}", "change"), rows)


def _show(what: str, value: float) -> str:
    if what == "requests/s":
        return format_count(value)
    return f"{value:.2%}" if what == "failed share" else format_micros(value)


def _percent(text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%?", text.strip())
    if match is None:
        raise UsageError(f"--max-regression: {text!r} is not a percentage, such as 10%")
    return float(match[1]) / 100
