"""The styles and the script of the page of a run, as the HTML report carries them.

They are files of the web page (`webui/static`), so that both look alike and draw alike. They are read once.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from gluten.report.formats.webpage.linker import link
from gluten.report.formats.webpage.style import MORE

STATIC = Path(__file__).parents[3] / "webui" / "static"
LIBRARY = "vendor/uPlot.esm.js"
"""It draws the charts. A source tree has it once `scripts/setup` has run; the one file always has it."""
_STYLES = ("css/base.css", "vendor/uPlot.min.css", "css/charts.css", "css/parts.css")
_DARK = re.compile(r"@media (?=\(prefers-color-scheme: dark\))")


@cache
def script(root: Path = STATIC) -> str:
    """What draws the charts, or an empty text where the library is missing: then the still charts are all."""
    if not (root / LIBRARY).is_file():
        return ""
    return link("js/report.js", lambda path: (root / path).read_text("utf-8"))


@cache
def style(root: Path = STATIC) -> str:
    """The page's styles, and what only a report has. On paper it is light."""
    found = [(root / name).read_text("utf-8") for name in _STYLES if (root / name).is_file()]
    return _DARK.sub("@media screen and ", "\n".join(found)) + MORE


@cache
def digest(text: str) -> str:
    """How a content security policy names this text of a script or a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
