"""What the process that pushes is told, and what it answers, over a channel (`engine.channel`).

Told: `run` (run, name, start), `delta` (run, node, body), `event` (run, at, kind, text, node, at_second), `second`
(run, second, slos, node): all that is known of the run's seconds up to this one was told, push it. `known` (run,
second): the same, but it was pushed before. `over` (run): the run has no more seconds. Answered: `pushed` (run,
second): it was taken or refused, or there was no time left; `trouble` (text), empty when it has passed; `refused`
(text); `lost` (seconds), before the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Message = dict[str, Any]


def run(run: str, name: str, start: float) -> Message:
    """`start` is when its run-second 0 began, in Unix seconds."""
    return {"type": "run", "run": run, "name": name, "start": round(start * 1e9)}


def delta(run: str, node: str, body: bytes) -> Message:
    """`body` is the delta as its slave packs it."""
    return {"type": "delta", "run": run, "node": node, "body": body}


def event(run: str, at: float, kind: str, text: str, node: str, second: int | None) -> Message:
    """`at` is in Unix seconds."""
    return {"type": "event", "run": run, "at": round(at * 1e9), "kind": kind, "text": text, "node": node} | {
        "at_second": second
    }


def second(run: str, second: int, slos: Iterable[tuple[str, bool]], node: str) -> Message:
    """`slos`: each that was measured, and whether it holds, as `node` judges."""
    return {"type": "second", "run": run, "second": second, "slos": [list(pair) for pair in slos], "node": node}


def known(run: str, second: int) -> Message:
    return {"type": "known", "run": run, "second": second}


def over(run: str) -> Message:
    return {"type": "over", "run": run}


def slos_of(entries: Iterable[Mapping[str, Any]]) -> list[tuple[str, bool]]:
    """Those of a run map or report that were measured."""
    from gluten.slo.slo import HOLDS, UNMEASURED  # here, because most runs have none

    return [(str(entry["slo"]), entry["state"] == HOLDS) for entry in entries if entry["state"] != UNMEASURED]
