"""The delays of a target: fixed ones, and exponential ones (`exp:8ms`)."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from gluten.target.weighted import Weighted, parse_weighted
from gluten.units import parse_duration

_EXPONENTIAL = "exp:"


class Exponential(NamedTuple):
    """Delays that are exponentially distributed. `mean` is in seconds, and above 0."""

    mean: float


Delay = float | Exponential


def parse_delays(text: str) -> Weighted[Delay]:
    """Delays in seconds, of which each is `10ms` (0 is allowed) or `exp:8ms`. Raises ValueError."""
    return parse_weighted(text, _parse_delay)


def _parse_delay(text: str) -> Delay:
    if not text.lower().startswith(_EXPONENTIAL):
        return parse_duration(text)
    mean = parse_duration(text[len(_EXPONENTIAL) :])
    if mean == 0:
        raise ValueError("the mean of an exponential delay is above 0, as in exp:8ms")
    return Exponential(mean)


def drawn_delays(delays: Weighted[Delay]) -> Iterator[float]:
    """The endless sequence of delays, in seconds. It is the same for each target with the same spec."""
    draw = random.Random("exponential delay").expovariate
    return (draw(1 / delay.mean) if isinstance(delay, Exponential) else delay for delay in delays.draws("delay"))
