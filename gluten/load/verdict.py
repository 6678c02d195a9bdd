"""May the numbers of a run be believed? `valid`, `suspect` or `invalid`, with reasons in words.

It looks at the load generator only: a slow or failing target is a result, not a flaw of the measurement.
"""

from __future__ import annotations

from dataclasses import dataclass

from gluten.units import format_micros

VALID, SUSPECT, INVALID = "valid", "suspect", "invalid"
CPU_LIMIT = 0.9
LATENESS_LIMIT = 10_000
"""Microseconds, at p99."""
DROPPED_LIMIT, DROPPED_INVALID = 0.01, 0.1
RATE_LIMIT = 0.01
REACH_INVALID = 0.5
"""With less than half of its load a run is another one than the one that was asked for, whoever is to blame."""


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """`cpu` is the busiest worker's mean share of a core, `lateness` and `lag` p99 in microseconds."""

    name: str
    cpu: float
    lateness: int
    lag: int
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a whole run. `gaps` are seconds for which a node's word is missing. `reach` is the share of its time or of its
    requests that a closed loop came to; None at a rate, where `planned` tells, and where a stop was asked for."""

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
    """The most that were open at once, and about how many were needed (None: nobody knows)."""
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    value: str
    reasons: tuple[str, ...] = ()


def judge(figures: Figures) -> Verdict:
    """The worst of all findings, with every reason. Pure."""
    findings = [*_counts(figures), *_rate(figures)]
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
    """What became of the requests of a run that has no response at all."""
    if figures.sent and figures.failed == figures.sent:
        return "all failed"
    if figures.sent:
        return f"{figures.in_flight} of {figures.sent} still waited for an answer at the end"
    return "none was sent, since no connection was ready before the end"


def _rate(figures: Figures) -> list[tuple[str, str]]:
    if not figures.planned:
        return []
    if not figures.sent:
        return [(INVALID, f"not one of {figures.planned} planned requests was sent")]
    found, share = [], figures.dropped / figures.planned
    if share > DROPPED_LIMIT:
        lost = any(node.lost for node in figures.nodes)
        limit = 1 - REACH_INVALID if lost else DROPPED_INVALID
        level = INVALID if share > limit else SUSPECT
        why = "nodes were lost" if lost else "see the gaps" if figures.gaps else _busy(figures)
        found.append((level, f"{share:.1%} of the planned requests could not be sent: {why}"))
    if abs(figures.planned - figures.sent - figures.dropped) > RATE_LIMIT * figures.planned:
        found.append((SUSPECT, f"{figures.sent} requests were sent of {figures.planned} planned"))
    return found


def _busy(figures: Figures) -> str:
    """Why slots found no connection."""
    count, needed = figures.connections, figures.needed
    if not count:
        return "no connection was open"
    busy = f"all {count:,} connections were busy" if count > 1 else "the connection was busy"
    return busy if needed is None or needed <= count else f"{busy}, and about {needed:,} are needed"


def _node(node: NodeFigures, several: bool) -> list[tuple[str, str]]:
    where = f"node {node.name}: " if several else ""
    found = []
    if node.lost:
        found.append((SUSPECT, f"{where}it was lost during the run"))
    if node.cpu > CPU_LIMIT:
        found.append((SUSPECT, f"{where}the load generator was at {node.cpu:.0%} of a core: it may be the bottleneck"))
    if node.lateness > LATENESS_LIMIT:
        late = format_micros(node.lateness)
        found.append((SUSPECT, f"{where}1% of the requests were sent more than {late} late"))
    elif node.lag > LATENESS_LIMIT:
        late = format_micros(node.lag)
        found.append((SUSPECT, f"{where}the load generator itself was up to {late} late (p99): it lacks CPU"))
    return found
