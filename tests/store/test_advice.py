"""When the database fails, one line says what, where, and what to do."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gluten.errors import GlutenError, StoreConfigError, StoreError
from gluten.store import database_url
from gluten.store.advice import advised
from gluten.store.database_url import sqlite_url
from gluten.store.store import Store
from tests.support.store_records import a_delta, a_run, an_event

BACKUP = "put a backup in its place, or start with another --db"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("database is locked", "another program holds it: end that program, such as a backup or sqlite3"),
        ("database or disk is full", "make room on its disk"),
        ("could not extend file: No space left on device", "make room on its disk"),
        ("disk I/O error", "check its disk"),
        ("attempt to write a readonly database", "let this user write it, or give another --db"),
        ("cannot execute INSERT in a read-only transaction", "let this user write it, or give another --db"),
        ("unable to open database file", "see that its file is there and may be written"),
        ("database disk image is malformed", f"it is damaged: {BACKUP}"),
        ("file is not a database", f"if it was one, it is damaged: {BACKUP}"),
        ("a value in it is damaged (bad)", BACKUP),
        ("connection refused", "start it"),
    ],
)
def test_each_cause_has_its_advice(text: str, advice: str) -> None:
    assert advised(text, "start it") == f"{text}: {advice}"


@pytest.fixture
def made(tmp_path: Path) -> tuple[Store, Path, str]:
    path = tmp_path / "gluten.db"
    store = Store.open(sqlite_url(path))
    return store, path, store.create_run(a_run()).id


def test_a_locked_database_is_said(made: tuple[Store, Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    store, path, _ = made
    store.close()
    monkeypatch.setattr(database_url, "BUSY_TIMEOUT", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(
        StoreConfigError, match=r"^database sqlite:///\S+: database is locked: another program holds it"
    ):
        Store.open(sqlite_url(path))
    other.close()


def test_a_full_disk_is_said_though_the_rollback_fails_too(made: tuple[Store, Path, str]) -> None:
    """SQLite has rolled back by itself, so another rollback is an error of its own."""
    store, _, run = made
    database = store._session.database
    database.pragma("max_page_count", database.pragma("page_count"), permanent=True)
    with pytest.raises(StoreError, match=r"database or disk is full: make room on its disk$"):
        store.save_deltas([a_delta(run, number) for number in range(1, 3000)])
    store.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(StoreConfigError, match="file is not a database: if it was one, it is damaged: put a backup"):
        Store.open(sqlite_url(tmp_path / "x.db"))
    assert (tmp_path / "x.db").read_bytes() == b"nothing of the kind" * 100


def test_a_value_that_cannot_be_read_is_said(made: tuple[Store, Path, str]) -> None:
    store, path, run = made
    other = sqlite3.connect(path)
    for column, value in (("task", b"\x81\xa1\xff\x01"), ("task", b"\x81\x80\x01"), ("task", b"\xc1"), ("report", "{")):
        other.execute("update gluten_run set task = ?, report = null", (b"\x80",))
        other.execute(f"update gluten_run set {column} = ?", (value,))
        other.commit()
        with pytest.raises(StoreError, match=r"a value in it is damaged .*: put a backup in its place"):
            store.run(run)
    store.close()


def test_whatever_is_damaged_errors_are_words(tmp_path: Path, made: tuple[Store, Path, str]) -> None:
    store, path, run = made
    store.save_deltas([a_delta(run, number) for number in range(1, 200)])
    store.add_events([an_event(run)])
    store.close()
    whole, seen = path.read_bytes(), set()
    for seed in range(40):
        broken = _broken(whole, random.Random(seed))
        path = tmp_path / f"{seed}.db"
        path.write_bytes(broken)
        seen |= _failures(path, run)
        os.unlink(path)
    assert any("damaged" in text for text in seen)
    assert all("\n" not in text for text in seen)


def _broken(whole: bytes, chance: random.Random) -> bytes:
    made = bytearray(whole)
    for _ in range(chance.choice([1, 3, 10])):
        at = chance.randrange(len(made))
        length = min(chance.choice([1, 16, 500, 4096]), len(made) - at)
        made[at : at + length] = chance.randbytes(length)
    return bytes(made)


def _failures(path: Path, run: str) -> set[str]:
    """What the store says. Any other error than one in words ends the test."""
    try:
        store = Store.open(sqlite_url(path))
    except GlutenError as error:
        return {str(error)}
    acts: list[Callable[[], Any]] = [
        store.runs,
        store.unfinished,
        lambda: store.run("last"),
        lambda: list(store.deltas(run)),
        lambda: store.events(run),
        lambda: store.create_run(a_run()),
        store.stale_runs,
        store.pinned,
        store.audit_entries,
    ]
    said = set()
    for act in acts:
        try:
            act()
        except GlutenError as error:
            said.add(str(error))
    store.close()
    return said
