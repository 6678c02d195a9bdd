"""A whole response in which the value of one header varies: an id, a date, a cookie.

It is found by two comparisons, at a third of the price of its shape's regular expression. It admits only what its shape
admits, too.
"""

from __future__ import annotations

from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.shape import is_free

_VALUE_BYTES = bytes([9, *range(0x20, 0x7F), *range(0x80, 0x100)])


class Mask:
    """What stands before and after the value. `framing` is that of the head, `last` the last one that fitted."""

    __slots__ = ("_least", "_prefix", "_suffix", "framing", "last")

    def __init__(self, prefix: bytes, suffix: bytes, framing: Framing) -> None:
        self._prefix, self._suffix, self.framing = prefix, suffix, framing
        self._least, self.last = len(prefix) + len(suffix), b""

    def fits(self, data: bytes) -> bool:
        """Whether it is such a response. The same bytes twice are no value that varies: a date stays for a second."""
        if not (data.startswith(self._prefix) and data.endswith(self._suffix)) or data == self.last:
            return False
        size = len(data)
        self.last = data
        value = data[len(self._prefix) : size - len(self._suffix)]
        # Where the two overlap, the value is empty, and the lengths do not fit.
        return size >= self._least and not value.translate(None, _VALUE_BYTES)


def mask_of(before: bytes, data: bytes, end: int, framing: Framing) -> Mask | None:
    """The mask of two whole responses; None unless they differ in one line of the head, which framing ignores. `end`
    is where the body of `data` begins."""
    old, new = before.split(b"\r\n"), data.split(b"\r\n")
    if len(old) != len(new):
        return None
    differing = [index for index, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
    if len(differing) != 1 or not 0 < differing[0] < data[:end].count(b"\r\n") - 1:
        return None
    line = new[differing[0]]
    name = line.partition(b":")[0] + b":"
    if not is_free(line) or not old[differing[0]].startswith(name):
        return None
    begin = len(b"\r\n".join(new[: differing[0]])) + 2 + len(name)
    return Mask(data[:begin], data[begin + len(line) - len(name) :], framing)
