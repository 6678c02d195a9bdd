"""Which fields of a load go together. Each rule raises a `TaskError` that names the field."""

from __future__ import annotations

from typing import Protocol

from gluten.errors import TaskError

POISSON = "poisson"
ARRIVALS = ("even", POISSON)
"""How the slots of a schedule are spaced."""


class Load(Protocol):
    """The fields of a `Task`, before they are checked, that say how much load there is and when."""

    @property
    def threads(self) -> int | None: ...
    @property
    def connections(self) -> int | None: ...
    @property
    def duration(self) -> float | None: ...
    @property
    def requests(self) -> int | None: ...
    @property
    def rate(self) -> float | None: ...
    @property
    def stages(self) -> tuple[tuple[float, float], ...]: ...
    @property
    def pace(self) -> float | None: ...
    @property
    def ramp(self) -> float | None: ...
    @property
    def warmup(self) -> float | None: ...
    @property
    def arrivals(self) -> str: ...
    @property
    def find_capacity(self) -> bool: ...


def check_load(load: Load) -> None:
    for rule in (_check_connections, _check_end, _check_schedule, _check_loop, _check_ramp, _check_warmup):
        rule(load)


def _check_connections(load: Load) -> None:
    if load.connections is not None and load.threads is not None and load.connections < load.threads:
        raise TaskError(
            "connections",
            f"connections: {load.connections} is below threads {load.threads}; each thread needs at least one",
        )


def _check_end(load: Load) -> None:
    if load.duration is None and load.requests is None:
        raise TaskError("duration", "duration: a run needs a duration or a number of requests to end")


def _check_schedule(load: Load) -> None:
    if load.stages and load.rate is not None:
        raise TaskError("stages", "stages: give either a rate or stages, not both")
    if load.stages and load.duration is None and load.stages[-1][1] == 0:
        raise TaskError("stages", "stages: the last rate is 0 and there is no duration: the run might never end")


def _check_loop(load: Load) -> None:
    """Some fields are of use in a closed loop alone, and one at a rate alone."""
    at_a_rate = load.rate is not None or bool(load.stages) or load.find_capacity
    for name, value in (("pace", load.pace), ("ramp", load.ramp)):
        if at_a_rate and value is not None:
            raise TaskError(name, f"{name}: belongs to a closed loop: give either {name}, or a rate or stages")
    if load.arrivals != ARRIVALS[0] and not at_a_rate:
        raise TaskError("arrivals", f"arrivals: {load.arrivals} needs a rate or stages; a closed loop plans none")


def _check_ramp(load: Load) -> None:
    if load.ramp is not None and load.duration is not None and load.ramp > load.duration:
        raise TaskError("ramp", f"ramp: {load.ramp:g}s is longer than the duration {load.duration:g}s")


def _check_warmup(load: Load) -> None:
    warmup = load.warmup
    if warmup is None:
        return
    if warmup != int(warmup):
        raise TaskError("warmup", f"warmup: {warmup:g}s is not allowed; whole seconds, such as 30s")
    if load.duration is not None and warmup >= load.duration:
        raise TaskError("warmup", f"warmup: {warmup:g}s leaves nothing of the duration {load.duration:g}s to measure")
