"""UUIDs of version 4 (RFC 9562, section 5.4) from secret random bytes and a counter."""

from __future__ import annotations

from hashlib import blake2b


class Uuids:
    """Texts of which none comes twice. `entropy` are 16 or more random bytes, of which each process has its own."""

    __slots__ = ("_count", "_source")

    def __init__(self, entropy: bytes) -> None:
        self._source = blake2b(key=entropy[:64], digest_size=16, person=b"uuid")
        self._count = 0

    def __call__(self) -> str:
        self._count += 1
        drawn = self._source.copy()
        drawn.update(self._count.to_bytes(8, "little"))
        text = drawn.hexdigest()
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
