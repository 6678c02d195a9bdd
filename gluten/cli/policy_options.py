"""Reads the options that limit what a node may load, and those that say where it pushes figures to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from gluten.cli.arguments import Arguments
from gluten.errors import ConfigError, UsageError
from gluten.task.policy import Policy, read_patterns
from gluten.units import parse_count, parse_duration, parse_rate

if TYPE_CHECKING:
    from gluten.push.address import Destination

T = TypeVar("T", int, float)

PUSH = ("otlp", "influx")


def policy_of(arguments: Arguments) -> Policy:
    """The policy that the options ask for. Raises UsageError, ConfigError."""
    return Policy(
        read_patterns(arguments.get("allow-target", ())),
        _ceiling(arguments, "max-rate", parse_rate),
        _ceiling(arguments, "max-connections", parse_count),
        _ceiling(arguments, "max-duration", parse_duration),
    )


def push_to(arguments: Arguments) -> Sequence[Destination]:
    """Where figures are pushed to. Raises ConfigError, UsageError."""
    if not any(arguments.get(name) or arguments.get(f"{name}-header") for name in PUSH):
        return ()
    from gluten.push.address import destinations  # here, because most commands push nowhere

    for name in PUSH:
        _refuse_found_url(arguments, name)
    return destinations(arguments.get)


def _refuse_found_url(arguments: Arguments, name: str) -> None:
    """Raises ConfigError if a `gluten.toml` that nobody named says where a header from elsewhere goes."""
    file, header = arguments.settings.file, f"{name}-header"
    found = arguments.places.get(name) == f"{file}: {name}" and not arguments.settings.named
    if found and arguments.get(header) and arguments.places.get(header) != f"{file}: {header}":
        raise ConfigError(
            f"{file}: {name}: is not used, because nobody named this file and --{header} is from elsewhere: "
            f"to trust the file, name it: --config {file}"
        )


def _ceiling(arguments: Arguments, name: str, read: Callable[[str], T]) -> T | None:
    value = arguments.read(name, read, None)
    if value is not None and not value:
        raise UsageError(f"--{name}: {arguments.get(name)!r} would refuse every task: it must be above 0")
    return value
