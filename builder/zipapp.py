"""Builds a zipapp: the bootstrap, one manifest for each target, and each content once.

gluten_bootstrap/start.py reads this layout and describes it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from builder.archive import Blob, stored, write_archive
from builder.contents import tree
from builder.target import Target
from builder.vendor import Vendor


def build(root: Path, vendor: Vendor, targets: Sequence[Target], output: Path) -> dict[str, int]:
    """Writes the zipapp for `targets` from the source tree. Returns the size of each package in it, in bytes.

    Raises BuildError if vendor/ is incomplete.
    """
    vendor.check(targets)
    trees = {target.key: tree(root, vendor, target) for target in targets}
    manifests = {key: manifest(files) for key, files in trees.items()}
    blobs: dict[str, Blob] = {}
    for files in trees.values():
        for blob in files.values():
            blobs.setdefault(blob.digest, blob)
    entries = _bootstrap(root / "gluten_bootstrap") + _index(manifests)
    write_archive(output, entries + _contents(blobs))
    return _sizes(trees)


def _sizes(trees: Mapping[str, Mapping[str, Blob]]) -> dict[str, int]:
    """Bytes in the archive by the first word of the path. Content that is used several times counts once."""
    counted: set[str] = set()
    sizes: dict[str, int] = {}
    for files in trees.values():
        for path, blob in files.items():
            if blob.digest not in counted:
                counted.add(blob.digest)
                name = re.split(r"[/.-]", path, maxsplit=1)[0]
                sizes[name] = sizes.get(name, 0) + len(blob.raw)
    return sizes


def manifest(files: Mapping[str, Blob]) -> str:
    """One line `SHA256 SIZE PATH` for each file, sorted by path."""
    return "".join(f"{blob.digest} {blob.size} {path}\n" for path, blob in sorted(files.items()))


def _index(manifests: Mapping[str, str]) -> list[tuple[str, Blob]]:
    identities = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in manifests.items()}
    targets = "".join(f"{key} {identity}\n" for key, identity in sorted(identities.items()))
    entries = [("targets", targets), *((f"manifest/{key}", text) for key, text in sorted(manifests.items()))]
    return [(name, stored(text.encode())) for name, text in entries]


def _contents(blobs: Mapping[str, Blob]) -> list[tuple[str, Blob]]:
    """All contents as one entry, because Python reads each entry of a zip at each start, and the place of each."""
    ordered = [blobs[digest] for digest in sorted(blobs)]
    index = "".join(f"{blob.digest} {blob.method} {len(blob.raw)}\n" for blob in ordered)
    return [("index", stored(index.encode())), ("contents", stored(b"".join(blob.raw for blob in ordered)))]


def _bootstrap(package: Path) -> list[tuple[str, Blob]]:
    """The bootstrap as a package. Its __main__ is at the top, where Python looks for it."""
    entries = []
    for path in sorted(package.glob("*.py")):
        name = path.name if path.name == "__main__.py" else f"gluten_bootstrap/{path.name}"
        entries.append((name, stored(path.read_bytes())))
    return entries
