from __future__ import annotations

import pytest

from gluten.webui.app import Wsgi, make_app
from tests.webui.fake_master import FakeMaster, formats, seed
from tests.webui.gates import open_gate


@pytest.fixture
def master() -> FakeMaster:
    """A master with a history of 16 runs, none of them under way."""
    made = FakeMaster()
    seed(made)
    return made


@pytest.fixture
def app(master: FakeMaster) -> Wsgi:
    return make_app(master, open_gate(), formats(), heartbeat=0.05)
