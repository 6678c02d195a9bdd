"""Fixtures for every test module, and what hypothesis may ask of a machine that stalls for a second now and then."""

import pytest
from hypothesis import HealthCheck, settings

from tests.support.leftovers import leftovers, pytest_runtest_makereport
from tests.support.needs import pytest_runtest_setup
from tests.support.onefile import one_file, platform_file
from tests.support.order import pytest_collection_modifyitems
from tests.support.postgres import fresh_postgres_url, postgres, postgres_database
from tests.support.tally import pytest_terminal_summary

__all__ = [
    "fresh_postgres_url",
    "leftovers",
    "one_file",
    "platform_file",
    "postgres",
    "postgres_database",
    "pytest_collection_modifyitems",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_terminal_summary",
]


def pytest_configure(config: pytest.Config) -> None:
    """A stall fails no property: only the result counts, not its time. Each run tries other examples."""
    settings.register_profile("noisy", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("noisy")
