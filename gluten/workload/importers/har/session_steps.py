"""The order of a session, with its pauses, from when calls began and ended."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.workload.importers.recording import Call
from gluten.workload.importers.workload_text import Repeat, Step, Think

SHORTEST, LONGEST = 0.1, 60.0
"""Seconds. What is shorter is the browser's own work, what is longer a person who went away."""


def steps_of(calls: Sequence[Call], names: Sequence[str]) -> list[Step]:
    """`names[i]` is the request of `calls[i]`. Three or more of one request in a row become a repeat."""
    return _repeated(_paced(calls, names))


def cut_pauses(calls: Sequence[Call]) -> int:
    """How many pauses are longer than a step of the file has."""
    return sum(pause > LONGEST for pause in pauses(calls))


def pauses(calls: Sequence[Call]) -> list[float]:
    """Before each call: the seconds since all before it had ended."""
    found, ended = [], calls[0].began if calls else 0.0
    for call in calls:
        found.append(max(0.0, call.began - ended))
        ended = max(ended, call.ended)
    return found


def _paced(calls: Sequence[Call], names: Sequence[str]) -> list[tuple[float, str]]:
    return [(min(pause, LONGEST), name) for pause, name in zip(pauses(calls), names, strict=True)]


def _repeated(paced: list[tuple[float, str]]) -> list[Step]:
    steps: list[Step] = []
    while paced:
        name = paced[0][1]
        count = next((index for index, (_, other) in enumerate(paced) if other != name), len(paced))
        if count < 3:
            count = 1
            steps += [*_pause(paced[0][0]), name]
        else:
            mean = sum(pause for pause, _ in paced[1:count]) / (count - 1)
            steps += [*_pause(paced[0][0]), name, Repeat(count - 1, (*_pause(mean), name))]
        paced = paced[count:]
    return steps


def _pause(seconds: float) -> list[Step]:
    return [Think(round(seconds, 1))] if seconds >= SHORTEST else []
