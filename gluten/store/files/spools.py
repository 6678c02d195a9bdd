"""The spools of one data directory: one for each living process, and those that dead processes left.

Each spool is a directory `ROOT/ANY/` with its segments (`spool`) and a file `lock`. The file contains the name of the
node, and its process holds a flock on it. The kernel frees the lock when the process is gone, however it died. So any
number of nodes may share a root.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from gluten.store.files.spool import MAX_BYTES, Segment, Spool, append

log = logging.getLogger(__name__)

LOCK = "lock"
PATIENCE, SILENCE, PAUSE = 10.0, 0.5, 0.02
"""Seconds: a start waits so long for the lock, it says so after the second, and it looks again after the third."""


def open_spools(root: Path, name: str, kind: str, max_bytes: int = MAX_BYTES) -> tuple[Spool, list[Spool]]:
    """The spool of this process, and the spools of dead processes with other names that are not empty.

    The spool of this process takes over those of dead processes with the same name. `kind` names the kind of the
    blobs. Blobs of another kind cannot be understood and are dropped. Raises OSError.
    """
    _make_private(root)
    header = f"gluten spool 1, {kind}\n".encode()
    with _locked(root / LOCK):
        abandoned = list(_abandoned(root))
        own = _open_one(name, root, [left for left in abandoned if left[1] == name], header, max_bytes)
        names = sorted({left[1] for left in abandoned} - {name})
        others = [_open_one(n, root, [left for left in abandoned if left[1] == n], header, max_bytes) for n in names]
    for spool in others:
        if not spool:
            spool.close()
    return own, [spool for spool in others if spool]


def _make_private(root: Path) -> None:
    """The directory, which only this user may enter. Raises OSError if it is another user's."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    root.chmod(0o700)  # it may be older, or the umask may have been in the way


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of the root, so that processes that start together open their spools in turn. Raises OSError."""
    guard = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(guard, 0o600)
        _wait_for_lock(guard, path)
        yield
    finally:
        os.close(guard)


def _wait_for_lock(guard: int, path: Path) -> None:
    """Raises OSError if another process keeps the lock for `PATIENCE` seconds. It says in the log that it waits."""
    began, said = time.monotonic(), False
    while True:
        try:
            return fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - began
        if waited > PATIENCE:
            raise OSError(f"another process has kept {path} locked for {PATIENCE:g} s")
        if waited > SILENCE and not said:
            said = True
            log.warning("spool: another process holds the lock %s: waiting %g s for it", path, PATIENCE)
        time.sleep(PAUSE)


def _open_one(name: str, root: Path, left: list[tuple[Path, str, int]], header: bytes, max_bytes: int) -> Spool:
    folder, _, lock = left[0] if left else _create(root, name)
    spool = Spool(folder, name, lock, header, max_bytes)
    for other, _, held in left[1:]:
        spool.adopt(other)
        shutil.rmtree(other, ignore_errors=True)
        os.close(held)
    return spool.recover()


def _create(root: Path, name: str) -> tuple[Path, str, int]:
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


def _abandoned(root: Path) -> Iterator[tuple[Path, str, int]]:
    """(directory, name, lock) of each spool without a living process. This process holds the locks from now on."""
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        try:
            lock = os.open(folder / LOCK, os.O_RDWR)
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()  # its process died while creating it
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        yield folder, os.pread(lock, 1000, 0).decode("utf-8", "replace"), lock
