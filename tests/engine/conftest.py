"""The engine's fixtures."""

from collections.abc import Iterator

import pytest

from tests.engine.rig import Rig


@pytest.fixture(scope="session")
def shared_rig() -> Iterator[Rig]:
    """One driver for all: starting one costs a third of a second."""
    with Rig() as rig:
        yield rig


@pytest.fixture()
def rig(shared_rig: Rig) -> Rig:
    """Runs the engine, for tests that leave the driver as it was."""
    return shared_rig


@pytest.fixture()
def own_rig() -> Iterator[Rig]:
    """A driver for a test that kills or limits it."""
    with Rig() as rig:
        yield rig
