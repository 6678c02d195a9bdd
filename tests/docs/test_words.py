"""What documents name is there: options, commands in a sentence, links within the repository, its files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from gluten.cli.arguments import parse
from gluten.cli.usage import GENERAL, TEXTS
from tests.support.onefile import REPOSITORY

DOCUMENTS = [
    REPOSITORY / "README.md",
    REPOSITORY / "docs" / "workload.md",
    *sorted((REPOSITORY / "docs").glob("tutorial-*.md")),
]
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z_.-]*[a-z]")
OURS = set(_OPTION.findall(" ".join([GENERAL, *TEXTS.values()])))
THEIRS = {
    "--cases",  # bench/versus.py
    "--install",
    "--next",  # curl
    "--no-install",  # scripts/run, scripts/test
    "--offline",  # build_zipapp.py
    "--target",
    "--scale",  # docker compose
    "--web.enable-otlp-receiver",  # Prometheus
}
_SPAN = re.compile(r"`gluten\.pyz ([^`]+)`")
_PLACEHOLDERS = {"COMMAND": "runs"}
_OPEN = frozenset("…|&$<>")
"""A span with one of these is no whole command."""
_PATH = re.compile(r"`((?:bench|builder|deploy|docs|gluten|scripts|tests|typings|vendor)/[\w./-]+)`")
MADE = {"bench/results.json"}
"""Files that a command makes."""
PAGES = [*REPOSITORY.glob("*.md"), REPOSITORY / "bench" / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")

each = pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)


def text_of(file: Path) -> str:
    """The text, with a line's end as a space: a span may go over two lines."""
    return " ".join(file.read_text().split())


def anchors(file: Path) -> set[str]:
    """What links can name in a document: its headings, as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each
def test_every_option_is_one(file: Path) -> None:
    assert set(_OPTION.findall(file.read_text())) - OURS - THEIRS == set()


@each
def test_a_command_in_a_sentence_is_one_that_the_program_takes(file: Path) -> None:
    for span in _SPAN.findall(text_of(file)):
        words = [_PLACEHOLDERS.get(word, word) for word in shlex.split(span)]
        if len(words) == 1:
            assert words[0] in TEXTS
        elif not _OPEN & set(span):
            parse(words[1:] if words[0] == "help" else words, {})


@each
def test_every_link_leads_somewhere(file: Path) -> None:
    for path, anchor in _LINK.findall(file.read_text()):
        there = (file.parent / path).resolve() if path else file
        assert there.exists(), path
        assert not anchor or anchor in anchors(there), f"{path}#{anchor}"


def test_every_path_of_the_repository_is_there() -> None:
    """Decisions leave `.py` out."""
    wrong = [
        f"{page.name}: {path}"
        for page in PAGES
        for path in _PATH.findall(page.read_text())
        if path not in MADE and not any((REPOSITORY / f"{path}{end}").exists() for end in ("", ".py"))
    ]
    assert not wrong
