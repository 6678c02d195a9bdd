"""Reads the body of a stored delta, in every form that a version has stored. Now it is stored as its slave packed it.

Until schema 5 the master packed a delta itself: msgpack in zlib, without its second, with the counts of all requests in
one map. These are read as the counts of one request. So old rows need not be written again.
"""

from __future__ import annotations

from typing import Any

from gluten.stats import packed_delta
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST, STATS_KEYS
from gluten.store.codec import unpack
from gluten.store.records import StoredDelta

_JSON = b"{"
"""The first byte of a current body. A map in msgpack begins with another byte."""
_LATER: dict[str, Any] = {"opened": 0, "backlog": 0, "peak": 0, "host_cpu": 0.0, "steal": 0.0, "quantum": 0.0}
"""The fields that the first versions did not have."""


def delta_of(kept: StoredDelta) -> Delta:
    """The delta in the body. Raises ValueError for a body that no version has written."""
    text = packed_delta.inflate(kept.body, packed_delta.MOST)
    if text.startswith(_JSON):
        return packed_delta.read(text)
    return Delta.from_map(_named(unpack(text), kept.second))


def _named(plain: Any, second: int) -> dict[str, Any]:
    """The map of an old delta, with its counts under the name of the one request."""
    if not isinstance(plain, dict):
        raise ValueError("the body of a delta is not a map")
    counts = {name: value for name, value in plain.items() if name in STATS_KEYS}
    rest = {name: value for name, value in plain.items() if name not in STATS_KEYS}
    return _LATER | rest | {"second": second, "by_name": {REQUEST: counts}}
