"""Metrics as OpenMetrics text 1.0.0, and in Prometheus' older format.

Sources: OpenMetrics 1.0.0, "Text format"; Prometheus, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SUFFIX = {"counter": "_total", "info": "_info"}
Labels = dict[str, str]
Sample = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its samples share a name, a type, a unit and a help text."""

    name: str
    kind: str
    text: str
    samples: list[Sample]
    unit: str = ""


def render(families: Iterable[Family]) -> str:
    return "".join(line + "\n" for family in families for line in _lines(family)) + "# EOF\n"


def render_plain(families: Iterable[Family]) -> str:
    """The older format. It has no units, no end mark and no info type, and a counter is named like its samples."""
    lines = []
    for family in families:
        name = family.name + SUFFIX.get(family.kind, "")
        kind = "gauge" if family.kind == "info" else family.kind
        lines += [f"# HELP {name} {_escape(family.text)}", f"# TYPE {name} {kind}", *_samples(family)]
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
        yield f"{family.name}{suffix}{'{' + shown + '}' if shown else ''} {_number(value)}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
