"""The states of a run: queued, starting, running, stopping, then exactly one of the final ones."""

from __future__ import annotations

QUEUED, STARTING, RUNNING, STOPPING = "queued", "starting", "running", "stopping"
FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
FINAL = (FINISHED, STOPPED, FAILED)
"""A run in one of these states is over and does not change any more."""
BY_SLO = "slo"
"""The kind of a run that an SLO ended."""
ACTIVE = (STARTING, RUNNING, STOPPING)
"""The nodes of a run in one of these states may be making load."""
