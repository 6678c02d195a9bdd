"""Metrics as OpenMetrics text 1.0.0, and in Prometheus' older format.

Sources: OpenMetrics 1.0.0, "Text format"; Prometheus, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gluten.webui.api.prometheus.distribution import BOUNDS, Distribution

SUFFIX = {"counter": "_total", "info": "_info"}
Labels = dict[str, str]
Sample = tuple[Labels, float | Distribution]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its samples share a name, a type, a unit and a help text."""

    name: str
    kind: str
    text: str
    samples: Sequence[Sample]
    unit: str = ""

    @property
    def plain_name(self) -> str:
        """The older format names a counter like its samples."""
        return self.name + SUFFIX.get(self.kind, "")

    @property
    def plain_kind(self) -> str:
        """The older format knows no info."""
        return "gauge" if self.kind == "info" else self.kind


def render(families: Iterable[Family]) -> str:
    return "".join(line + "\n" for family in families for line in _lines(family)) + "# EOF\n"


def render_plain(families: Iterable[Family]) -> str:
    """The older format. It has no units and no end mark."""
    lines = []
    for family in families:
        name = family.plain_name
        lines += [f"# HELP {name} {_escape(family.text)}", f"# TYPE {name} {family.plain_kind}", *_samples(family)]
    return "".join(line + "\n" for line in lines)


def _lines(family: Family) -> Iterator[str]:
    yield f"# TYPE {family.name} {family.kind}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {_escape(family.text)}"
    yield from _samples(family)


def _samples(family: Family) -> Iterator[str]:
    suffix = SUFFIX.get(family.kind, "")
    for labels, value in family.samples:
        shown = ",".join(f'{name}="{_escape(text)}"' for name, text in labels.items())
        if isinstance(value, Distribution):
            yield from _histogram(family.name, shown, value)
        else:
            yield f"{family.name}{suffix}{'{' + shown + '}' if shown else ''} {_number(value)}"


def _histogram(name: str, labels: str, times: Distribution) -> Iterator[str]:
    before = labels and labels + ","
    for bound, upto in zip(BOUNDS, times.upto, strict=True):
        yield f'{name}_bucket{{{before}le="{bound}"}} {upto}'
    yield f'{name}_bucket{{{before}le="+Inf"}} {times.number}'
    yield f"{name}_count{{{labels}}} {times.number}"
    yield f"{name}_sum{{{labels}}} {_number(times.total)}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
