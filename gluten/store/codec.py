"""Encodes plain values as bytes and texts for columns."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgpack

from gluten.store.advice import Damaged
from gluten.store.records import StoredEvent

_NOT_STORABLE = re.compile(r"\\u0000|\\ud[89a-f]|(?:^|[:,\[])\s*-?(?:NaN|Infinity)")
"""What JSON may contain and Postgres cannot read: a NUL, a lone surrogate, NaN and infinity."""


def pack(value: Any) -> bytes:
    return bytes(msgpack.packb(value, use_bin_type=True, unicode_errors="surrogatepass"))


def unpack(blob: Any) -> Any:
    """Raises Damaged."""
    try:
        return msgpack.unpackb(bytes(blob), raw=False, strict_map_key=False, unicode_errors="surrogatepass")
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise Damaged(f"a value in it is damaged ({error})") from None


def to_json(value: Any) -> str | None:
    """The value as JSON that the functions of both databases can read.

    What is long is written in parts, because json holds Python's lock until it has written all.
    """
    if value is None:
        return None
    return _object(value, _member) if _is_object(value) else _member(value)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


def _object(value: Mapping[str, Any], written: Callable[[Any], str]) -> str:
    return "{" + ",".join(f"{_to_json(name)}:{written(item)}" for name, item in value.items()) + "}"


def _member(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_to_json, value)) + "]"
    return _object(value, _to_json) if _is_object(value) else _to_json(value)


def _to_json(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))
    if isinstance(value, str) and "\\u" not in text:
        return text  # to search a long one for what numbers may be takes long
    return json.dumps(storable(value), separators=(",", ":")) if _NOT_STORABLE.search(text) else text


def storable_json(text: str | None) -> str | None:
    """JSON that an earlier version wrote, as `to_json` writes it now."""
    return to_json(from_json(text)) if text and _NOT_STORABLE.search(text) else text


def storable(value: Any) -> Any:
    """The value with texts that both databases accept, and with None in place of NaN and infinity."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean(key) if isinstance(key, str) else key: storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, (list, tuple)) else value


def from_json(text: str | None) -> Any:
    """Raises Damaged."""
    try:
        return None if text is None else json.loads(text)
    except (ValueError, TypeError) as error:
        raise Damaged(f"a value in it is damaged ({error})") from None


def clean(text: str) -> str:
    """The text without NULs, which Postgres refuses, and without lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def digest(event: StoredEvent) -> str:
    """A digest of the event, so that a batch that is written twice is stored once."""
    return fingerprint([event.at, event.kind, event.text, event.second, event.node])


def fingerprint(values: list[Any]) -> str:
    """The digest of plain values, as 32 hex digits."""
    return hashlib.blake2b(pack(values), digest_size=16).hexdigest()
