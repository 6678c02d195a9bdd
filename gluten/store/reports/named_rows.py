"""The figures of named requests in the seconds of a report, apart from its rows, packed by name.

They are most of a long report: two hours of twenty requests are 50 MB of JSON. Whoever opens a run needs none of them,
or those of one request. So a stored report has bare rows, and for each name a compressed text of (second, figures).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from gluten.stats.row import narrowed
from gluten.store.advice import Damaged
from gluten.store.codec import from_json, to_json

Map = dict[str, Any]
PACKED = "packed_by_request"
"""The key of a stored report. No report that leaves a master has it."""
_NAMED = "by_request"
_LEVEL = 1
"""The end of a run does not wait long for it."""


def packed(report: Any) -> Any:
    """The report as it is stored. One without named requests in its rows stays as it is."""
    rows = report.get("seconds") if isinstance(report, Mapping) else None
    by_name: dict[str, list[Any]] = {}
    for row in rows or ():
        for name, figures in (row.get(_NAMED) or {}).items():
            by_name.setdefault(name, []).append([row["second"], figures])
    if not by_name:
        return report
    texts = {name: _pack(by_name.pop(name)) for name in list(by_name)}
    return {**report, "seconds": [narrowed(row, "") for row in rows or ()], PACKED: texts}


def unpacked(report: Mapping[str, Any], request: str | None = None) -> Map:
    """The report as it was built. `request`: its rows have the figures of this request alone; empty: of none.

    Reports of earlier versions are not packed. Raises Damaged.
    """
    names = report.get(PACKED) or {}
    wanted = _in_order(report, names) if request is None else [name for name in names if name == request]
    rows = [narrowed(row, request) for row in report.get("seconds") or ()]
    by_second = {row["second"]: dict(row) for row in rows} if wanted else {}
    for name in wanted:
        for second, figures in _unpack(names[name]):
            by_second[second].setdefault(_NAMED, {})[name] = figures
    shown = {key: value for key, value in report.items() if key != PACKED}
    return shown | ({"seconds": list(by_second.values()) or rows} if "seconds" in report else {})


def _in_order(report: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """The names as the report lists them. They were packed in the order in which they occurred."""
    places = {entry["name"]: place for place, entry in enumerate(report.get(_NAMED) or ())}
    return sorted(names, key=lambda name: places.get(name, len(places)))


def _pack(found: Iterable[Any]) -> str:
    return base64.b64encode(zlib.compress((to_json(list(found)) or "").encode(), _LEVEL)).decode()


def _unpack(text: str) -> Any:
    try:
        return from_json(zlib.decompress(base64.b64decode(text)).decode())
    except (ValueError, zlib.error) as error:
        raise Damaged(f"a value in it is damaged ({error})") from None
