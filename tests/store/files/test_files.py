"""A node's files by their content: whole or not there at all, bounded, and removed when nobody needs them."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gluten.errors import StoreError, TooLarge, UsageError
from gluten.store.files.files import KEPT, Files

DATA = b"name,password\nann,x\n"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


def put(files: Files, data: bytes = DATA, secret: bool = False) -> str:
    sha = hashlib.sha256(data).hexdigest()
    part = files.part(sha, len(data), secret)
    part.write(data[:5])
    part.write(data[5:])
    part.finish()
    part.drop()  # as everybody does at the end
    return sha


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def aged(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (time.time() - KEPT - 10,) * 2)


def test_a_file_has_its_content_and_is_its_owner_s_alone(folder: Path) -> None:
    files = Files(folder)
    assert put(files) == SHA
    assert (files.has(SHA), files.size(SHA), files.read(SHA, 5, 4)) == (True, len(DATA), DATA[5:9])
    assert Path(files.path(SHA)).read_bytes() == DATA
    assert (folder.stat().st_mode & 0o777, Path(files.path(SHA)).stat().st_mode & 0o777) == (0o700, 0o600)


def test_other_bytes_than_were_promised_leave_nothing(folder: Path) -> None:
    files = Files(folder)
    part = files.part(SHA)
    part.write(DATA + b"more")
    with pytest.raises(UsageError, match=f"and not {SHA}"):
        part.finish()
    assert (names(folder), files.has(SHA), files.size(SHA)) == ([], False, None)


def test_an_interrupted_file_leaves_nothing(folder: Path) -> None:
    files = Files(folder)
    part = files.part(SHA)
    part.write(DATA[:3])
    part.drop()
    with pytest.raises(StoreError):
        part.write(DATA[3:])
    assert names(folder) == []


def test_a_file_of_a_dead_process_is_removed_when_the_next_one_begins(folder: Path) -> None:
    code = f"""
import os, pathlib
from gluten.store.files.files import Files
files = Files(pathlib.Path({str(folder)!r}))
files.part("{SHA}").write(b"half")
part = files.part("{"a" * 64}", secret=True)
part._place.write_bytes(b"a secret")
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    assert len(names(folder)) == 3
    living = Files(folder)
    part = living.part(SHA)
    Files(folder)  # another node of the host
    part.write(DATA)
    part.finish()
    assert names(folder) == [SHA]


def test_a_file_has_at_most_1_gib(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files(folder)
    with pytest.raises(TooLarge, match="at most 1 GiB"):
        files.part(SHA, (1 << 30) + 1)
    monkeypatch.setattr("gluten.store.files.files.MAX_FEED", 10)
    part = files.part(SHA)
    part.write(b"0123456789")
    with pytest.raises(TooLarge):
        part.write(b"a")
    assert names(folder) == []


def test_all_files_together_are_bounded_in_words(folder: Path) -> None:
    files = Files(folder, total=len(DATA) + 5)
    put(files)
    with pytest.raises(StoreError, match=r"that it may have: remove files that no run needs, or wait a day"):
        files.part("a" * 64, 6)


def test_a_full_disk_is_told_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Files(folder).part(SHA)

    def full(_file: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError, match="its disk is full: make room, or give --data another"):
        part.write(DATA)
    assert names(folder) == []


def test_what_no_run_has_named_for_a_day_is_removed(folder: Path) -> None:
    files = Files(folder)
    put(files), put(files, b"needed"), put(files, b"touched")
    needed = hashlib.sha256(b"needed").hexdigest()
    files.keep("run", {needed: False})
    aged(folder)
    assert files.touch(hashlib.sha256(b"touched").hexdigest())
    files.sweep()
    assert names(folder) == sorted([needed, hashlib.sha256(b"touched").hexdigest()])
    assert not files.touch(SHA)


def test_a_file_that_another_process_needs_is_not_removed(folder: Path) -> None:
    one, other = Files(folder), Files(folder)
    put(one, secret=True)
    one.keep("run", {SHA: True})
    other.keep("run", {SHA: True})
    aged(folder)
    one.sweep()
    one.release("run")
    assert other.has(SHA)
    other.release("run")
    assert names(folder) == []


def test_a_file_stays_for_a_day_after_the_last_run(folder: Path) -> None:
    files = Files(folder)
    put(files)
    files.keep("run", {SHA: False})
    aged(folder)
    files.release("run")
    files.sweep()
    assert files.has(SHA)


def test_a_secret_file_is_there_only_while_a_run_needs_it(folder: Path) -> None:
    files = Files(folder)
    put(files)
    files.keep("one", {SHA: True})
    files.keep("two", {SHA: False})
    assert names(folder) == [f"{SHA}.secret"]
    files.release("one")
    assert files.has(SHA)
    files.release("two")
    assert names(folder) == []


def test_closing_removes_secret_files_alone(folder: Path) -> None:
    files = Files(folder)
    put(files, secret=True)
    other = put(files, b"plain")
    files.keep("run", {SHA: True, other: False})
    files.close()
    assert names(folder) == [other]


def test_what_is_not_here_is_kept_once_it_is(folder: Path) -> None:
    files = Files(folder)
    files.keep("run", {SHA: True})
    put(files, secret=True)
    files.keep("run", {SHA: True})
    Files(folder)  # removes what nobody holds
    assert files.has(SHA)
    files.release("run")
    files.release("run")
    assert names(folder) == []
