"""Deltas as slaves pack them, valid and invalid."""

from __future__ import annotations

import json
import zlib
from typing import Any

from gluten.stats.delta import Delta
from gluten.stats.packed_delta import pack
from gluten.stats.request_stats import REQUEST, STATS_KEYS


def packed(second: int = 0) -> bytes:
    """A second in which nothing happened."""
    return pack(Delta(second))


def changed(plain: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The map of a delta with other values, also of its one request."""
    of_request = {name: value for name, value in fields.items() if name in STATS_KEYS}
    rest = {name: value for name, value in fields.items() if name not in STATS_KEYS}
    one = Delta()
    one.of()
    known = plain["by_name"].get(REQUEST, one.to_map()["by_name"][REQUEST])
    return plain | {"by_name": {REQUEST: known | of_request}} | rest


def body(plain: Any) -> bytes:
    """The bytes of any values, valid or not."""
    return zlib.compress(json.dumps(plain).encode(), 1)
