"""Each test of a poller runs with both of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gluten.engine.worker.reactor.poller import Poller
from tests.support.engine.pollers import POLLERS


@pytest.fixture(params=POLLERS)
def poller(request: pytest.FixtureRequest) -> Iterator[Poller]:
    with POLLERS[request.param]() as made:
        yield made
