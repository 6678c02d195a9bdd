"""The front door's fixture."""

from collections.abc import Iterator

import pytest

from tests.support.net.fake_rpc_master import Node, node


@pytest.fixture(scope="module")
def living() -> Iterator[Node]:
    with node() as made:
        yield made
