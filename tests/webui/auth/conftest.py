"""The fixture of the tests of who may enter."""

from __future__ import annotations

import pytest

from tests.support.web.house import House


@pytest.fixture
def house() -> House:
    return House()
