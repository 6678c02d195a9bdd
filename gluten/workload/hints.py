"""What users of other tools write into a file, and what to write here. Pure.

The tools: k6, Gatling, locust, artillery, hurl, vegeta, JMeter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

_CONNECTIONS = "write connections in [load]"
_HEADER = 'write header = ["NAME: VALUE"]'
_RATE = "write rate in [load]"
_STAGES = 'write stages in [load], such as stages = "0s:0,30s:1k"'
_URL = "write url at the top of the file"
_CHECK = 'write check, such as check = ["status == 200"]'
_REQUEST = "write [request.NAME]"
_SLO = 'write slo at the top of the file, such as slo = ["p99 < 250ms"]'

_KEYS = {
    "vus": _CONNECTIONS, "users": _CONNECTIONS, "max_vus": _CONNECTIONS, "concurrency": _CONNECTIONS,
    "iterations": "write requests in [load]", "rps": _RATE, "qps": _RATE, "arrivalrate": _RATE, "arrival_rate": _RATE,
    "spawn_rate": _STAGES, "ramp_up": _STAGES, "rampto": _STAGES, "phases": _STAGES,
    "run_time": "write duration in [load]",
    "time": "write duration in [load]", "headers": _HEADER, "host": _URL, "base_url": _URL, "baseurl": _URL,
    "target": _URL, "thresholds": _SLO, "ensure": _SLO, "slos": _SLO, "checks": _CHECK, "expect": _CHECK,
    "assertions": _CHECK, "asserts": _CHECK, "http": _REQUEST,
    "requests": f"{_REQUEST}, or requests in [load]", "variables": "write [vars]",
    "capture": "write take", "captures": "write take", "extract": "write take", "feeds": "write [[feed]]",
    "feeder": "write [[feed]]", "data": "write [[feed]] for rows, or body of a request", "payload": "write body",
    "scenarios": "write [[scenario]]", "max_redirects": "write redirects", "weights": "write weight in each request",
    "strategy": 'write pick, such as pick = "shuffle"', "circular": 'write pick = "cycle"', "tests": _CHECK,
}  # fmt: skip


def key_hint(name: str, allowed: Iterable[str]) -> str:
    """What to write in place of a key that there is not, or an empty text."""
    known = _KEYS.get(re.sub(r"[- ]", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).lower())
    return f": {known}" if known else nearest(name, allowed)


def nearest(name: str, allowed: Iterable[str]) -> str:
    """` (did you mean …?)`, or an empty text."""
    found = get_close_matches(name[:80], list(allowed), 1, 0.6)
    return f": did you mean {found[0]}?" if found else ""
