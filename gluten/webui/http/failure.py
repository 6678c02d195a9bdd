"""Errors at the boundary to HTTP: the one tree of errors becomes a status and one JSON line."""

from __future__ import annotations

from gluten.errors import GlutenError, NotFound, Refused, StoreError, Unreachable, UsageError, WrongState


class Failure(GlutenError):
    """A request that is answered with `status`; `field` names what is wrong with it, if anything does.

    `allow` are the methods that are taken, `retry` is after how many seconds to try again.
    """

    def __init__(self, status: int, message: str, field: str = "", allow: str = "", retry: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.allow = allow
        self.retry = retry


def failure_of(error: GlutenError) -> Failure:
    """What a client is told. A `Failure` stays what it is."""
    if isinstance(error, Failure):
        return error
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return Failure(status, str(error), getattr(error, "field", ""))
    return Failure(500, str(error))


_STATUS: tuple[tuple[type[GlutenError], int], ...] = (
    (NotFound, 404),
    (WrongState, 409),
    (StoreError, 503),
    (Unreachable, 503),
    (Refused, 403),
    (UsageError, 400),
)
