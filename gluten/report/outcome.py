"""What happened to requests, for people: good responses, and two kinds of errors. Pure.

A response is `good` if its status and its checks are as expected: without checks, a status below 400. A request that
ended otherwise is an error: `failed` if no response came. If one came, it has a `bad status`, or it is `not good` where
checks decide. Reports of earlier versions have no `good`; it follows from the statuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.stats.request_stats import BAD_STATUS

Plain = Mapping[str, Any]

MOST = 0.5
"""More than this share is called "most"."""


def good_of(report: Plain) -> int:
    """The good requests of a report."""
    known = report["requests"].get("good")
    return good_in(report["status"]) if known is None else int(known)


def good_in(status: Mapping[Any, int]) -> int:
    """How many of the responses, by status code, are good."""
    return sum(times for code, times in status.items() if int(code) < BAD_STATUS)


def bad_status(counts: Plain) -> int:
    """The responses of a row or a run map that are not good. 0 if it is too old to have them."""
    if counts.get("good") is None:
        status = counts.get("status")
        return counts["completed"] - good_in(status) if status is not None else 0
    return int(counts["completed"] - counts["good"])


def word_of(counts: Plain) -> str:
    """The name for responses that are not good: `bad status`, or `not good` if checks decide it."""
    status = counts.get("status")
    if status is None or bad_status(counts) == sum(status.values()) - good_in(status):
        return "bad status"
    return "not good"


def errors_of(counts: Plain) -> int:
    """The errors of a row or a run map."""
    return int(counts["failed"]) + bad_status(counts)


def error_share(counts: Plain) -> float:
    """The errors' share of all requests that ended, 0 to 1."""
    return errors_of(counts) / max(1, int(counts["completed"] + counts["failed"]))


def counts_of(report: Plain) -> Plain:
    """A report's counts in the form of a run map's, with `good` and the statuses."""
    return dict(report["requests"]) | {"good": good_of(report), "status": report["status"]}


def parts(counts: Plain) -> str:
    """`failed 10, bad status 600`: the parts of the errors that are not zero."""
    both = {"failed": counts["failed"], word_of(counts): bad_status(counts)}
    return ", ".join(f"{name} {times}" for name, times in both.items() if times)


def codes(status: Mapping[Any, int]) -> str:
    """Such as `200 15053, 404 941`; empty if all are 2xx."""
    if all(int(code) // 100 == 2 for code, times in status.items() if times):
        return ""
    return ", ".join(
        f"{code} {times}" for code, times in sorted(status.items(), key=lambda item: int(item[0])) if times
    )


def notes(sent: int, failed: int, status: Mapping[int, int], good: int | None = None) -> list[str]:
    """Notes beside the verdict: the measurement is right, but the target's answers are probably not what was wanted.
    `good`: how many answers were as expected; None: as the statuses say."""
    answered = sum(status.values())
    found = []
    if failed > MOST * max(1, sent):
        found.append(f"most requests failed: {failed} of {sent}")
    redirects = sum(times for code, times in status.items() if 300 <= code < BAD_STATUS)
    bad = answered - good_in(status)
    if good is not None and answered - good != bad:
        # Checks decide what is good.
        wrong = answered - good
        return [*found, f"most answers are not good: {wrong} of {answered}"] if wrong > MOST * answered else found
    if bad > MOST * answered:
        found.append(f"most answers have a bad status (4xx or 5xx): {bad} of {answered}")
    elif redirects > MOST * answered:
        found.append(f"most answers are redirects (3xx), which are not followed: {redirects} of {answered}")
    elif redirects + bad > MOST * answered:
        found.append(f"most answers are redirects or have a bad status: {redirects + bad} of {answered}")
    return found


def stream_notes(asked: int, allowed: int) -> list[str]:
    """A note where the target allows fewer streams on a connection than were asked for; `allowed` 0: it does not."""
    if not allowed:
        return []
    return [f"the target allows {allowed} {'stream' if allowed == 1 else 'streams'} on a connection, not {asked}"]


def session_notes(sessions: Plain | None, state: str) -> list[str]:
    """Notes on what became of most sessions. A stop cuts sessions, and who stopped the run knows that."""
    if not sessions:
        return []
    begun, found = sessions["begun"], []
    if sessions["ended"] > MOST * begun:
        found.append(f"most sessions were ended by a request that was not good: {sessions['ended']} of {begun}")
    if sessions["cut"] > MOST * begun and state == "finished":
        found.append(f"most sessions were cut before they finished: {sessions['cut']} of {begun}; a longer drain waits")
    return found
