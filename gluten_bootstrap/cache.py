"""Finds the directory with the unpacked zipapp. Every start runs this, so it imports little and only stats each file.

A root is used only if it is private: a directory of this user with mode 0700, not a link, and not mounted noexec. In
the root each tree has a directory that is named by its content. All files of a tree have the same fixed time stamp, so
a file that was changed later is noticed even if its size is the same.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping

from gluten_bootstrap.host import Refusal

MANIFEST = ".manifest"
MTIME = 946684800
"""2000-01-01 in Unix seconds: the time stamp of every unpacked file."""


class Tree:
    """The files that one host needs, as `(path, size in bytes, sha256)`, and the identity of all of them together."""

    def __init__(self, identity: str, manifest: str) -> None:
        self.identity = identity
        self.manifest = manifest
        lines = (line.split(" ", 2) for line in manifest.splitlines())
        self.files: list[tuple[str, int, str]] = [(path, int(size), digest) for digest, size, path in lines]


def unpacked(archive: str, tree: Tree, candidates: Iterable[str]) -> str:
    """A directory with the complete tree, in the first usable root. It is unpacked or repaired if needed.

    Raises Refusal if none of the candidates is usable.
    """
    problems = []
    for root in candidates:
        directory = os.path.join(root, tree.identity)
        try:
            _claim(root)
            mark_in_use(directory)
            if damaged(directory, tree):
                from gluten_bootstrap.unpack import restore

                restore(archive, root, tree)
                mark_in_use(directory)
            return directory
        except OSError as error:
            problems.append(f"{root} ({error.strerror or error})")
    raise Refusal(f"no directory to unpack into: {', '.join(problems)}: set GLUTEN_CACHE to one of your own, mode 0700")


def roots(environ: Mapping[str, str]) -> Iterator[str]:
    """The candidates, best first. Relative paths in the environment are ignored."""
    mine = f"gluten-{os.geteuid()}"
    yield from _absolute(environ.get("GLUTEN_CACHE"), "")
    yield from _absolute(environ.get("XDG_CACHE_HOME"), "gluten")
    yield from _absolute(os.path.expanduser("~"), ".cache/gluten")
    yield os.path.join("/var/tmp", mine)
    yield from _absolute(environ.get("TMPDIR"), mine)
    yield os.path.join("/tmp", mine)
    yield os.path.join("/dev/shm", mine)


def _absolute(parent: str | None, name: str) -> Iterator[str]:
    if parent and os.path.isabs(parent):
        yield os.path.join(parent, name) if name else parent


def _claim(root: str) -> None:
    """Creates the root if it does not exist. Raises OSError if it is not private, or is mounted noexec."""
    os.makedirs(root, 0o700, exist_ok=True)
    if not _is_private(os.lstat(root)):
        raise OSError("not a directory of yours with mode 0700")
    if os.statvfs(root).f_flag & getattr(os, "ST_NOEXEC", 0):
        raise OSError("mounted noexec")


def _is_private(status: os.stat_result) -> bool:
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    return private and status.st_uid == os.geteuid()


def damaged(directory: str, tree: Tree) -> list[tuple[str, int, str]]:
    """The files that are missing or were changed. Raises OSError if the directory is not private."""
    try:
        if not _is_private(os.lstat(directory)):
            raise OSError(f"{directory} is not a directory of yours with mode 0700")
    except FileNotFoundError:
        return tree.files
    held = os.open(directory, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return [file for file in tree.files if not _is_intact(held, file[0], file[1])]
    finally:
        os.close(held)


def _is_intact(directory: int, path: str, size: int) -> bool:
    """Whether this file of an open directory is as it was unpacked. By its whole name that takes a third longer."""
    try:
        status = os.lstat(path, dir_fd=directory)
    except OSError:
        return False
    return status.st_size == size and status.st_mtime == MTIME and stat.S_ISREG(status.st_mode)


def mark_in_use(directory: str) -> None:
    """Marks the tree as in use, so that no other start deletes it while this process or a fork of it lives.

    It also updates the time of the last use. The descriptor stays open on purpose: its lock ends with the last process
    that has it.
    """
    import fcntl

    manifest = os.path.join(directory, MANIFEST)
    try:
        descriptor = os.open(manifest, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        os.utime(manifest)
    except OSError:
        pass  # a file system that is read-only or has no locks: nothing can be deleted there either
