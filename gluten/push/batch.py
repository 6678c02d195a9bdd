"""What is pushed of one run in one second: the figures of each node, and what happened. Values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gluten.push.figures import Figure

SERVICE = "gluten"
MILLI, SECOND = 1_000_000, 1_000_000_000
"""Nanoseconds."""


class RunHead(NamedTuple):
    """`start` is when its run-second 0 began, in Unix nanoseconds."""

    run: str
    name: str
    start: int


class Part(NamedTuple):
    """The figures of one node. `at` is the end of their second, if that is not the batch's."""

    node: str
    figures: Sequence[Figure]
    at: int = 0


class Batch(NamedTuple):
    """`at` is the end of the second, in Unix nanoseconds."""

    head: RunHead
    at: int
    parts: Sequence[Part]


class Event(NamedTuple):
    """`at` is in Unix nanoseconds. `second` is the run-second, or None."""

    head: RunHead
    at: int
    kind: str
    text: str
    node: str = ""
    second: int | None = None
