"""The examples of the README are SLOs."""

from __future__ import annotations

import re
from pathlib import Path

from gluten.slo.grammar import parse

README = Path(__file__).parents[2] / "README.md"


def test_every_slo_of_the_readme_is_read() -> None:
    texts = re.findall(r"--slo '([^']+)'", README.read_text())
    assert len(texts) >= 18
    for text in texts:
        assert parse(text).text == text
