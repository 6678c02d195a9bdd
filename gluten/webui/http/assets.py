"""The pages' own files: styles, modules, pictures. Read once; only what was found then is ever served.

`/static/VERSION/path` may be kept for ever, since VERSION is a hash of all files; modules import each other
by relative paths, so they stay within it. `/static/path` is the same, asked again each time.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gluten.webui.http.answer import Answer
from gluten.webui.http.failure import Failure
from gluten.webui.http.web_request import Request

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file's contents, and its gzip form once somebody asked for it."""

    kind: str
    content: bytes

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:20]}"'

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)


class Assets:
    """All files below `root` whose kind is known."""

    def __init__(self, root: Path) -> None:
        found = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix in KINDS)
        self._files = {
            path.relative_to(root).as_posix(): Asset(KINDS[path.suffix], path.read_bytes()) for path in found
        }
        digest = hashlib.sha256()
        for name, asset in self._files.items():
            digest.update(f"{name}\0{asset.etag}\n".encode())
        self.version = "v" + digest.hexdigest()[:12]

    @property
    def base(self) -> str:
        """What stands before the path of a file in a page."""
        return f"/static/{self.version}"

    def answer(self, request: Request, path: str) -> Answer:
        """Raises `Failure` for a file that does not exist."""
        version, _, rest = path.partition("/")
        pinned = version == self.version
        asset = self._files.get(rest if pinned else path)
        if asset is None:
            raise Failure(404, f"static: there is no file {path[:200]!r}")
        headers = {
            "ETag": asset.etag,
            "Cache-Control": FOR_EVER if pinned else "no-cache",
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == asset.etag:
            return Answer(304, b"", headers)
        headers["Content-Type"] = asset.kind
        if "gzip" in request.headers.get("accept-encoding", "") and len(asset.content) > 1000:
            return Answer(200, asset.packed, headers | {"Content-Encoding": "gzip"})
        return Answer(200, asset.content, headers)
