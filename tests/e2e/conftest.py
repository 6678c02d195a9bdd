"""One cluster of three nodes and one nginx serve all end-to-end tests that do not break them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.lab import HOSTS, Lab
from tests.support.e2e.network import Network
from tests.support.e2e.programs import Cluster, wait_for
from tests.support.e2e.scene import Scene
from tests.support.needs import lacking
from tests.support.nginx import Nginx


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    assert made.stop() == [0, 0, 0]


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    with Nginx(tmp_path) as served:
        yield served


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    network = Network(HOSTS)
    with contextlib.ExitStack() as stack:
        stack.callback(network.close)
        try:
            network.open()
        except AssertionError:
            lacking("network namespaces with a bridge")
        made = Lab(tmp_path, network)
        stack.callback(made.close)
        wait_for("three nodes", lambda: list(made.states().values()) == ["alive"] * 3)
        yield made
