"""A test that takes `store` or `url` runs against both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gluten.store.database_url import sqlite_url
from gluten.store.store import Store
from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def postgres_tables(postgres: Postgres) -> str:
    """A database in which a store has been opened."""
    made = postgres.create_database()
    Store.open(made).close()
    return made


@pytest.fixture
def empty_tables_url(postgres: Postgres, postgres_tables: str) -> Iterator[str]:
    """A database with tables for one test."""
    yield postgres_tables
    postgres.empty_tables(postgres_tables)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database's URL. Who asks for a store gets one that has the tables already, which are empty."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "gluten.db")
    made = "empty_tables_url" if "store" in request.fixturenames else "fresh_postgres_url"
    return str(request.getfixturevalue(made))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    yield opened
    opened.close()
