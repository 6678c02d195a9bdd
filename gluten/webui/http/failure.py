"""Turns the program's errors into HTTP failures with a status."""

from __future__ import annotations

from gluten.errors import (
    Busy,
    GlutenError,
    NotFound,
    Refused,
    StoreError,
    TooLarge,
    Unreachable,
    UsageError,
    WrongState,
)


class Failure(GlutenError):
    """An error that is answered with `status`. `field` names the wrong part of the request, if there is one.

    `allow` lists the methods that are accepted. `retry` is the number of seconds before the next attempt.
    """

    def __init__(self, status: int, message: str, field: str = "", allow: str = "", retry: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.allow = allow
        self.retry = retry


def failure_of(error: GlutenError) -> Failure:
    """The failure that a client gets for `error`. A `Failure` is returned as it is."""
    if isinstance(error, Failure):
        return error
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return Failure(status, str(error), getattr(error, "field", ""), retry=getattr(error, "retry", 0))
    return Failure(500, str(error))


_STATUS: tuple[tuple[type[GlutenError], int], ...] = (
    (NotFound, 404),
    (WrongState, 409),
    (StoreError, 503),
    (Unreachable, 503),
    (Busy, 429),
    (Refused, 403),
    (TooLarge, 413),
    (UsageError, 400),
)
