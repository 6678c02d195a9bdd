"""Plain values as bytes and texts for columns."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import msgpack

from gluten.store.records import StoredEvent

_UNSOUND = re.compile(r"\\u0000|\\ud[89a-f]|NaN|Infinity")
"""What may stand in JSON that Postgres cannot read: a NUL, half of a pair, what is no number."""


def pack(value: Any) -> bytes:
    return bytes(msgpack.packb(value, use_bin_type=True, unicode_errors="surrogatepass"))


def unpack(blob: Any) -> Any:
    return msgpack.unpackb(bytes(blob), raw=False, strict_map_key=False, unicode_errors="surrogatepass")


def to_json(value: Any) -> str | None:
    """JSON that the databases' own functions can read."""
    if value is None:
        return None
    text = json.dumps(value, separators=(",", ":"))
    return json.dumps(sound(value), separators=(",", ":")) if _UNSOUND.search(text) else text


def sound_json(text: str | None) -> str | None:
    """JSON as `to_json` writes it today, of what it wrote some versions ago."""
    return to_json(from_json(text)) if text and _UNSOUND.search(text) else text


def sound(value: Any) -> Any:
    """The value with texts as both databases take them, and with null for what is no number."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean(key) if isinstance(key, str) else key: sound(item) for key, item in value.items()}
    return [sound(item) for item in value] if isinstance(value, (list, tuple)) else value


def from_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def clean(text: str) -> str:
    """The text as both databases take it: no NUL (Postgres refuses it), no lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def digest(event: StoredEvent) -> str:
    """The event's own name, so that a batch that is sent twice is kept once."""
    return fingerprint([event.at, event.kind, event.text, event.second, event.node])


def fingerprint(values: list[Any]) -> str:
    """Of plain values, 32 hex digits."""
    return hashlib.blake2b(pack(values), digest_size=16).hexdigest()
