"""Makes medians, ratios, verdicts and the table from samples. Pure.

Ratios are paired: each sample is divided by the base's sample of the same round, and the median of these ratios counts.
So noise that lasts longer than a round affects both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.cases import LOOP, SUBJECT, Case
from gluten.report.formats.table import align

QUIET = 0.1
"""If other programs use more of a core, the table says so: prices are higher then, and not for all in the same way."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One client in one round. `cpu` and `wall` are in seconds, `rate` in requests/s, `peak` in bytes.

    `served` is the target's own count of requests, or None if it does not count. `target` is the target's CPU per
    request, in µs. `lateness` is the p99 of how late requests were sent, in µs, if the client reports it. `others` is
    the share of a core that other programs used.
    """

    round: int
    cpu: float
    wall: float
    completed: int
    failed: int
    rate: float
    peak: int
    served: int | None
    target: float
    lateness: float | None = None
    others: float = 0.0

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
    late = [sample.lateness for sample in samples if sample.lateness is not None]
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
        "miscounted": any(_is_miscounted(sample) for sample in samples),
        "target_us": median(sample.target for sample in samples),
        "lateness_us": median_or_none(late),
        "others": max(sample.others for sample in samples),
        "samples": [asdict(sample) for sample in samples],
    }


def _is_miscounted(sample: Sample) -> bool:
    return sample.served is not None and sample.completed > sample.served


def judge(case: Case, rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The case's bounds, and whether GLuTEN meets them. A bound that could not be measured is left out."""
    row = rows.get(SUBJECT, {})
    figures = (
        (case.base, f"x {case.base}", row.get("ratio"), case.bound),
        (LOOP, f"x {LOOP}", row.get("loop_ratio"), case.loop_bound),
        ("", "us late at p99", row.get("lateness_us"), case.lateness),
        *((rival, f"x {rival}", _against(rows, rival), case.rival_bound) for rival in case.rivals),
    )
    return [
        at_most(unit, value, most, base)
        for base, unit, value, most in figures
        if value is not None and most is not None
    ]


def _against(rows: dict[str, dict[str, Any]], rival: str) -> float | None:
    """GLuTEN's price as a multiple of the rival's. None if one of them was not measured."""
    ours, theirs = rows.get(SUBJECT), rows.get(rival)
    return ours["cpu_us"] / theirs["cpu_us"] if ours and theirs else None


def at_most(unit: str, value: float, most: float, base: str = "", subject: str = SUBJECT) -> dict[str, Any]:
    """One bound: `value` may be `most` of `unit`."""
    return {"subject": subject, "base": base, "unit": unit, "value": value, "at_most": most, "met": value <= most}


def at_least(unit: str, value: float, least: float, base: str = "", subject: str = SUBJECT) -> dict[str, Any]:
    """One bound: `value` must be `least` of `unit`."""
    return {"subject": subject, "base": base, "unit": unit, "value": value, "at_least": least, "met": value >= least}


def table(rows: dict[str, dict[str, Any]], base: str) -> list[str]:
    """The lines of the table, cheapest client first."""
    head = (
        "client",
        "us/request",
        f"x {base}",
        "(min - max)",
        "x loop",
        "requests/s",
        f"x {base}",
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
    notes += [f"others used {row['others']:.0%} of a core"] if row["others"] > QUIET else []
    notes += [f"{row['lateness_us']:.0f} us late at p99"] if row["lateness_us"] else []
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
    bound = f"at most {verdict['at_most']:g}" if "at_most" in verdict else f"at least {verdict['at_least']:g}"
    word = "met" if verdict["met"] else "MISSED"
    return f"{verdict['subject']} {_short(verdict['value'])} {verdict['unit']}, {bound}: {word}"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"
