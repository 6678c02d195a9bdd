"""The zip file, byte for byte the same wherever it is written.

A wheel's files are deflated already: their compressed bytes are copied as they are. What is ours is small
and stored. So nothing is compressed here, and the result does not depend on which zlib is at hand. zipfile
cannot copy compressed bytes, hence this writer (PKWARE's APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16).
"""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from builder.errors import BuildError

STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
START = b"#!/usr/bin/env python3\n# coding: this-file-is-incomplete--copy-it-again\n"
"""What runs the file; and the whole word of a copy that was cut off. Without the directory at its end Python does not
see a zip but a script, and says that it does not know this encoding. Nobody reads it where the zip is whole."""
DATE_1980 = 0x21
"""1980-01-01 in DOS form, the earliest that a zip can say."""
VERSION = 20
UTF8 = 0x800
MODE = 0o100644 << 16


@dataclass(frozen=True)
class Blob:
    """A file's content as it lies in the zip; `digest` and `size` (bytes) are of the content unpacked."""

    digest: str
    size: int
    crc: int
    method: int
    raw: bytes


def stored(content: bytes) -> Blob:
    return Blob(hashlib.sha256(content).hexdigest(), len(content), zlib.crc32(content), STORED, content)


def copied(source: zipfile.ZipFile, path: Path, info: zipfile.ZipInfo) -> Blob:
    """An entry of a zip, its compressed bytes untouched. Raises BuildError if they are not where it says."""
    content = source.read(info)
    if info.compress_type not in (STORED, DEFLATED):
        return stored(content)
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(30)
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        file.seek(info.header_offset + 30 + name_length + extra_length)
        raw = file.read(info.compress_size)
    unpacked = raw if info.compress_type == STORED else zlib.decompress(raw, -zlib.MAX_WBITS)
    if unpacked != content:
        raise BuildError(f"{path}: {info.filename} is not where its header says")
    return Blob(hashlib.sha256(content).hexdigest(), info.file_size, info.CRC, info.compress_type, raw)


def write_archive(path: Path, entries: Iterable[tuple[str, Blob]]) -> None:
    """Writes an executable zip with these entries in their order; there is never half a file at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        arriving.write_bytes(_zipped(entries))
        arriving.chmod(0o755)
        os.replace(arriving, path)
    finally:
        arriving.unlink(missing_ok=True)


def _zipped(entries: Iterable[tuple[str, Blob]]) -> bytes:
    body, directory, count = bytearray(START), bytearray(), 0
    for name, blob in entries:
        encoded = name.encode()
        common = (UTF8, blob.method, 0, DATE_1980, blob.crc, len(blob.raw), blob.size, len(encoded), 0)
        unix_maker = 3 << 8 | VERSION
        directory += (
            struct.pack("<4s6H3L5H2L", b"PK\1\2", unix_maker, VERSION, *common, 0, 0, 0, MODE, len(body)) + encoded
        )
        body += struct.pack("<4s5H3L2H", b"PK\3\4", VERSION, *common) + encoded + blob.raw
        count += 1
    if count >= 0xFFFF or len(body) + len(directory) >= 0xFFFFFFFF:
        raise BuildError(f"{count} files of {len(body)} bytes are more than a plain zip holds: build for fewer targets")
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)
