"""The nodes of a run in the live view: a line, or a table. They are sorted by name, and keep their places. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from gluten.report.verdict import CPU_LIMIT
from gluten.terminal.named_table import named_table
from gluten.terminal.terminal import LABEL, Span, Theme, label, line, width
from gluten.units import format_count

Map = Mapping[str, Any]
Seen = Mapping[str, tuple[int, Map]]
"""By the node's name: the second of its newest report, and what that says."""

_SHORT = ("req/s", "CPU")


def node_line(nodes: Map, columns: int, theme: Theme) -> list[str]:
    """The throughput and CPU of each node that has reported the second, for as many as fit."""
    texts = [
        f"{name} {format_count(nodes[name]['completed'])}/s {nodes[name]['cpu'] or 0:.0%}   "
        for name in sorted(nodes, key=_place)
    ]
    room = columns - LABEL - 1
    count = len(texts) if sum(map(width, texts)) <= room else max(1, _fitting(texts, room - len("and 999 more")))
    left = len(texts) - count
    rest: list[Span] = [(f"and {left} more", "dim")] if left else []
    return [line([label(f"{len(nodes)} nodes"), ("".join(texts[:count]), ""), *rest], columns, theme)]


def _fitting(texts: Sequence[str], room: int) -> int:
    """How many of the first ones have room."""
    return sum(upto <= room for upto in accumulate(map(width, texts)))


def node_table(seen: Seen, second: int, columns: int, room: int, theme: Theme) -> list[str]:
    """A head and a line for each node that has reported anything. `second` is the one that is shown."""
    found = [{"name": name, "second": seen[name][0], **seen[name][1]} for name in sorted(seen, key=_place)]

    def figures(node: Map) -> dict[str, Span]:
        if node["second"] < second:
            return {"req/s": ("no report", "warn"), "in flight": ("", ""), "CPU": ("", "")}
        cpu = node["cpu"] or 0
        return {
            "req/s": (format_count(node["completed"]), ""),
            "in flight": (f"{node['in_flight'] or 0:,}", ""),
            "CPU": (f"{cpu:.0%}", "warn" if cpu > CPU_LIMIT else ""),
        }

    return named_table("by node", found, figures, _SHORT, columns, room, theme)


def _place(name: str) -> list[tuple[int, str]]:
    """`node-2` comes before `node-10`."""
    return [(int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name)]
