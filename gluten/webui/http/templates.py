"""Page templates. Each `$name` is replaced and escaped. Only a `Markup` is inserted as it is."""

from __future__ import annotations

import html
from pathlib import Path
from string import Template
from typing import Any

from gluten.webui.http.answer import compact


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


def data(value: Any) -> Markup:
    """A value as JSON for `<script type="application/json">`. No text in it can close the element."""
    text = compact(value).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


class Templates:
    """The `*.html` files of a directory, read once."""

    def __init__(self, root: Path) -> None:
        self._all = {path.stem: Template(path.read_text("utf-8")) for path in sorted(root.glob("*.html"))}

    def render(self, name: str, /, **values: object) -> Markup:
        """Fill in the template. Raises KeyError if a value is missing."""
        safe = {k: v if isinstance(v, Markup) else html.escape(str(v)) for k, v in values.items()}
        return Markup(self._all[name].substitute(safe))
