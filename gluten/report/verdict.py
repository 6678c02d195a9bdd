"""Can the figures of a run be trusted? `valid`, `suspect` or `invalid`, with reasons in words.

It judges only the load generator. A slow or failing target is a result, not a flaw of the measurement.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gluten.units import format_count, format_micros

VALID, SUSPECT, INVALID = "valid", "suspect", "invalid"
CPU_LIMIT = 0.9
LATENESS_LIMIT = 10_000
"""Microseconds, at p99."""
DROPPED_LIMIT, DROPPED_INVALID = 0.01, 0.1
RATE_LIMIT = 0.01
REACH_INVALID = 0.5
"""A run that made less than half of its planned load is not valid, whatever the cause."""


LEAST_LATE = 10
"""A p99 is judged only if at least so many values lie above the limit. The p99 of ten values is the greatest of them,
and one value can be late by chance. A stall is found even in the shortest run, since `lag` has a value for each 5 ms of
it: ten values are 50 ms."""
OVERRUN_LEAST = 0.05
"""The load may take so many seconds longer than planned. The end of a plan is exact to about 10 ms."""


class NodeFigures(NamedTuple):
    """`cpu` is the busiest worker's mean share of a core, `lateness` and `lag` p99 in microseconds; `late` and `lagged`
    are how many values lie above the limit. `host_cpu` and `steal` are shares of the whole machine, 0 where unknown."""

    name: str
    cpu: float
    lateness: int
    lag: int
    lost: bool = False
    late: int = LEAST_LATE
    lagged: int = LEAST_LATE
    host_cpu: float = 0.0
    steal: float = 0.0


class Figures(NamedTuple):
    """The figures of a whole run. `planned`, `begun` (None: as many as `sent`) and `dropped` are of what `what` names.
    `gaps` is how many seconds of nodes' counts are missing. `reach` is the part of its time, or of its requests or
    sessions, that a closed loop has done; None at a rate (which has `planned`) and after a stop. `unsent` is why
    nothing was sent; empty: unknown. At a rate `plan` is how long the load should take and `took` how long it took,
    in seconds."""

    nodes: tuple[NodeFigures, ...]
    planned: int | None
    sent: int
    completed: int
    failed: int
    in_flight: int
    dropped: int
    gaps: int = 0
    reach: float | None = None
    connections: int = 0
    """The most connections that were open, or sessions that were under way, at once. `needed` is about how many were
    needed; None: unknown."""
    needed: int | None = None
    begun: int | None = None
    what: str = "request"
    unsent: str = ""
    plan: float = math.inf
    took: float = 0.0


class Verdict(NamedTuple):
    value: str
    reasons: tuple[str, ...] = ()


def judge(figures: Figures) -> Verdict:
    """The worst of all findings, with every reason. Pure."""
    findings = [*_counts(figures), *_rate(figures), *_overrun(figures)]
    for node in figures.nodes:
        findings += _node(node, len(figures.nodes) > 1)
    if not findings:
        return Verdict(VALID)
    worst = INVALID if any(level == INVALID for level, _ in findings) else SUSPECT
    return Verdict(worst, tuple(text for _, text in findings))


def _counts(figures: Figures) -> list[tuple[str, str]]:
    found = []
    if not figures.completed:
        found.append((INVALID, f"no request was completed: {_instead(figures)}"))
    if figures.sent != figures.completed + figures.failed + figures.in_flight:
        found.append((INVALID, "the counts do not add up: some of the nodes' figures are missing"))
    if figures.gaps:
        found.append((SUSPECT, f"{figures.gaps} node-seconds are missing"))
    if figures.reach is not None and figures.reach < REACH_INVALID:
        found.append((INVALID, f"the load ended after {figures.reach:.1%} of what was asked for"))
    return found


def _instead(figures: Figures) -> str:
    """What happened to the requests of a run without any response."""
    if figures.sent and figures.failed == figures.sent:
        return "all failed"
    if figures.sent:
        return f"{figures.in_flight} of {figures.sent} still waited for an answer at the end"
    return f"none was sent, since {figures.unsent or 'no connection was ready before the end'}"


def _rate(figures: Figures) -> list[tuple[str, str]]:
    if not figures.planned or (figures.unsent and not figures.sent):
        return []
    begun, what = figures.sent if figures.begun is None else figures.begun, f"{figures.what}s"
    sent, send = ("sent", "be sent") if figures.what == "request" else ("begun", "begin")
    if not begun:
        return [(INVALID, f"not one of {figures.planned} planned {what} was {sent}")]
    found, share = [], figures.dropped / figures.planned
    if share > DROPPED_LIMIT:
        text = f"{share:.1%} of the planned {what} could not {send}: {_why(figures)}"
        found.append((_level(figures, share), text))
    if abs(figures.planned - begun - figures.dropped) > RATE_LIMIT * figures.planned:
        found.append((SUSPECT, f"{begun} {what} were {sent} of {figures.planned} planned"))
    return found


def _busy(figures: Figures) -> str:
    """Why no connection was free for planned requests."""
    count, needed = figures.connections, figures.needed
    if not count:
        return "no connection was open"
    busy = f"all {count:,} connections were busy" if count > 1 else "the connection was busy"
    return busy if needed is None or needed <= count else f"{busy}, and about {needed:,} are needed"


def _overrun(figures: Figures) -> list[tuple[str, str]]:
    """A number of requests at a rate is sent to the end, however long that takes. The true rate may then be lower."""
    plan, took = figures.plan, figures.took
    if not figures.planned or not plan or took - plan <= OVERRUN_LEAST or 1 - plan / took <= RATE_LIMIT:
        return []
    asked, sent = format_count(figures.planned / plan), format_count(figures.sent / took)
    text = f"the load took {took:.2f} s instead of the planned {plan:.2f} s: {sent} requests/s were sent, not {asked}"
    return [(_level(figures, 1 - plan / took), f"{text}: {_why(figures)}")]


def _level(figures: Figures, missing: float) -> str:
    """How bad it is that this part of the planned load is missing."""
    lost = any(node.lost for node in figures.nodes)
    return INVALID if missing > (1 - REACH_INVALID if lost else DROPPED_INVALID) else SUSPECT


def _why(figures: Figures) -> str:
    if any(node.lost for node in figures.nodes):
        return "nodes were lost"
    return "see the gaps" if figures.gaps else _busy(figures)


def _node(node: NodeFigures, several: bool) -> list[tuple[str, str]]:
    where = f"node {node.name}: " if several else ""
    found = []
    if node.lost:
        found.append((SUSPECT, f"{where}it was lost during the run"))
    if node.cpu > CPU_LIMIT:
        found.append((SUSPECT, f"{where}the load generator was at {node.cpu:.0%} of a core: it may be the bottleneck"))
    if node.lateness > LATENESS_LIMIT and node.late >= LEAST_LATE:
        text = f"{where}1% of the requests were sent more than {format_micros(node.lateness)} late (lateness p99)"
        found.append((SUSPECT, text + _host(node)))
    elif node.lag > LATENESS_LIMIT and node.lagged >= LEAST_LATE:
        text = f"{where}the load generator's clock lagged by up to {format_micros(node.lag)} (lag p99): it lacks CPU"
        found.append((SUSPECT, text + _host(node)))
    return found


def _host(node: NodeFigures) -> str:
    """The machine's CPU, which may be the cause; empty: unknown."""
    if not node.host_cpu and not node.steal:
        return ""
    return f"; the host's CPU was {node.host_cpu:.0%} busy, {node.steal:.0%} stolen"
