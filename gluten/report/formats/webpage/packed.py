"""What the report's script draws from, in little room: JSON, compressed, in base64.

So no text of a run can end the element that carries it. Rows become columns, which compress better. A browser unpacks
it (`webui/static/js/run/packed.js`).
"""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

Plain = Mapping[str, Any]

_LEFT_OUT = frozenset({"hdr", "version", "slowest", "by_scenario"})
"""No chart shows these parts of a row."""
_NOT_BY_REQUEST = frozenset({"sent", "dropped", "mean", "read", "written"})
"""Nor these of one request. With many names they would be most of the file."""
_DIGITS = 3
"""Significant digits of a time: as many as a chart shows. The rest is noise, which does not compress."""
_TIME = re.compile(r"mean|max|(?:\w+_)?p\d+(?:_\d+)?")
"""The names of times."""
_LEVEL = 6
"""Of the compression. Level 9 takes four times as long for one percent."""
_REPORT = ("duration", "events", "slo", "capacity")
_TASK = ("rate", "stages", "find_capacity", "duration")
_LATENCIES = ("response_time", "service_time")


def packed(report: Report) -> str:
    """The report's charts as one text of letters, digits, `+`, `/` and `=`."""
    rows = report["seconds"]
    value = {"report": _of_report(report), "columns": columns(rows), "count": len(rows)}
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(zlib.compress(text.encode("utf-8", "replace"), _LEVEL)).decode()


def _of_report(report: Plain) -> dict[str, Any]:
    found = {name: report.get(name) for name in _REPORT} | {"sessions": bool(report.get("sessions"))}
    found["task"] = {name: report["task"].get(name) for name in _TASK}
    found["requests"] = {"completed": report["requests"]["completed"]}
    found["by_request"] = [{"name": entry["name"]} for entry in report.get("by_request") or ()]
    found |= {name: {"hdr": report[name].get("hdr")} for name in _LATENCIES}
    return found


def columns(rows: Sequence[Plain]) -> dict[str, Any]:
    """A list of values for each key; a map of such lists for a key whose values are maps. A row without it has None."""
    found = {key: _column(key, [row.get(key) for row in rows]) for key in _keys(rows) if key not in _LEFT_OUT}
    if "by_request" in found:
        found["by_request"] = {name: _narrow(parts) for name, parts in found["by_request"].items()}
    return found


def _narrow(parts: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in parts.items() if key not in _NOT_BY_REQUEST}


def _keys(maps: Iterable[Plain | None]) -> list[str]:
    known: dict[str, None] = {}
    for one in maps:
        if one and not one.keys() <= known.keys():
            known |= dict.fromkeys(one)
    return list(known)


def _column(key: str, values: list[Any]) -> Any:
    if isinstance(next((value for value in values if value is not None), None), dict):
        maps = [value if isinstance(value, dict) else None for value in values]
        return {name: _column(name, [one.get(name) if one else None for one in maps]) for name in _keys(maps)}
    return list(map(rounded, values)) if _TIME.fullmatch(key) else values


def rounded(value: Any) -> Any:
    """A number with few digits."""
    if not isinstance(value, (int, float)) or not math.isfinite(value) or not value:
        return value
    found = float(f"{value:.{_DIGITS}g}")
    return int(found) if found.is_integer() else found
