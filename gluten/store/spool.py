"""What a node keeps on disk until somebody else has it: a map of keys to bytes, in segment files that only grow.

Segments are `00000001`, `00000002` … in a directory of the process's own (`spools`). A segment is a line that says of
what kind the kept bytes are, then records: length and CRC-32 of the payload (`<II`), payload.
A payload is packed (`codec`): [key, bytes] keeps, [keys] drops. A record that is torn or wrong ends its segment.

No fsync: what was written outlives the process without it, also after kill -9. It would only help when the whole
machine goes down, which takes the load with it, and it can hold up the hub, and so the heartbeats, for seconds.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from gluten.store.codec import pack, unpack

log = logging.getLogger(__name__)

MAX_BYTES = 256 << 20
"""Bytes of all segments of one spool."""
SEGMENT = 4 << 20
LONGEST = 8 << 20
"""Bytes of one payload."""
FRAME = struct.Struct("<II")

Key = tuple[str, int, int]
"""(run, epoch, number): what is kept is told apart by it. The spool itself gives it no meaning."""


@dataclass(slots=True)
class Segment:
    """One file, open as long as it is needed: what somebody deletes under us can still be read."""

    path: Path
    file: int
    size: int = 0
    live: set[Key] = field(default_factory=set)

    def close(self) -> None:
        os.close(self.file)
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Place:
    segment: Segment
    offset: int
    """Of the payload,"""
    length: int
    """in bytes."""


class Spool:
    """The map of one directory. What cannot be written raises OSError and changes nothing."""

    def __init__(self, folder: Path, name: str, lock: int, header: bytes, most: int = MAX_BYTES) -> None:
        self.folder, self.name, self._lock, self._header, self._most = folder, name, lock, header, most
        self._longest = max(4096, min(SEGMENT, most // 8))
        self._places: dict[Key, Place] = {}
        self._segments: list[Segment] = []
        self._number = 0
        self._sealed, self._grown = True, False

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Key]:
        return iter(list(self._places))

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    def put(self, key: Key, blob: bytes) -> None:
        """Keep `blob` in place of whatever had this key. Raises OSError, also beyond `most` bytes."""
        payload = pack([key, blob])
        self._make_room(FRAME.size + len(payload))
        segment, offset = self._append(payload)
        self._settle(key, Place(segment, offset, len(payload)))

    def get(self, key: Key) -> bytes:
        """Raises OSError where it cannot be read back, KeyError."""
        place = self._places[key]
        framed = os.pread(place.segment.file, FRAME.size + place.length, place.offset - FRAME.size)
        payload = framed[FRAME.size :]
        if framed[: FRAME.size] != FRAME.pack(place.length, zlib.crc32(payload)):
            raise OSError(f"{place.segment.path}: what was written cannot be read back")
        return bytes(unpack(payload)[1])

    def drop(self, keys: Iterable[Key]) -> None:
        """Forget these. Where that cannot be written, it is forgotten all the same, until a restart."""
        known = [key for key in dict.fromkeys(keys) if key in self._places]
        for key in known:
            self._places.pop(key).segment.live.discard(key)
        if not self._places:
            self._clear()
        elif known:
            try:
                self._append(pack([known]))
            finally:
                self._trim()

    def close(self) -> None:
        """Let go of the directory; it is removed where nothing is left in it."""
        if not self._places:
            self._clear()
            shutil.rmtree(self.folder, ignore_errors=True)
        for segment in self._segments:
            os.close(segment.file)
        self._segments.clear()
        os.close(self._lock)

    # Writing

    def _append(self, payload: bytes) -> tuple[Segment, int]:
        if self._sealed or self._segments[-1].size >= self._longest:
            self._start_segment()
        segment = self._segments[-1]
        append(segment, FRAME.pack(len(payload), zlib.crc32(payload)) + payload)
        return segment, segment.size - len(payload)

    def _start_segment(self) -> None:
        path = self.folder / f"{self._number + 1:08d}"
        segment = Segment(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            append(segment, self._header)
        except OSError:
            segment.close()
            raise
        self._number += 1
        self._segments.append(segment)
        self._sealed, self._grown = False, True

    def _settle(self, key: Key, place: Place) -> None:
        if (old := self._places.get(key)) is not None:
            old.segment.live.discard(key)
        self._places[key] = place
        place.segment.live.add(key)

    def _make_room(self, length: int) -> None:
        if length > LONGEST:
            raise OSError(f"{length} bytes are more than a record takes")
        if self.size + length > self._most or self._grown:
            self._grown = False
            with contextlib.suppress(OSError):  # of what is there already; it says nothing about this record
                self._compact()
        if self.size + length > self._most:
            raise OSError(f"{self.folder}: it holds {self.size >> 20} MiB, which is the most")

    def _compact(self) -> None:
        """Carry what is left of segments that are mostly forgotten to the end, oldest first: a drop then stays
        behind what it drops."""
        while len(self._segments) > 1:
            oldest = self._segments[0]
            if sum(self._places[key].length for key in oldest.live) > self._longest // 2:
                return
            for key in list(oldest.live):
                payload = pack([key, self.get(key)])
                segment, offset = self._append(payload)
                self._settle(key, Place(segment, offset, len(payload)))
            self._trim()

    def _trim(self) -> None:
        while len(self._segments) > 1 and not self._segments[0].live:
            self._segments.pop(0).close()

    def _clear(self) -> None:
        for segment in self._segments:
            segment.close()
        self._segments.clear()
        self._sealed = True

    # Reading back

    def recover(self) -> Self:
        """Read what an earlier process left here. Raises OSError."""
        for path in segment_files(self.folder):
            segment = Segment(path, os.open(path, os.O_RDWR))
            self._segments.append(segment)
            self._number = int(path.name)
            self._replay(segment, path.read_bytes())
        self._trim()
        return self

    def adopt(self, other: Path) -> None:
        """Take over the segments of a dead process of the same name; before `recover`. Raises OSError."""
        last = max((int(path.name) for path in segment_files(self.folder)), default=0)
        for number, path in enumerate(segment_files(other), last + 1):
            path.rename(self.folder / f"{number:08d}")  # takes no room, and is done or not done

    def _replay(self, segment: Segment, data: bytes) -> None:
        segment.size = len(data)
        if not data.startswith(self._header):
            if not self._header.startswith(data):
                log.warning("spool: %s is not of this version's kind and cannot be delivered", segment.path)
            return
        for offset, payload in _records(data, len(self._header)):
            plain = unpack(payload)
            if len(plain) == 2:
                self._settle(_key(plain[0]), Place(segment, offset, len(payload)))
            else:
                for key in map(_key, plain[0]):
                    if (place := self._places.pop(key, None)) is not None:
                        place.segment.live.discard(key)


def segment_files(folder: Path) -> list[Path]:
    """The segments in the folder, oldest first."""
    return sorted(path for path in folder.iterdir() if path.name.isdecimal())


def append(segment: Segment, data: bytes) -> None:
    """Append all of it or nothing."""
    try:
        written = os.pwrite(segment.file, data, segment.size)
        if written != len(data):
            written += os.pwrite(segment.file, data[written:], segment.size + written)  # says why it stopped
            if written != len(data):
                raise OSError(f"{segment.path}: only {written} of {len(data)} bytes were written")
    except OSError:
        # What is left behind the end is torn, and is written over; a reader stops there.
        os.ftruncate(segment.file, segment.size)
        raise
    segment.size += len(data)


def _records(data: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """(offset, payload) of each whole record."""
    while offset + FRAME.size <= len(data):
        length, crc = FRAME.unpack_from(data, offset)
        offset += FRAME.size
        payload = data[offset : offset + length]
        if len(payload) != length or zlib.crc32(payload) != crc or not length:
            return
        yield offset, payload
        offset += length


def _key(plain: Any) -> Key:
    run, epoch, number = plain
    return str(run), int(epoch), int(number)
