"""An HTML report as a reader sees it who has no script."""

import re
from html.parser import HTMLParser
from typing import Any

from gluten.report.formats import html

CODE = re.compile(r"<(script|style)\b[^>]*>(.*?)</\1>\n?", re.S)


def render(report: Any) -> str:
    """The page without its styles, its script and what that reads: what a reader sees who has no script."""
    return CODE.sub("", html.render(report))


class Reader(HTMLParser):
    """Checks that tags nest, and keeps the tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(report: Any) -> Reader:
    reader = Reader()
    reader.feed(render(report))
    reader.close()
    assert reader.open == []
    return reader
