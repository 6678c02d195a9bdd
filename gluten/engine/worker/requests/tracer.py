"""Trace ids for requests (W3C Trace Context, Recommendation of 2021): `traceparent: 00-TRACE-PARENT-01`."""

from __future__ import annotations

from hashlib import blake2b

from gluten.workload.templates.values import Values


class Tracer:
    """`last` is the trace id of the header that was made last. `entropy`: random bytes, of each process its own."""

    __slots__ = ("_count", "_source", "last")

    def __init__(self, entropy: bytes) -> None:
        self._source = blake2b(key=entropy[:64], digest_size=24, person=b"trace")
        self._count = 0
        self.last = ""

    def header(self, _values: Values) -> bytes:
        """Another header's value. Neither id is all zeros, which the specification forbids."""
        self._count += 1
        drawn = self._source.copy()
        drawn.update(self._count.to_bytes(8, "little"))
        text = drawn.hexdigest()
        self.last = text[:32]
        return f"00-{text[:32]}-{text[32:]}-01".encode()
