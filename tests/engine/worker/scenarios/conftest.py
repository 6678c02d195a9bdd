"""A user of scenarios whose greenlet ends with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.engine.scenario_rig import ScenarioRig


@pytest.fixture
def run() -> Iterator[Callable[..., ScenarioRig]]:
    made: list[ScenarioRig] = []

    def one(text: str, **words: Any) -> ScenarioRig:
        made.append(ScenarioRig(text, **words))
        return made[-1]

    yield one
    for rig in made:
        rig.client.greenlet.kill()
