"""An error of ZeroMQ that nobody expects. The bus is deaf or mute from then on, so its node must end."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gluten.errors import GlutenError

log = logging.getLogger(__name__)

OnBroken = Callable[[GlutenError], object]
"""Gets the error, in words, with which the bus has failed."""


def failure(error: Exception) -> GlutenError:
    """The same in words for a person."""
    return GlutenError(f"the bus between the nodes failed: {str(error).lower()}: restart this node")


def log_failure(error: GlutenError) -> None:
    """For an end of the bus that no node depends on."""
    log.error("%s", error)
