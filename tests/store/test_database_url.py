from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import quote

import pytest

from gluten.errors import StoreConfigError
from gluten.store.database_url import parse, sqlite_url
from gluten.store.store import Store
from tests.support.postgres import Postgres
from tests.support.store_records import a_run


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "it has no scheme; use sqlite:///PATH or postgresql://"),
        ("hunter2@host/db", "it has no scheme"),
        ("mysql://u:hunter2@host/db", "scheme 'mysql' is not known"),
        ("://", "scheme '' is not known"),
        ("sqlite://relative/path", "needs an absolute path"),
        ("sqlite:///", "needs an absolute path"),
        ("sqlite:///x?mode=ro", "needs an absolute path"),
        ("sqlite:///x%00", "needs an absolute path"),
        ("postgresql://u:hunter2@host:notaport/db", "cannot be read"),
        ("postgresql://u:hunter2@x@host:1:2/db", "cannot be read"),
        ("postgresql://u:hunter2@host/db?nonsense=hunter2", "cannot be read"),
        ("postgresql://u:hunter2@host", "postgresql://u@host/: the name of the database is missing"),
        ("postgresql://u:hunter2@127.0.0.1:1/db", "postgresql://u@127.0.0.1:1/db: connection .*refused"),
        ("postgres://u:hunter2@127.0.0.1:1/db", "refused"),
        (
            "postgresql:///db?host=/nowhere&password=hunter2",
            r"No such file or directory.*start it, or check --db",
        ),
    ],
)
def test_a_wrong_url_is_one_line_without_the_password(url: str, words: str) -> None:
    with pytest.raises(StoreConfigError, match=words) as caught:
        Store.open(url)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_postgres_that_refuses_is_one_line_without_the_password(postgres: Postgres) -> None:
    host = postgres.url().partition("?")[2]
    for url, words in {
        f"postgresql://nobody:hunter2@/postgres?{host}": 'role "nobody" does not exist',
        f"postgresql://gluten:hunter2@/nothing?{host}": 'database "nothing" does not exist',
    }.items():
        with pytest.raises(StoreConfigError, match=words) as caught:
            Store.open(url)
        assert "\n" not in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_a_postgres_that_cannot_be_written_is_refused_at_the_start(postgres: Postgres, fresh_postgres_url: str) -> None:
    Store.open(fresh_postgres_url).close()
    read_only = fresh_postgres_url + "&options=" + quote("-c default_transaction_read_only=on")
    with pytest.raises(StoreConfigError, match="read-only transaction"):
        Store.open(read_only)


def test_the_short_scheme_of_postgres_does_too(fresh_postgres_url: str) -> None:
    store = Store.open(fresh_postgres_url.replace("postgresql://", "postgres://"))
    assert store.create_run(a_run()).number == 1
    store.close()


def test_a_directory_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreConfigError, match="cannot be written: not a directory; give another --data or --db"):
        Store.open(sqlite_url(tmp_path / "file" / "gluten.db"))
    with pytest.raises(StoreConfigError, match="cannot be written"):
        Store.open(data_dir=tmp_path / "file")


def test_a_path_that_is_a_directory_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreConfigError, match="is a directory"):
        Store.open(sqlite_url(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreConfigError, match="permission denied"):
        Store.open(sqlite_url(tmp_path / "gluten.db"))


def test_a_file_that_is_not_a_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "gluten.db").write_bytes(b"a letter to a friend" * 100)
    with pytest.raises(StoreConfigError, match="file is not a database"):
        Store.open(sqlite_url(tmp_path / "gluten.db"))


def test_without_a_url_the_data_directory_is_made_and_used(tmp_path: Path) -> None:
    Store.open(data_dir=tmp_path / "new" / "er").close()
    assert (tmp_path / "new" / "er" / "gluten.db").exists()


def test_without_both_there_is_nothing_to_open() -> None:
    with pytest.raises(StoreConfigError, match="give --db or --data"):
        Store.open()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = Store.open(data_dir=tmp_path / "data")
    store.create_run(a_run())
    for path in (tmp_path / "data").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    store.close()


def test_unusual_paths_survive_a_url(tmp_path: Path) -> None:
    path = tmp_path / "a b?#%é" / "x.db"
    Store.open(sqlite_url(path)).close()
    assert path.exists()


def test_four_slashes_do_as_three(tmp_path: Path) -> None:
    assert parse(f"sqlite:////{str(tmp_path)[1:]}/x.db").label == f"sqlite://{tmp_path}/x.db"


def test_a_label_has_no_password() -> None:
    labels = {
        "postgresql://u:pw@h:5/db?sslmode=require": "postgresql://u@h:5/db",
        "postgresql://u:pw@/db?host=/run/pg": "postgresql://u@/db?host=/run/pg",
        "postgresql://h/db?password=pw": "postgresql://h/db",
    }
    assert {url: parse(url).label for url in labels} == labels
