"""Fixtures for every test module."""

from tests.onefile import one_file, platform_file
from tests.postgres import fresh_postgres_url, postgres, postgres_url

__all__ = ["fresh_postgres_url", "one_file", "platform_file", "postgres", "postgres_url"]
