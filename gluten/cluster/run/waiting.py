"""Why a queued run has not begun, in words. Pure."""

from __future__ import annotations


def why(reason: str, before: int, active: int | None) -> str:
    """`reason` is what the run says itself. `before`: so many runs of the queue come first. `active` is the number of
    the run that is on."""
    if reason:
        return reason
    queue = f"{before} {'run is' if before == 1 else 'runs are'} before it" if before else ""
    on = f"run {active} is on" if active is not None else ""
    return " and ".join(filter(None, (on, queue))) or "it is about to begin"
