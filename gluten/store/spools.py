"""The spools of one data directory: one for each living process, and what dead ones left.

Layout: `ROOT/ANY/` with `lock`, which its living process holds (flock: free as soon as the process is gone, however it
died) and which holds the name that counted; and the segments (`spool`). So any number of nodes may share a root.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from gluten.store.spool import MAX_BYTES, Segment, Spool, append

LOCK = "lock"


def open_spools(root: Path, name: str, kind: str, most: int = MAX_BYTES) -> tuple[Spool, list[Spool]]:
    """The spool of this process, which has taken over what dead ones of the same name left; and those of dead ones
    of other names, with something in them. `kind` says what the blobs are: others are not understood, and dropped.

    Raises OSError.
    """
    root.mkdir(parents=True, exist_ok=True)
    header = f"gluten spool 1, {kind}\n".encode()
    with (root / LOCK).open("wb") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # for moments: processes that start together take turns
        dead = list(_dead(root))
        own = _one(name, root, [left for left in dead if left[1] == name], header, most)
        names = sorted({left[1] for left in dead} - {name})
        others = [_one(n, root, [left for left in dead if left[1] == n], header, most) for n in names]
    for spool in others:
        if not spool:
            spool.close()
    return own, [spool for spool in others if spool]


def _one(name: str, root: Path, left: list[tuple[Path, str, int]], header: bytes, most: int) -> Spool:
    folder, _, lock = left[0] if left else _new(root, name)
    spool = Spool(folder, name, lock, header, most)
    for other, _, held in left[1:]:
        spool.adopt(other)
        shutil.rmtree(other, ignore_errors=True)
        os.close(held)
    return spool.recover()


def _new(root: Path, name: str) -> tuple[Path, str, int]:
    folder = root / uuid.uuid4().hex
    folder.mkdir(0o700)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        append(Segment(folder / LOCK, lock), name.encode("utf-8", "replace"))
    except OSError:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder, name, lock


def _dead(root: Path) -> Iterator[tuple[Path, str, int]]:
    """Directories that no living process holds, with their names and locks, which are ours now."""
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        try:
            lock = os.open(folder / LOCK, os.O_RDWR)
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()  # its process died while it made it
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        yield folder, os.pread(lock, 1000, 0).decode("utf-8", "replace"), lock
