"""The files of the web page that a report carries."""

from __future__ import annotations

import re
from pathlib import Path

from gluten.report.formats.webpage import assets

CHARTS = assets.STATIC / "js" / "charts"


def test_the_script_has_every_module_that_draws_a_chart_of_a_run() -> None:
    ids = {found for path in CHARTS.rglob("*.js") for found in re.findall(r'^  id: "([\w-]+)"', path.read_text(), re.M)}
    assert len(ids) > 5
    for name in ids:
        assert f'id: "{name}"' in assets.script(), name


def test_the_script_asks_nobody() -> None:
    text = assets.script()
    assert text
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "EventSource",
        "WebSocket",
        "sendBeacon",
        "eval(",
        "new Function",
        "import(",
    ):
        assert word not in text, word


def test_the_styles_are_those_of_the_page_and_ask_nobody() -> None:
    text = assets.style()
    for name in ("base", "charts", "parts"):
        first = (assets.STATIC / "css" / f"{name}.css").read_text().splitlines()[0]
        assert first in text
    assert not re.search(r"url\(|@import|</style", text)


def test_without_styles_and_library_a_report_is_plain(tmp_path: Path) -> None:
    assert assets.script(tmp_path) == ""
    assert "@media print" in assets.style(tmp_path)
