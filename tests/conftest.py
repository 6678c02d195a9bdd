"""Fixtures for every test module."""

from tests.postgres import fresh_postgres_url, postgres, postgres_url

__all__ = ["fresh_postgres_url", "postgres", "postgres_url"]
