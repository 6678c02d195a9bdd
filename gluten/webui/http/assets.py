"""The pages' own files: styles, modules, pictures. They are read once; files that come later are not served.

Browsers may cache `/static/VERSION/path` forever, because VERSION is a hash of all files. Modules import each other by
relative paths, so they keep the version. `/static/path` is the same file, but browsers check it each time.
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
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file's content. Its gzip form is made at the first request for it."""

    kind: str
    content: bytes

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:20]}"'

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)


class Assets:
    """All files below `root` of a known kind."""

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
        """The prefix of a file's path in a page."""
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
            "Cache-Control": FOREVER if pinned else "no-cache",
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == asset.etag:
            return Answer(304, b"", headers)
        headers["Content-Type"] = asset.kind
        if "gzip" in request.headers.get("accept-encoding", "") and len(asset.content) > 1000:
            return Answer(200, asset.packed, headers | {"Content-Encoding": "gzip"})
        return Answer(200, asset.content, headers)
