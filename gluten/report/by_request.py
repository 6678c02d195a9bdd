"""The figures of each named request, and its first failures. Every total of a report is the sum over them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from gluten.report.quantiles import quantiles
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REDIRECT, Stats
from gluten.stats.row import of_only_request

if TYPE_CHECKING:
    from gluten.documents import Row

Plain = dict[str, Any]
_STATUS = "status "
LIVE_POINTS = {"p50": 50.0, "p95": 95.0, "p99": 99.0}


def by_request(
    names: Sequence[str],
    total: Delta,
    planned: Mapping[str, int] | None,
    length: float,
    timed: Delta | None = None,
) -> list[Plain]:
    """An entry for each name, in the order of `names`; a name that is not there comes last.

    `planned`: how many requests the plan has of each; None: a closed loop. `length`: of the load, in seconds.
    `timed`: the part of it that times and rate are of, with its length; None: `total`."""
    order, parts = in_order(names, total.by_name), (timed or total).by_name
    return [
        _entry(name, total.by_name.get(name) or Stats(), planned, length, parts.get(name) or Stats()) for name in order
    ]


def _entry(name: str, stats: Stats, planned: Mapping[str, int] | None, length: float, timed: Stats) -> Plain:
    return {
        "name": name,
        "planned": None if planned is None else planned.get(name, stats.sent),
        "sent": stats.sent,
        "completed": stats.completed,
        "good": stats.good,
        "failed": stats.failed,
        "in_flight": max(0, stats.sent - stats.completed - stats.failed),
        "dropped": 0 if planned is None else max(0, planned.get(name, stats.sent) - stats.sent),
        "skipped": stats.skipped,
        "rate": timed.completed / length if length else 0.0,
        "status": {str(code): times for code, times in sorted(stats.status.items())},
        "errors": {kind: times for kind, times in sorted(stats.errors.items()) if times},
        "bytes": {"read": stats.read, "written": stats.written},
        "response_time": quantiles(timed.response),
        "service_time": quantiles(timed.service),
        "first_byte": quantiles(timed.first_byte),
        "checks": [
            {"check": text, "passed": passed, "failed": failed} for text, (passed, failed) in stats.checks.items()
        ],
    }


def named_rows(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """The rows of a run, each with the figures of its named requests, in the order of `names`."""
    if not _are_followed(names):
        return list(rows)
    return [_in_order(filled(row, names), names) for row in rows]


def filled(row: Row, names: Sequence[str], request: str | None = None) -> Row:
    """A row, or what it has of one `request`. Where redirects are followed, a second without any has figures of one
    name alone, which its row does not tell: then they are those of the row."""
    if "by_request" in row or not _are_followed(names) or request not in (None, names[0]):
        return row
    return cast("Row", {**row, "by_request": {names[0]: of_only_request(row)}})


def _are_followed(names: Iterable[str]) -> bool:
    """Whether a redirect was followed."""
    return any(name.endswith(REDIRECT) for name in names)


def _in_order(row: Row, names: Sequence[str]) -> Row:
    parts = row["by_request"]
    return cast("Row", {**row, "by_request": {name: parts[name] for name in names if name in parts}})


def points_of(stats: Stats) -> tuple[int, ...]:
    """The percentiles of the response time that `live` has."""
    return tuple(stats.response.percentiles(LIVE_POINTS.values()))


def live(
    names: Sequence[str],
    parts: Mapping[str, Stats],
    length: float,
    points: Mapping[str, tuple[int, ...]] | None = None,
    timed: Mapping[str, Stats] | None = None,
) -> list[Plain]:
    """The figures of each named request so far, in the order of `names`: what a run map has. `length` as above.
    `points` are the percentiles of each part, where they are known already. `timed`: the part that times and rate are
    of; None: all."""
    timed = parts if timed is None else timed
    found = {name: points_of(stats) for name, stats in timed.items()} if points is None else points
    none = points_of(Stats())
    return [
        _so_far(name, parts.get(name) or Stats(), timed.get(name) or Stats(), length, found.get(name, none))
        for name in in_order(names, parts)
    ]


def _so_far(name: str, stats: Stats, timed: Stats, length: float, points: tuple[int, ...]) -> Plain:
    passed, failed = (sum(pair[at] for pair in stats.checks.values()) for at in (0, 1))
    plain: Plain = {"name": name, "rate": timed.completed / length if length > 0 else 0.0}
    plain |= {count: getattr(stats, count) for count in ("sent", "completed", "good", "failed", "dropped")}
    plain["in_flight"] = max(0, stats.sent - stats.completed - stats.failed)
    plain |= dict(zip(LIVE_POINTS, points, strict=True))
    return plain | {"checks_passed": passed, "checks_failed": failed, "skipped": stats.skipped}


def of_report(entries: Iterable[Mapping[str, Any]]) -> list[Plain]:
    """The same, of a report's `by_request`."""
    return [_shown(entry) for entry in entries]


def _shown(entry: Mapping[str, Any]) -> Plain:
    plain = {name: entry[name] for name in ("name", "rate", "sent", "completed", "good", "failed", "dropped")}
    plain["in_flight"] = entry["in_flight"]
    plain |= {point: entry["response_time"][point] for point in LIVE_POINTS}
    passed, failed = (sum(check[key] for check in entry["checks"]) for key in ("passed", "failed"))
    return plain | {"checks_passed": passed, "checks_failed": failed, "skipped": entry.get("skipped", 0)}


def in_order(names: Sequence[str], parts: Iterable[str]) -> list[str]:
    """`names`, then what else `parts` has. The redirects of a request stand after it."""
    more = [name for name in parts if name not in names]
    found = [each for name in names for each in (name, name + REDIRECT) if each == name or each in more]
    return found + [name for name in more if name not in found]


def planned_by_name(sent: Mapping[str, int], plan: Mapping[str, int], planned: int) -> dict[str, int]:
    """How many of the `planned` requests are of each name: at least as many as were `sent`, in all `planned`.

    `plan` is what the weights give. Where a node was lost, numbers jump, and so a name may be sent more often than the
    weights give by some; what is planned beyond is then taken from the names of which most is missing.
    """
    found = {name: max(sent.get(name, 0), times) for name, times in plan.items()}
    found |= {name: times for name, times in sent.items() if name not in found}
    missing = planned - sum(found.values())
    if missing > 0 and found:
        found[max(plan or found, key=lambda name: plan.get(name, 0))] += missing
    for name in sorted(found, key=lambda name: sent.get(name, 0) - found[name]):
        if missing >= 0:
            break
        less = min(-missing, found[name] - sent.get(name, 0))
        found[name] -= less
        missing += less
    return found


def own_status(total: Delta) -> dict[int, int]:
    """The responses by status, without those whose redirect was followed."""
    found: dict[int, int] = {}
    for name, stats in total.by_name.items():
        for code, times in ({} if name.endswith(REDIRECT) else stats.status).items():
            found[code] = found.get(code, 0) + times
    return found


def failures(names: Sequence[str], total: Delta) -> list[Plain]:
    """The first request of each kind that was not good, with how many there were, in the order of `names`."""
    order = in_order(names, total.by_name)
    return [entry for name in order if name in total.by_name for entry in _failures_of(name, total.by_name[name])]


def _failures_of(name: str, stats: Stats) -> Iterable[Plain]:
    for kind, failure in stats.failures.items():
        plain = failure.to_map()
        yield {
            "request": name,
            "kind": kind,
            "second": failure.second,
            "node": failure.node,
            "count": _count(kind, stats),
            "sent": plain["sent"],
            "answer": plain["answer"],
            "text": failure.text,
            "trace": failure.trace or None,
        }


def _count(kind: str, stats: Stats) -> int:
    """How often a kind of failure came. A check and a status are told apart by their texts."""
    if kind in stats.checks:
        return stats.checks[kind][1]
    code = kind.removeprefix(_STATUS)
    if kind.startswith(_STATUS) and code.isdigit():
        return stats.status.get(int(code), 0)
    return stats.errors.get(kind, 0)


def slowest(rows: Iterable[Mapping[str, Any]]) -> list[Plain]:
    """The slowest request of each second that carried a trace id."""
    return [{"second": row["second"]} | row["slowest"] for row in rows if row.get("slowest")]
