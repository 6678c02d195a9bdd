"""What others wrote cannot forge a line of the log, nor control a terminal."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from gluten.daemon import logs

NAME = "nightly\x1b[2J\r\n2026-01-01 00:00:00 ERROR   forged \u202e\x9b"


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The root logger is as before afterwards."""
    logger = logging.getLogger()
    before = logger.handlers[:], logger.level
    yield
    logger.handlers[:], logger.level = before


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_name_stays_in_its_line(capsys: pytest.CaptureFixture[str], form: str) -> None:
    logs.configure(form)
    logging.getLogger("gluten").warning("run %d: asked by %s", 7, NAME)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said[:-1].isprintable()
    assert json.loads(said)["message"].endswith(NAME) if form == "json" else said.endswith("\\u202e\\x9b\n")


def test_a_traceback_keeps_its_lines_and_controls_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")
    try:
        raise ValueError(NAME)
    except ValueError:
        logging.getLogger("gluten").exception("a fault")
    said = capsys.readouterr().err
    assert said.count("\n") > 3
    assert "\x1b" not in said
    assert "\r" not in said
