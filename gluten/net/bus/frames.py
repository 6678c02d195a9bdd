"""A message of the bus as one frame of bytes, and back. What a frame may be is in `messages`."""

from __future__ import annotations

import dataclasses
from typing import Any, get_type_hints

import msgpack

from gluten.errors import WireError
from gluten.net.bus.fields import Check
from gluten.net.bus.messages import DOWN, MAX, PROTOCOL, UP, Message
from gluten.version import __version__

# A task names up to 100,000 threads.
_BOUNDS = {"max_ext_len": 0, "max_array_len": 1 << 17, "max_map_len": 1 << 12}


def _checks(kind: type[Message]) -> dict[str, Check]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in dataclasses.fields(kind)}  # type: ignore[arg-type]


_FIELDS = {kind: _checks(kind) for kind in (*UP.values(), *DOWN.values())}


def encode(message: Message) -> bytes:
    """The frame of a message."""
    plain: dict[str, Any] = {"type": message.type}
    for name, check in _FIELDS[type(message)].items():
        plain[name] = check.write(getattr(message, name))
    return bytes(msgpack.packb(plain, use_bin_type=True, unicode_errors="surrogatepass"))


def decode_up(frame: bytes) -> Message:
    """A message from a slave. Raises `WireError`. Only an error with the code `version` is answered."""
    return _decode(frame, UP, MAX)


def decode_down(frame: bytes) -> Message:
    """A message from a master. Raises `WireError`."""
    return _decode(frame, DOWN, MAX)


def _decode(frame: bytes, kinds: dict[str, type[Message]], most: int) -> Message:
    if len(frame) > most:
        raise WireError("size", f"a message of {len(frame)} bytes is longer than {most}")
    plain = _unpack(frame)
    word = plain.pop("type", None)
    kind = kinds.get(word) if isinstance(word, str) else None
    if kind is None:
        raise WireError("type", f"a message of the unknown type {str(word)[:40]!r}")
    if "proto" in _FIELDS[kind]:
        _check_protocol(plain)
    return _build(kind, plain)


def _unpack(frame: bytes) -> dict[str, Any]:
    try:
        plain = msgpack.unpackb(
            frame, raw=False, strict_map_key=True, unicode_errors="surrogatepass", ext_hook=_no_extension, **_BOUNDS
        )
    except (ValueError, msgpack.UnpackException, RecursionError, TypeError, MemoryError) as error:
        raise WireError("msgpack", f"a message that is not msgpack: {type(error).__name__}") from None
    if not isinstance(plain, dict):
        raise WireError("map", "a message that is not a map")
    return plain


def _no_extension(code: int, _data: bytes) -> Any:
    raise ValueError(f"extension type {code}")


def _check_protocol(plain: dict[str, Any]) -> None:
    theirs = plain.get("proto")
    if type(theirs) is int and theirs != PROTOCOL:
        version = str(plain.get("version", "?"))[:40]
        raise WireError(
            "version",
            f"GLuTEN {version} speaks bus protocol {theirs}, GLuTEN {__version__} speaks {PROTOCOL}: "
            "run the same version on all nodes",
        )


def _build(kind: type[Message], plain: dict[str, Any]) -> Message:
    checks = _FIELDS[kind]
    if plain.keys() != checks.keys():
        odd = sorted(str(key)[:40] for key in plain.keys() ^ checks.keys())
        raise WireError("fields", f"{kind.type}: missing or unknown: {', '.join(odd[:5])}")
    values = {}
    for name, check in checks.items():
        try:
            values[name] = check.read(plain[name])
        except (ValueError, TypeError) as error:
            raise WireError("value", f"{kind.type}: {name}: {str(error)[:200]}") from None
    return kind(**values)
