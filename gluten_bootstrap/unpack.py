"""Unpacks and repairs a tree. Only the first start does this, and the first one after some damage."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
import zipfile
import zlib
from functools import partial

from gluten_bootstrap.cache import MANIFEST, MTIME, Tree, damaged
from gluten_bootstrap.host import Refusal
from gluten_bootstrap.interrupts import ExitOnSignal

FRESH = ".new-"
ABANDONED_AFTER = 3600.0
"""After this many seconds a partly unpacked tree counts as left by a process that died."""
UNUSED_AFTER = 7 * 86400.0
"""After this many seconds without a start the tree of another version is deleted."""


def restore(archive: str, root: str, tree: Tree) -> None:
    """Makes the tree at root/identity complete, whatever is there now, and deletes old leftovers.

    Raises OSError if the root cannot hold it (full or read-only), and Refusal if the archive itself is damaged.
    """
    sweep(root, tree.identity, time.time())
    directory = os.path.join(root, tree.identity)
    try:
        contents = Contents(archive)
        if os.path.lexists(directory):
            _repair(contents, directory, tree)
        else:
            _unpack(contents, root, directory, tree)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise Refusal(f"this file is damaged ({error}): copy it again") from error
    if damaged(directory, tree):
        raise OSError(f"{directory} does not keep what is written to it")


class Contents:
    """The contents of all files, which are deflated or stored. Raises BadZipFile, and KeyError if it has none."""

    def __init__(self, archive: str) -> None:
        with zipfile.ZipFile(archive) as source:
            self._all, index = source.read("contents"), source.read("index").decode()
        self._places: dict[str, tuple[int, int, int]] = {}
        start = 0
        for line in index.splitlines():
            digest, method, length = line.split()
            self._places[digest] = int(method), start, start + int(length)
            start += int(length)

    def read(self, digest: str) -> bytes:
        """The content with this SHA-256."""
        method, start, end = self._places[digest]
        content = self._all[start:end]
        if method == zipfile.ZIP_DEFLATED:
            content = zlib.decompress(content, -zlib.MAX_WBITS)
        if hashlib.sha256(content).hexdigest() != digest:
            raise zipfile.BadZipFile(f"{digest} has the wrong content")
        return content


def _unpack(contents: Contents, root: str, directory: str, tree: Tree) -> None:
    fresh = _fresh_name(root)
    with ExitOnSignal(lambda: shutil.rmtree(fresh, ignore_errors=True)):
        os.mkdir(fresh, 0o700)
        try:
            for path, _, digest in tree.files:
                _write(os.path.join(fresh, path), contents.read(digest))
            _write(os.path.join(fresh, MANIFEST), tree.manifest.encode())
            os.rename(fresh, directory)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            # Another first start was faster. Its copy is used, and restore() checks that it is complete.
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _repair(contents: Contents, directory: str, tree: Tree) -> None:
    """Replaces single files atomically. So processes that run from here keep the files that they have mapped."""
    for path, _, digest in damaged(directory, tree):
        fresh, place = _fresh_name(directory), os.path.join(directory, path)
        with ExitOnSignal(partial(_discard, fresh)):
            _write(fresh, contents.read(digest))
            try:
                _remove_obstacles(directory, path)
                os.makedirs(os.path.dirname(place), 0o700, exist_ok=True)
                os.replace(fresh, place)
            finally:
                _discard(fresh)


def _discard(fresh: str) -> None:
    if os.path.lexists(fresh):
        os.unlink(fresh)


def _remove_obstacles(directory: str, path: str) -> None:
    """Removes a file or link where a parent directory must be, and a directory where the file must be."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        parent = os.path.join(directory, *parts[:depth])
        if os.path.lexists(parent) and (os.path.islink(parent) or not os.path.isdir(parent)):
            os.unlink(parent)
    place = os.path.join(directory, path)
    if os.path.isdir(place) and not os.path.islink(place):
        shutil.rmtree(place)


def _write(path: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        descriptor = os.open(path, flags, 0o600)
    with open(descriptor, "wb", buffering=0) as file:
        view = memoryview(content)
        while view:
            view = view[file.write(view) :]
    os.utime(path, (MTIME, MTIME))


def _fresh_name(parent: str) -> str:
    return os.path.join(parent, f"{FRESH}{os.getpid()}-{os.urandom(6).hex()}")


def sweep(root: str, keep: str, now: float) -> None:
    """Deletes abandoned trees that are partly unpacked, and trees of other versions that are no longer used."""
    for name in os.listdir(root):
        path = os.path.join(root, name)
        try:
            if name.startswith(FRESH):
                if now - os.lstat(path).st_mtime > ABANDONED_AFTER:
                    shutil.rmtree(path)
            elif name != keep and len(name) == len(keep) and _unused(path, now):
                doomed = _fresh_name(root)
                os.rename(path, doomed)
                shutil.rmtree(doomed)
        except OSError:
            continue  # another process deletes it, or it belongs to another user


def _unused(path: str, now: float) -> bool:
    """Whether no process uses the tree, and its last start is long ago."""
    manifest = os.path.join(path, MANIFEST)
    if now - os.lstat(manifest).st_mtime < UNUSED_AFTER:
        return False
    descriptor = os.open(manifest, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
