"""Runs side by side: how their figures differ, whether by more than noise, and why they may not be comparable. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from gluten.report.compared.shared_requests import of_request, shared_names
from gluten.report.compared.shared_scenarios import of_scenario, shared_scenarios
from gluten.report.compared_capacity import Found, are_apart, capacity_of
from gluten.report.load_duration import whole
from gluten.report.measured import first_of
from gluten.report.outcome import bad_status, counts_of, error_share
from gluten.stats.noise import SIGNIFICANT, p_value
from gluten.task.fields import BY_NAME, FIELDS, Kind, default
from gluten.units import format_duration

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report
Row = Mapping[str, Any]

MAX_SAMPLES = 600
TIMES = ("p50", "p90", "p95", "p99", "p99_9", "max")
RATE, ERRORS = "requests/s", "errors"
SESSION_RATE = "sessions/s"
CAPACITY = "capacity"
"""The highest rate that held, of two searches."""
_SCHEDULE = ("rate", "stages")
_UNJUDGED = "requests/s is not judged, since different rates were asked for"
_ALIKE = tuple(field.name for field in FIELDS if field.comparable)
"""Figures are comparable if these fields of the task are equal."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two runs. `change` is relative to the first run; for the errors' share it is the difference itself.
    `regression` is how much worse the second is (0: not worse). `apart` is of a figure that is an interval: whether the
    two have nothing in common. `exceeds_noise` is None if there are too few seconds, if an interval is open, or if the
    figure is not `judged`, since the runs were asked for different ones.
    """

    what: str
    a: float
    b: float
    change: float
    regression: float
    p: float | None
    apart: bool | None = None
    judged: bool = True

    @property
    def exceeds_noise(self) -> bool | None:
        if self.what == CAPACITY:
            return self.apart
        return None if self.p is None else self.p < SIGNIFICANT

    def regressed(self, limit: float) -> bool:
        """Worse by more than `limit` (a share), and not within the noise. Of intervals both must be known."""
        sure = self.apart is True if self.what == CAPACITY else self.exceeds_noise is not False
        return self.regression > limit and sure

    def to_map(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "a": self.a,
            "b": self.b,
            "change": self.change,
            "regression": self.regression,
            "exceeds_noise": self.exceeds_noise,
            "p": self.p,
            "judged": self.judged,
        }


def differences(a: Report, b: Report) -> list[Difference]:
    """Of two searches the capacity alone, else `figures`."""
    first, second = capacity_of(a), capacity_of(b)
    return figures(a, b) if first is None or second is None else [_capacity(first, second)]


def _capacity(first: Found, second: Found) -> Difference:
    """A search in which nothing held has the capacity 0."""
    found = _difference(CAPACITY, first["holds"] or 0.0, second["holds"] or 0.0, None, less_is_worse=True)
    return replace(found, apart=are_apart(first, second))


def figures(a: Report, b: Report) -> list[Difference]:
    """Throughput, percentiles of the response time, and the errors' share of what was answered or failed."""
    found = [_throughput(a, b)]
    answered = all(_ended(run)["completed"] for run in (a, b))
    for name in TIMES:
        p = _p(a, b, lambda row, name=name: row.get(name) if row["completed"] else None)  # type: ignore[misc]
        first, second = a["response_time"][name], b["response_time"][name]
        # Without a response there is no time, and 0 is not an improvement.
        difference = (
            _difference(name, first, second, p) if answered else Difference(name, first, second, 0.0, 0.0, None)
        )
        found.append(difference)
    first, second = (error_share(_ended(run)) for run in (a, b))
    errors = Difference(ERRORS, first, second, second - first, max(0.0, second - first), _p(a, b, error_share))
    return [*found, errors]


def _throughput(a: Report, b: Report) -> Difference:
    """Of two schedules that differ, the throughput follows from what was asked, and is not judged."""
    if are_asked_apart(a, b):
        return replace(_difference(RATE, a["rate"], b["rate"], None), regression=0.0, judged=False)
    return _difference(RATE, a["rate"], b["rate"], _p(a, b, lambda row: row["completed"]), less_is_worse=True)


def are_asked_apart(a: Report, b: Report) -> bool:
    """Whether both runs followed a schedule, and not the same one."""
    first, second = (_schedule(report) for report in (a, b))
    return bool(first and second and first != second)


def _schedule(report: Report) -> list[tuple[str, Any]]:
    """What was asked for as a rate over time. Empty: a closed loop."""
    return [(name, value) for name in _SCHEDULE if (value := _asked(report, name))]


def named_differences(a: Report, b: Report) -> dict[str, list[Difference]]:
    """The same for each named request that both runs have."""
    return {name: differences(of_request(a, name), of_request(b, name)) for name in shared_names([a, b])}


def scenario_differences(a: Report, b: Report) -> dict[str, list[Difference]]:
    """The same for the sessions of each scenario that both runs have. What is not good is called errors there too."""
    return {
        name: [_of_sessions(one) for one in differences(of_scenario(a, name), of_scenario(b, name))]
        for name in shared_scenarios([a, b])
    }


def _of_sessions(one: Difference) -> Difference:
    return replace(one, what=SESSION_RATE) if one.what == RATE else one


def unlike(a: Report, b: Report, names: Sequence[str] = ()) -> list[str]:
    """Why the two are not comparable, in words. `names`: what they are called, if not by their numbers."""
    names = names or [f"run {run['number']}" for run in (a, b)]
    found = [
        f"{name.replace('_', ' ')}: {_both(name, _asked(a, name), _asked(b, name))}"
        for name in _ALIKE
        if _asked(a, name) != _asked(b, name)
    ]
    found += [_UNJUDGED] * are_asked_apart(a, b)
    cores = [sum(node["cores"] for node in run["nodes"]) for run in (a, b)]
    counts = [len(run["nodes"]) for run in (a, b)]
    if counts[0] != counts[1]:
        found.append(f"nodes: {counts[0]} and {counts[1]}")
    elif cores[0] != cores[1]:
        found.append(f"cores: {cores[0]} and {cores[1]}")
    for name, run in zip(names, (a, b), strict=True):
        if run["state"] != "finished":
            found.append(f"{name} was {run['state']}")
        if run["verdict"]["value"] != "valid":
            found.append(f"{name}'s verdict is {run['verdict']['value']}")
    return found


def _ended(report: Report) -> Mapping[str, Any]:
    """The counts of the measured part, as far as requests ended in it."""
    first = first_of(report)
    if not first:
        return counts_of(report)
    rows = [row for row in report["seconds"] if row["second"] >= first]
    found: dict[str, Any] = {name: sum(row[name] for row in rows) for name in ("completed", "failed")}
    return found | {"good": sum(row["completed"] - bad_status(row) for row in rows)}


def _asked(report: Report, name: str) -> Any:
    """A field of the task. An older report lacks fields that came later: those were not asked for."""
    return report["task"].get(name, default(name))


def samples(report: Report, figure: Callable[[Row], float | None]) -> list[float]:
    """The figure in each measured whole second of load but the run's first, in which connections are opened.

    With more than `MAX_SAMPLES` seconds, the means of equal batches of neighbours; a rest is left out.
    """
    rows = (row for row in whole(report) if row["second"] >= max(1, first_of(report)))
    values = [value for value in map(figure, rows) if value is not None]
    size = -(-len(values) // MAX_SAMPLES) or 1
    batches = (values[at : at + size] for at in range(0, len(values) - size + 1, size))
    return [math.fsum(batch) / size for batch in batches] if size > 1 else values


def slo_texts(reports: Sequence[Report]) -> list[str]:
    """The SLOs of all runs, each once."""
    return list(dict.fromkeys(entry["slo"] for run in reports for entry in run.get("slo", ())))


def slo_of(report: Report, text: str) -> Mapping[str, Any] | None:
    """How an SLO stands in a run; None: the run does not have it."""
    return next((entry for entry in report.get("slo", ()) if entry["slo"] == text), None)


def _difference(what: str, a: float, b: float, p: float | None, less_is_worse: bool = False) -> Difference:
    change = (b - a) / a if a else 0.0
    return Difference(what, a, b, change, max(0.0, -change if less_is_worse else change), p)


def _p(a: Report, b: Report, figure: Callable[[Row], float | None]) -> float | None:
    return p_value(samples(a, figure), samples(b, figure))


def _both(name: str, a: Any, b: Any) -> str:
    if name == "workload" and a and b:
        pairs = enumerate(zip_longest(a.splitlines(), b.splitlines(), fillvalue="its end"), 1)
        return next((f"from line {line} on: {_shown(x)} and {_shown(y)}" for line, (x, y) in pairs if x != y), "blanks")
    if name == "files":
        a, b = _digests(a), _digests(b)
    if name == "stages":
        a, b = _points(a), _points(b)
    if BY_NAME[name].kind is Kind.TIME:
        a, b = (format_duration(value) if isinstance(value, (int, float)) else value for value in (a, b))
    return f"{_shown(a)} and {_shown(b)}"


def _digests(files: Any) -> Any:
    """The files of a workload with the begin of each digest. None: there are none."""
    return ", ".join(f"{file} {digest[:8]}" for file, digest in files.items()) if isinstance(files, dict) else files


def _points(stages: Any) -> Any:
    """The points as they were asked for: `0s:0, 30s:1000`. None: there are none."""
    return ", ".join(f"{format_duration(at)}:{rate:g}" for at, rate in stages) if isinstance(stages, list) else stages


def _shown(value: Any) -> str:
    text = "none" if value is None or value in ("", []) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
