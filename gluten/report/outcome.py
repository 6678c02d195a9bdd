"""What became of requests, for people: good ones, and errors in their two parts. Pure.

`good` is an answer with a status below 400. Errors are all that was answered or failed and is not good: `failed`, where
no answer came, and `bad status`, where one came. What was stored by an earlier version has no `good`: it follows from
the statuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.stats.request_stats import BAD_STATUS

Plain = Mapping[str, Any]

MOST = 0.5
"""A share above this is "most"."""


def good_of(report: Plain) -> int:
    """The good requests of a report."""
    known = report["requests"].get("good")
    return good_in(report["status"]) if known is None else int(known)


def good_in(status: Mapping[Any, int]) -> int:
    """How many of the responses, by status code, are good."""
    return sum(times for code, times in status.items() if int(code) < BAD_STATUS)


def bad_status(counts: Plain) -> int:
    """Of a row or a run map: answers that are not good. 0 where it is too old to know."""
    if counts.get("good") is None:
        status = counts.get("status")
        return counts["completed"] - good_in(status) if status is not None else 0
    return int(counts["completed"] - counts["good"])


def errors_of(counts: Plain) -> int:
    """Of a row or a run map: what is not good."""
    return int(counts["failed"]) + bad_status(counts)


def error_share(counts: Plain) -> float:
    """The errors' share of what was answered or failed, 0 to 1."""
    return errors_of(counts) / max(1, int(counts["completed"] + counts["failed"]))


def counts_of(report: Plain) -> Plain:
    """A report's counts in the form of a run map's, with `good`."""
    return dict(report["requests"]) | {"good": good_of(report)}


def parts(counts: Plain) -> str:
    """`failed 10, bad status 600`: the parts of the errors that are not zero."""
    both = {"failed": counts["failed"], "bad status": bad_status(counts)}
    return ", ".join(f"{name} {times}" for name, times in both.items() if times)


def codes(status: Mapping[Any, int]) -> str:
    """`200 15053, 404 941`, where there is any but 2xx; else nothing."""
    if all(int(code) // 100 == 2 for code, times in status.items() if times):
        return ""
    return ", ".join(
        f"{code} {times}" for code, times in sorted(status.items(), key=lambda item: int(item[0])) if times
    )


def notes(sent: int, failed: int, status: Mapping[int, int]) -> list[str]:
    """What stands beside the verdict: the measurement may be right, and the target's answers hardly what was meant."""
    answered = sum(status.values())
    said = []
    if failed > MOST * max(1, sent):
        said.append(f"most requests failed: {failed} of {sent}")
    redirects = sum(times for code, times in status.items() if 300 <= code < BAD_STATUS)
    bad = answered - good_in(status)
    if bad > MOST * answered:
        said.append(f"most answers have a bad status (4xx or 5xx): {bad} of {answered}")
    elif redirects > MOST * answered:
        said.append(f"most answers are redirects (3xx), which are not followed: {redirects} of {answered}")
    elif redirects + bad > MOST * answered:
        said.append(f"most answers are redirects or have a bad status: {redirects + bad} of {answered}")
    return said
