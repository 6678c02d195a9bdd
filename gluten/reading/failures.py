"""Errors on their way from the reading process to the node. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten import errors
from gluten.webui.http.failure import Failure, failure_of

_KINDS = {
    kind.__name__: kind
    for kind in (errors.NotFound, errors.WrongState, errors.StoreError, errors.Refused, errors.UsageError)
}


def to_plain(error: errors.GlutenError) -> dict[str, Any]:
    failure = failure_of(error)
    return {"error": type(error).__name__, "text": str(error), "status": failure.status, "field": failure.field}


def from_plain(plain: Mapping[str, Any]) -> errors.GlutenError:
    if plain["error"] == errors.TaskError.__name__:
        return errors.TaskError(plain["field"], plain["text"])
    kind = _KINDS.get(plain["error"])
    return kind(plain["text"]) if kind else Failure(plain.get("status", 500), plain["text"], plain.get("field", ""))
