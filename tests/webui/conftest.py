from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gluten.webui.app import Wsgi, make_app
from tests.support.web.fake_master import FakeMaster, formats, seed
from tests.support.web.gates import open_gate

if TYPE_CHECKING:
    from tests.support.web.browser import Browser


@pytest.fixture
def master() -> FakeMaster:
    """A master with a history of 16 runs, none of them under way."""
    made = FakeMaster()
    seed(made)
    return made


@pytest.fixture
def app(master: FakeMaster) -> Wsgi:
    return make_app(master, open_gate(), formats(), heartbeat=0.05)


@pytest.fixture(scope="session")
def shared() -> Iterator[Browser]:
    """One Chromium for all tests of a process: starting one takes seconds of CPU."""
    pytest.importorskip("selenium")
    from tests.support.web.browser import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def browser(shared: Browser) -> Iterator[Browser]:
    """A browser with no page open, in which nobody is logged in, and whose console stays empty."""
    shared.fresh()
    yield shared
    said = shared.console()
    shared.fresh()
    assert said == []
