"""The first screen of the README: what it shows a newcomer, and that its one command leads to a chart that moves."""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.docs.desk import clone
from tests.support.docs.fenced import commands
from tests.support.docs.shell import Shell, reader_environment
from tests.support.e2e.programs import wait_for
from tests.support.onefile import REPOSITORY, OneFile

README = REPOSITORY / "README.md"
SCREEN = 40
RUN_ON = "Ctrl-C ends all of it."
_LINK = re.compile(r"(?P<web>http://127\.0\.0\.1:\d+)/login\?token=\S+&next=(?P<page>/runs/(?P<run>\w+))")


class Shown(Shell):
    """A shell in a fresh clone. `said` is what its server printed so far."""

    said = ""

    def start(self, text: str) -> None:
        def ready(printed: str) -> bool:
            self.said = printed
            return RUN_ON in printed

        self.serve(text, ready)


@pytest.fixture
def shown(tmp_path: Path, one_file: OneFile) -> Iterator[Shown]:
    clone(tmp_path / "clone", one_file)
    shell = Shown(tmp_path / "clone", reader_environment(tmp_path / "home", one_file))
    yield shell
    shell.close()


class Browser:
    """Follows a login link, and keeps its cookie."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def get(self, url: str) -> str:
        with self._opener.open(url, timeout=10) as answer:
            text: str = answer.read().decode()
        return text


def is_open(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def processes_of(folder: Path) -> list[bytes]:
    """The command lines of all processes that run the file of this clone."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found.append(place.read_bytes())
    return [line for line in found if f"{folder}/dist/gluten.pyz".encode() in line]


def first_command() -> str:
    first = next(commands(README))
    assert first.line < SCREEN
    return first.text


def test_the_first_screen_has_the_command_and_the_words() -> None:
    lines = README.read_text().splitlines()
    heading = next(number for number, line in enumerate(lines) if line.startswith("## "))
    assert heading <= SCREEN
    screen = "\n".join(lines[:heading])
    for word in ("target", "task", "run", "master", "slaves", "SLO", "report", "verdict"):
        assert re.search(rf"\b{word}\b", screen)
    assert first_command() == "scripts/run --keep"


@pytest.mark.slow
@pytest.mark.needs("bash")
def test_one_command_leads_to_a_run_that_goes_on_and_ctrl_c_ends_it(shown: Shown) -> None:
    shown.start(first_command())
    link = _LINK.search(shown.said)
    assert link, shown.said
    browser = Browser()
    assert f'href="{link["page"]}" id="on"' in browser.get(link[0])
    assert 'data-testid="charts"' in browser.get(link["web"] + link["page"])
    run = f"{link['web']}/api/v1/runs/{link['run']}"
    wait_for("three nodes to load", lambda: json.loads(browser.get(run))["completed"] > 300)
    addresses = set(re.findall(r"127\.0\.0\.1:\d+", shown.said))
    assert len(addresses) >= 3
    assert processes_of(shown.folder)
    assert shown.close(signal.SIGINT) == [0]
    assert processes_of(shown.folder) == []
    assert not any(map(is_open, addresses))
