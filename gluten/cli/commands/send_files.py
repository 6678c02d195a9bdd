"""Sends the files of a workload to the master, before `submit` sends the task: those that it lacks."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gluten.cli.streams import print_notice
from gluten.errors import Unreachable, UsageError
from gluten.net.rpc.rpc_client import Client
from gluten.terminal.progress import has_cursor

if TYPE_CHECKING:
    from gluten.cli.workload_file import WorkloadFile

PART = 1 << 20

Show = Callable[[int], None]
"""Shows how many bytes are sent."""


def send_files(client: Client, file: WorkloadFile, quiet: bool) -> None:
    """Raises UsageError for a file that cannot be read, or changes meanwhile; Unreachable, Refused, StoreError."""
    names = {sha: name for name, sha in file.task.files}
    if not names:
        return
    for sha in client.missing_files(list(names)):
        name = names[sha]
        try:
            _send(client, sha, name, file.paths[name], quiet)
        except (Unreachable, UsageError) as error:
            raise type(error)(f"{name}: could not be sent: {error}") from None


def _send(client: Client, sha: str, name: str, path: Path, quiet: bool) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as opened, _shown(name, size, quiet) as show:
            client.put_file(sha, size, _parts(iter(lambda: opened.read(PART), b""), show))
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror or error}") from None


def _parts(parts: Iterator[bytes], show: Show) -> Iterator[bytes]:
    sent = 0
    for part in parts:
        yield part
        sent += len(part)
        show(sent)


@contextlib.contextmanager
def _shown(name: str, size: int, quiet: bool) -> Iterator[Show]:
    """On a terminal a line that changes; elsewhere, and without a cursor, one line."""
    if quiet:
        yield lambda sent: None
    elif sys.stderr.isatty() and has_cursor():
        yield from _line(sys.stderr, name, size)
    else:
        print_notice(f"sends {name} ({_bytes(size)}) to the master")
        yield lambda sent: None


def _line(stream: TextIO, name: str, size: int) -> Iterator[Show]:
    shown = "".join(char if char.isprintable() else "?" for char in name)[:40]
    last = -1

    def show(sent: int) -> None:
        nonlocal last
        percent = 100 * sent // max(1, size)
        if percent != last:
            last = percent
            stream.write(f"\r\x1b[Ksends {shown} to the master: {percent} % of {_bytes(size)}")
            stream.flush()

    try:
        show(0)
        yield show
    finally:
        stream.write("\r\x1b[K")
        stream.flush()


def _bytes(size: int) -> str:
    if size < 1 << 10:
        return f"{size} bytes"
    return f"{size / (1 << 10):,.1f} KiB" if size < 1 << 20 else f"{size / (1 << 20):,.1f} MiB"
