"""Makes medians, ratios, verdicts and the table from samples. Pure.

Ratios are paired: each sample is divided by the base's sample of the same round, and the median of these ratios counts.
So noise that lasts longer than a round affects both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.cases import Case
from gluten.report.formats.table import align

SUBJECT, BASE, LIMIT = "GLuTEN", "wrk", "C loop"


@dataclass(frozen=True, slots=True)
class Sample:
    """One client in one round. `cpu` and `wall` are in seconds, `rate` in requests/s, `peak` in bytes.

    `served` is the target's own count of requests. `target` is the target's CPU per request, in µs.
    """

    round: int
    cpu: float
    wall: float
    completed: int
    failed: int
    rate: float
    peak: int
    served: int
    target: float

    @property
    def price(self) -> float:
        """Microseconds of CPU per completed request. Infinite if no request was completed."""
        return self.cpu / self.completed * 1e6 if self.completed else float("inf")


Samples = Sequence[Sample]


def ratios(ours: Samples, theirs: Samples, of: Callable[[Sample], float]) -> list[float]:
    """The ratios of the rounds in which both took part, in order."""
    other = {sample.round: of(sample) for sample in theirs}
    return [of(mine) / other[mine.round] for mine in ours if other.get(mine.round)]


def price(sample: Sample) -> float:
    return sample.price


def rate(sample: Sample) -> float:
    return sample.rate


def median_or_none(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def summary(samples: Samples, base: Samples, limit: Samples) -> dict[str, Any]:
    """One client's row in the table of one case."""
    to_base = ratios(samples, base, price)
    return {
        "cpu_us": median(map(price, samples)),
        "rate": median(map(rate, samples)),
        "ratio": median_or_none(to_base),
        "ratio_min": min(to_base, default=None),
        "ratio_max": max(to_base, default=None),
        "loop_ratio": median_or_none(ratios(samples, limit, price)),
        "rate_ratio": median_or_none(ratios(samples, base, rate)),
        "peak_mb": max(sample.peak for sample in samples) / 1e6,
        "busy": median(sample.cpu / sample.wall for sample in samples),
        "failed": sum(sample.failed for sample in samples),
        "miscounted": any(sample.completed > sample.served for sample in samples),
        "target_us": median(sample.target for sample in samples),
        "samples": [asdict(sample) for sample in samples],
    }


def judge(case: Case, rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The case's bounds, and whether GLuTEN meets them. A bound that could not be measured is left out."""
    verdicts = []
    for base, key, most in ((BASE, "ratio", case.bound), (LIMIT, "loop_ratio", case.loop_bound)):
        got = rows.get(SUBJECT, {}).get(key)
        if most is not None and got is not None:
            verdicts.append({"base": base, "ratio": got, "at_most": most, "met": got <= most})
    return verdicts


def table(rows: dict[str, dict[str, Any]]) -> list[str]:
    """The lines of the table, cheapest client first."""
    head = (
        "client",
        "us/request",
        "x wrk",
        "(min - max)",
        "x loop",
        "requests/s",
        "x wrk",
        "peak MB",
        "busy",
        "",
    )
    body = [_cells(name, row) for name, row in sorted(rows.items(), key=lambda item: item[1]["cpu_us"])]
    return list(align([head, *body], "<" + ">" * (len(head) - 2) + "<", indent=""))


def _cells(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    spread = f"({_two(row['ratio_min'])} - {_two(row['ratio_max'])})" if row["ratio"] else "-"
    notes = [f"{row['failed']} failed"] if row["failed"] else []
    notes += ["reports more than the target served"] if row["miscounted"] else []
    return (
        name,
        _two(row["cpu_us"]),
        _two(row["ratio"]),
        spread,
        _two(row["loop_ratio"]),
        f"{row['rate']:,.0f}",
        _two(row["rate_ratio"]),
        f"{row['peak_mb']:.0f}",
        f"{row['busy']:.0%}",
        ", ".join(notes),
    )


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def verdict_line(verdict: dict[str, Any]) -> str:
    """The line for one bound."""
    word = "met" if verdict["met"] else "MISSED"
    return f"{SUBJECT} {verdict['ratio']:.2f} x {verdict['base']}, at most {verdict['at_most']:g}: {word}"
