"""Turns errors into gRPC statuses, and statuses into errors. Pure: codes are the standard names, as texts.

The trailing metadata of a refused call names the error (`error`) and, for a wrong task, its field
(`field`). With them a GLuTEN client raises the same error as the master. Other clients need only the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gluten import errors

MAX_TEXT = 2000
"""Characters of a text. gRPC refuses a header block beyond 8 KiB."""

_CODES: tuple[tuple[type[errors.GlutenError], str], ...] = (
    (errors.UsageError, "INVALID_ARGUMENT"),
    (errors.NotFound, "NOT_FOUND"),
    (errors.WrongState, "FAILED_PRECONDITION"),
    (errors.Busy, "RESOURCE_EXHAUSTED"),
    (errors.Refused, "PERMISSION_DENIED"),
    (errors.StoreError, "UNAVAILABLE"),
    (errors.StandsBy, "UNAVAILABLE"),
    (errors.GlutenError, "INTERNAL"),
)
_NAMED: dict[str, type[errors.GlutenError]] = {
    kind.__name__: kind
    for kind in (
        errors.UsageError,
        errors.TooLarge,
        errors.NotFound,
        errors.WrongState,
        errors.Refused,
        errors.Busy,
        errors.StoreError,
    )
}
_BY_CODE: dict[str, type[errors.GlutenError]] = {
    "INVALID_ARGUMENT": errors.UsageError,
    "NOT_FOUND": errors.NotFound,
    "FAILED_PRECONDITION": errors.WrongState,
    "PERMISSION_DENIED": errors.Refused,
    "UNAUTHENTICATED": errors.Refused,
    "RESOURCE_EXHAUSTED": errors.Refused,
}


@dataclass(frozen=True, slots=True)
class Status:
    """How a call ended: the code's name, one line for a person, and trailing metadata."""

    code: str
    text: str
    trailer: Mapping[str, str] = field(default_factory=dict)


def from_error(error: errors.GlutenError) -> Status:
    """The status that the service returns when the master raises `error`."""
    code = next(code for kind, code in _CODES if isinstance(error, kind))
    trailer = {"error": type(error).__name__}
    if isinstance(error, errors.TaskError) and error.field.isascii():
        trailer["field"] = error.field
    if isinstance(error, errors.StandsBy) and error.active.isascii():
        trailer["active"] = error.active
    return Status(code, str(error)[:MAX_TEXT], trailer)


def to_error(status: Status, address: str) -> errors.GlutenError:
    """The error that a client raises for a status other than OK from `address` (HOST:PORT)."""
    text = " ".join(status.text.split())
    if status.code == "INVALID_ARGUMENT" and status.trailer.get("field"):
        return errors.TaskError(status.trailer["field"], text)
    if status.trailer.get("error") == errors.StandsBy.__name__:
        return errors.StandsBy(f"the master at {address}: {text}", status.trailer.get("active", ""))
    kind = _NAMED.get(status.trailer.get("error", "")) or _BY_CODE.get(status.code)
    if status.code == "UNAUTHENTICATED":
        return errors.Refused(f"the master at {address}: {text}")
    if kind is not None:
        return kind(text)
    if status.code == "INTERNAL" and not _from_transport(text):
        return errors.GlutenError(f"{address}: {text}")
    return errors.Unreachable(_unreachable(status.code, text, address))


def _unreachable(code: str, text: str, address: str) -> str:
    if code == "DEADLINE_EXCEEDED":
        return f"the master at {address} does not answer: is it a GLuTEN master? name it with --master"
    if code != "UNAVAILABLE" or _is_other_program(text):
        return f"what answers at {address} is not a GLuTEN master: name it with --master"
    return f"cannot reach the master at {address}: start it or name it with --master"


def _from_transport(text: str) -> bool:
    """Whether grpc's transport made the text, not a master."""
    return "RST_STREAM" in text or "http2" in text.lower()


def _is_other_program(text: str) -> bool:
    """Whether something listens that does not use HTTP/2."""
    lower = text.lower()
    return any(sign in lower for sign in ("http1", "http/1", "settings", "http2 frame", "http status"))
