"""`multipart` of a request: a body of several parts, some of which are files (RFC 7578)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import PurePath
from typing import Any

from gluten.errors import WorkloadError
from gluten.workload.tables.file_names import file_of
from gluten.workload.templates.bodies import field_text
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Scope
from gluten.workload.workload import FileBody, Multipart, Part

_TYPES = {
    "avif": "image/avif", "bmp": "image/bmp", "css": "text/css", "csv": "text/csv", "gif": "image/gif",
    "gz": "application/gzip", "html": "text/html", "jpeg": "image/jpeg", "jpg": "image/jpeg",
    "js": "text/javascript", "json": "application/json", "mp3": "audio/mpeg", "mp4": "video/mp4",
    "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml", "txt": "text/plain", "webp": "image/webp",
    "xml": "application/xml", "zip": "application/zip",
}  # fmt: skip
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def boundary_of(place: str) -> str:
    """The line between the parts. It follows from the request's place, and does not occur in any file by chance."""
    return f"gluten-{blake2b(place.encode(), digest_size=16).hexdigest()}"


def multipart(value: Any, scope: Scope, place: str) -> Multipart:
    """The body of a table of fields. Raises `WorkloadError`."""
    if not isinstance(value, dict) or not value:
        raise WorkloadError('must be a table of parts, such as {title = "x", photo = "@p.jpg"}')
    boundary, parts = boundary_of(place), list[Part]()
    for name, given in value.items():
        for index, item in enumerate(given if isinstance(given, list) else [given]):
            parts += _part(name, item, boundary, scope, f"{place}.{name}/{index}")
    return Multipart((*parts, f"--{boundary}--\r\n".encode()))


def _part(name: str, item: Any, boundary: str, scope: Scope, place: str) -> Iterator[Part]:
    text = field_text(name, item, "multipart")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name.translate(_ESCAPES)}"'
    if not text.startswith("@"):
        yield f"{head}\r\n\r\n".encode("utf-8", "replace")
        yield Template.parse(text, scope, place)
    else:
        file = file_of(text, scope)
        shown = PurePath(file).name.translate(_ESCAPES)
        kind = _TYPES.get(PurePath(file).suffix[1:].lower(), "application/octet-stream")
        yield f'{head}; filename="{shown}"\r\nContent-Type: {kind}\r\n\r\n'.encode("utf-8", "replace")
        yield FileBody(file)
    yield b"\r\n"
