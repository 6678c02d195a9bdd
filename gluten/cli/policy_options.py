"""Reads the options that limit what a node may load."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gluten.cli.arguments import Arguments
from gluten.errors import UsageError
from gluten.task.policy import Policy, read_patterns
from gluten.units import parse_count, parse_duration, parse_rate

T = TypeVar("T", int, float)


def policy_of(arguments: Arguments) -> Policy:
    """The policy that the options ask for. Raises UsageError, ConfigError."""
    return Policy(
        read_patterns(arguments.get("allow-target", ())),
        _ceiling(arguments, "max-rate", parse_rate),
        _ceiling(arguments, "max-connections", parse_count),
        _ceiling(arguments, "max-duration", parse_duration),
    )


def _ceiling(arguments: Arguments, name: str, read: Callable[[str], T]) -> T | None:
    value = arguments.read(name, read, None)
    if value is not None and not value:
        raise UsageError(f"--{name}: {arguments.get(name)!r} would refuse every task: it must be above 0")
    return value
