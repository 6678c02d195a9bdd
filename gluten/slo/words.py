"""The words of the grammar of SLOs, and the words of other load testers that people try here."""

from __future__ import annotations

from gluten.slo.slo import Measure

ON_TIMES = {
    "service": Measure.SERVICE,
    "first_byte": Measure.FIRST_BYTE,
    "lateness": Measure.LATENESS,
    "session": Measure.SESSION,
    "group": Measure.GROUP,
}
"""Measures of times that are named by a word and a figure: `service p99`."""
ON_WHAT = {
    "service": "p50 … p99.999, mean or max",
    "first_byte": "p50 … p99.999, mean or max",
    "lateness": "p50 … p99.999, mean or max",
    "session": "p50 … p99.999, mean, max, rate or errors",
    "group": "p50 … p99.999, mean or max",
}
SINGLE = {"rate": Measure.RATE, "checks": Measure.CHECKS, "dropped": Measure.DROPPED}

HINTS = (
    (r"^\s*p\((\d+(?:\.\d+)?)\)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*$", r"write: p\1 \2 \3ms"),
    (r"^\s*p\((\d+(?:\.\d+)?)\)", r"write: p\1"),
    (r"\bhttp_req_failed\b|\brate\s*<\s*0?\.\d+\b", "write: errors < 1%"),
    (r"\bhttp_req_duration\b", "write: p99 < 250ms"),
    (r"\bhttp_req_waiting\b", "write: first_byte p99 < 250ms"),
    (r"\bhttp_reqs\b", "write: rate > 100"),
    (r"^\s*(avg|average)\b", "write: mean"),
    (r"^\s*(med|median)\b", "write: p50"),
    (r"^\s*(error_rate|failures|fail|failed)\b", "write: errors < 1%"),
    (r"^\s*(latency|response_time|duration)\b", "write: p99 < 250ms, or mean, max"),
    (r"=<|=>", "write <= or >="),
    (r"!=", "allowed: < <= > >= =="),
    (r"(?<![<>=])=(?!=)", "write == for equal"),
)
"""(what somebody wrote, what to write here)."""
