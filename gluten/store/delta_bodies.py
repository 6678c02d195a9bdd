"""The body of a stored delta. It is kept as its slave packed it, and read in each form that a version has stored.

Until schema 5 the master packed a delta itself: msgpack in zlib, without its second, with the counts of all requests in
one map. These are the counts of one request now, and are read so. A day of such rows need not be written anew.
"""

from __future__ import annotations

from typing import Any

from gluten.stats import packed_delta
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REQUEST, STATS_KEYS
from gluten.store.codec import unpack
from gluten.store.records import StoredDelta

_JSON = b"{"
"""The first byte of a body of today. A map in msgpack begins with another one."""
_LATER: dict[str, Any] = {"opened": 0, "backlog": 0, "peak": 0, "host_cpu": 0.0, "steal": 0.0}
"""What the first versions did not count."""


def delta_of(kept: StoredDelta) -> Delta:
    """What the node counted. Raises ValueError for a body that no version has written."""
    text = packed_delta.inflate(kept.body, packed_delta.MOST)
    if text.startswith(_JSON):
        return packed_delta.read(text)
    return Delta.from_map(_named(unpack(text), kept.second))


def _named(plain: Any, second: int) -> dict[str, Any]:
    """The map of a delta from before requests had names."""
    if not isinstance(plain, dict):
        raise ValueError("the body of a delta is no map")
    counts = {name: value for name, value in plain.items() if name in STATS_KEYS}
    rest = {name: value for name, value in plain.items() if name not in STATS_KEYS}
    return _LATER | rest | {"second": second, "by_name": {REQUEST: counts}}
