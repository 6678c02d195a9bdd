"""The engine's fixtures."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.rig import ROOT, Rig


@pytest.fixture(scope="session")
def shared_rig() -> Iterator[Rig]:
    """One driver for all tests, because starting one takes a third of a second."""
    with Rig() as rig:
        yield rig


@pytest.fixture
def rig(shared_rig: Rig) -> Rig:
    """Runs the engine, for tests that do not change the driver."""
    return shared_rig


@pytest.fixture
def own_rig() -> Iterator[Rig]:
    """A driver for a test that kills or limits it."""
    with Rig() as rig:
        yield rig


@pytest.fixture
def known_target() -> Iterator[str]:
    """The URL of `gluten.target` with delays in a known distribution."""
    program = (
        "from gluten.target.target_options import parse_options; from gluten.target.server import serve;"
        "serve(parse_options(port='0', delay='900x10ms,90x50ms,9x200ms,1x1s'))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment, text=True) as made:
        assert made.stdout is not None
        yield made.stdout.readline().split()[-1]
        made.terminate()
