"""A test that takes `store` or `url` runs against both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gluten.store.database_url import sqlite_url
from gluten.store.store import Store


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database's URL."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "gluten.db")
    return str(request.getfixturevalue("fresh_postgres_url"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    yield opened
    opened.close()
