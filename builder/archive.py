"""Writes the zip file. It has the same bytes on every machine.

The files of a wheel are already deflated, and their compressed bytes are copied. Our own files are small and are stored
without compression. So nothing is compressed here, and the result does not depend on the version of zlib. zipfile
cannot copy compressed bytes, so this module writes the zip itself (PKWARE's APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and
4.3.16).
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
"""The first bytes. The first line runs the file. The second one is for a truncated copy: without the zip directory at
its end Python reads the file as a script, and says that it does not know this encoding."""
DATE_1980 = 0x21
"""1980-01-01 in DOS format, the earliest date in a zip."""
VERSION = 20
UTF8 = 0x800
MODE = 0o100644 << 16


@dataclass(frozen=True)
class Blob:
    """The content of a file as it is in the zip. `digest` and `size` (in bytes) are of the unpacked content."""

    digest: str
    size: int
    crc: int
    method: int
    raw: bytes


def stored(content: bytes) -> Blob:
    return Blob(hashlib.sha256(content).hexdigest(), len(content), zlib.crc32(content), STORED, content)


def copied(source: zipfile.ZipFile, path: Path, info: zipfile.ZipInfo) -> Blob:
    """An entry of a zip, with its compressed bytes unchanged. Raises BuildError if its header is wrong."""
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
    """Writes an executable zip with these entries, in this order. `path` never has an incomplete file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_bytes(_zipped(entries))
        temporary.chmod(0o755)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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
        raise BuildError(f"{count} files of {len(body)} bytes are too many for a zip: build for fewer targets")
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)
