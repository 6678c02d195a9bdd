"""The data that a node keeps on disk until another node has it: a map of keys to bytes, in files that only grow.

The files are segments: `00000001`, `00000002` … in a directory of this process (`spools`). A segment begins with a line
that names the kind of its data. Then come records: length and CRC-32 of the payload (`<II`), then the payload. A
payload is packed (`codec`): [key, bytes] adds an entry, [keys] removes entries. A torn or wrong record ends its
segment.

There is no fsync. Written data survives the end of the process without it, even kill -9. It would only help if the
whole machine fails, and then the load is gone too. It can also block the hub for seconds, and so the heartbeats.
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
"""The most bytes of all segments of one spool."""
SEGMENT_BYTES = 4 << 20
"""The size of a segment, in bytes. A small spool has smaller segments."""
MAX_PAYLOAD = 8 << 20
"""The most bytes of one payload."""
FRAME = struct.Struct("<II")

Key = tuple[str, int, int]
"""(run, epoch, number): it identifies an entry. It has no meaning for the spool itself."""


@dataclass(slots=True)
class Segment:
    """One file. It stays open, so that it can still be read if somebody deletes it. `live` are the keys in it."""

    path: Path
    file: int
    size: int = 0
    live: set[Key] = field(default_factory=set)

    def close(self) -> None:
        os.close(self.file)
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a payload is. `offset` and `length` are in bytes."""

    segment: Segment
    offset: int
    length: int


class Spool:
    """The map in one directory. If something cannot be written, OSError is raised and nothing changes."""

    def __init__(self, folder: Path, name: str, lock: int, header: bytes, max_bytes: int = MAX_BYTES) -> None:
        self.folder, self.name, self._lock, self._header, self._max_bytes = folder, name, lock, header, max_bytes
        self._segment_bytes = max(4096, min(SEGMENT_BYTES, max_bytes // 8))
        self._locations: dict[Key, Location] = {}
        self._segments: list[Segment] = []
        self._number = 0
        self._segment_full = True  # the next record starts a new segment
        self._compaction_due = False  # a segment was started since the last compaction

    def __len__(self) -> int:
        return len(self._locations)

    def __iter__(self) -> Iterator[Key]:
        return iter(list(self._locations))

    @property
    def size(self) -> int:
        """The number of bytes on disk."""
        return sum(segment.size for segment in self._segments)

    def put(self, key: Key, blob: bytes) -> None:
        """Store `blob` under the key, in place of an earlier one. Raises OSError, also if the spool is full."""
        payload = pack([key, blob])
        self._make_room(FRAME.size + len(payload))
        segment, offset = self._append(payload)
        self._locate(key, Location(segment, offset, len(payload)))

    def get(self, key: Key) -> bytes:
        """The bytes of the key. Raises KeyError; OSError if they cannot be read."""
        location = self._locations[key]
        framed = os.pread(location.segment.file, FRAME.size + location.length, location.offset - FRAME.size)
        payload = framed[FRAME.size :]
        if framed[: FRAME.size] != FRAME.pack(location.length, zlib.crc32(payload)):
            raise OSError(f"{location.segment.path}: the stored data is damaged")
        return bytes(unpack(payload)[1])

    def drop(self, keys: Iterable[Key]) -> None:
        """Remove the keys. Raises OSError if that cannot be written; then they are removed until a restart."""
        known = [key for key in dict.fromkeys(keys) if key in self._locations]
        for key in known:
            self._locations.pop(key).segment.live.discard(key)
        if not self._locations:
            self._clear()
        elif known:
            try:
                self._append(pack([known]))
            finally:
                self._trim()

    def close(self) -> None:
        """Close the spool. An empty one is deleted."""
        if not self._locations:
            self._clear()
            shutil.rmtree(self.folder, ignore_errors=True)
        for segment in self._segments:
            os.close(segment.file)
        self._segments.clear()
        os.close(self._lock)

    # Writing

    def _append(self, payload: bytes) -> tuple[Segment, int]:
        if self._segment_full or self._segments[-1].size >= self._segment_bytes:
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
        self._segment_full, self._compaction_due = False, True

    def _locate(self, key: Key, location: Location) -> None:
        if (old := self._locations.get(key)) is not None:
            old.segment.live.discard(key)
        self._locations[key] = location
        location.segment.live.add(key)

    def _make_room(self, length: int) -> None:
        if length > MAX_PAYLOAD:
            raise OSError(f"{length} bytes are too many for one record")
        if self.size + length > self._max_bytes or self._compaction_due:
            self._compaction_due = False
            with contextlib.suppress(OSError):  # an error with older records does not concern this one
                self._compact()
        if self.size + length > self._max_bytes:
            raise OSError(f"{self.folder}: it is full, with {self.size >> 20} MiB")

    def _compact(self) -> None:
        """Copy the live entries of mostly unused segments to the end, and delete these segments.

        The oldest segment comes first, so that a record that removes an entry stays behind that entry.
        """
        while len(self._segments) > 1:
            oldest = self._segments[0]
            if sum(self._locations[key].length for key in oldest.live) > self._segment_bytes // 2:
                return
            for key in list(oldest.live):
                payload = pack([key, self.get(key)])
                segment, offset = self._append(payload)
                self._locate(key, Location(segment, offset, len(payload)))
            self._trim()

    def _trim(self) -> None:
        while len(self._segments) > 1 and not self._segments[0].live:
            self._segments.pop(0).close()

    def _clear(self) -> None:
        for segment in self._segments:
            segment.close()
        self._segments.clear()
        self._segment_full = True

    # Reading back

    def recover(self) -> Self:
        """Read the segments that an earlier process left. Raises OSError."""
        for path in segment_files(self.folder):
            segment = Segment(path, os.open(path, os.O_RDWR))
            self._segments.append(segment)
            self._number = int(path.name)
            self._replay(segment, path.read_bytes())
        self._trim()
        return self

    def adopt(self, other: Path) -> None:
        """Take over the segments of a dead process of the same name. Call it before `recover`. Raises OSError."""
        last = max((int(path.name) for path in segment_files(self.folder)), default=0)
        for number, path in enumerate(segment_files(other), last + 1):
            path.rename(self.folder / f"{number:08d}")  # atomic, and needs no disk space

    def _replay(self, segment: Segment, data: bytes) -> None:
        segment.size = len(data)
        if not data.startswith(self._header):
            if not self._header.startswith(data):
                log.warning("spool: %s was written by another version and cannot be delivered", segment.path)
            return
        for offset, payload in _records(data, len(self._header)):
            plain = unpack(payload)
            if len(plain) == 2:
                self._locate(_key(plain[0]), Location(segment, offset, len(payload)))
            else:
                for key in map(_key, plain[0]):
                    if (location := self._locations.pop(key, None)) is not None:
                        location.segment.live.discard(key)


def segment_files(folder: Path) -> list[Path]:
    """The segments in the folder, oldest first."""
    return sorted(path for path in folder.iterdir() if path.name.isdecimal())


def append(segment: Segment, data: bytes) -> None:
    """Append all of the data, or nothing. Raises OSError."""
    try:
        written = os.pwrite(segment.file, data, segment.size)
        if written != len(data):
            written += os.pwrite(segment.file, data[written:], segment.size + written)  # raises the reason
            if written != len(data):
                raise OSError(f"{segment.path}: only {written} of {len(data)} bytes were written")
    except OSError:
        # If this fails too, a torn record stays behind the end. It is overwritten later, and a reader stops there.
        os.ftruncate(segment.file, segment.size)
        raise
    segment.size += len(data)


def _records(data: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """(offset of the payload, payload) of each complete record."""
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
