"""Every command of the README and the tutorials is tried as a reader would: in a shell, one after the other."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from builder.target import RELEASED
from gluten.cli.arguments import parse
from tests.support.docs.desk import Desk
from tests.support.docs.fenced import Command, blocks, commands
from tests.support.onefile import OneFile

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("tutorial-*.md"))]
MOST_ELSEWHERE = 16
"""So many commands of all documents may be marked `elsewhere`, and are only read."""
_STARTS = re.compile(r" {4}(?:\$ |gluten\.pyz |scripts/|python3? |curl |scp )")
_READ = re.compile(r"(?:^|\s)gluten\.pyz (?P<words>[^>|;)&#]*)")
_COPIED = re.compile(r"\bscp (\S+)")


def walks(file: Path) -> list[tuple[str, list[Command]]]:
    """What is tried in one go: a section of the README, which starts what it needs, or a whole tutorial."""
    found = groupby(commands(file), key=lambda command: command.section if file == README else file.stem)
    tried = ((name, [command for command in walk if not command.elsewhere]) for name, walk in found)
    return [(name, walk) for name, walk in tried if walk and name]


WALKS = [walk for file in DOCUMENTS for walk in walks(file)]
ELSEWHERE = [command for file in DOCUMENTS for command in commands(file) if command.elsewhere]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, one_file: OneFile) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("newcomer"), one_file)
    with made.shop, made.collector.running():
        yield made


@pytest.mark.slow
@pytest.mark.needs("bash", "curl", "jq", "nginx", "openssl")
@pytest.mark.parametrize("walk", [walk for _, walk in WALKS], ids=[name for name, _ in WALKS])
def test_each_command_does_what_the_document_says(desk: Desk, walk: list[Command]) -> None:
    try:
        for command in walk:
            desk.try_out(command)
    finally:
        codes = desk.shell.close()
    assert codes == [0] * len(codes)


def test_few_commands_are_only_read() -> None:
    assert len(ELSEWHERE) <= MOST_ELSEWHERE
    assert sum(len(walk) for _, walk in WALKS) >= 3 * len(ELSEWHERE)


@pytest.mark.parametrize("command", ELSEWHERE, ids=lambda command: f"line-{command.line}")
def test_what_is_only_read_is_a_command_that_a_shell_and_the_program_take(command: Command) -> None:
    done = subprocess.run(["bash", "-n", "-c", command.text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if found := _READ.search(command.text):
        parse(shlex.split(found["words"]), {})


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
def test_what_is_copied_to_other_hosts_was_made_by_an_earlier_command(file: Path) -> None:
    before = ""
    for command in commands(file):
        for name in _COPIED.findall(command.text):
            assert f"> {name}" in before or name in made_by_release(before), f"line {command.line}: {name}"
        before += command.text


def made_by_release(before: str) -> set[str]:
    """What `build_zipapp.py release` writes, if it was among the commands."""
    return {f"dist/gluten-{name}.pyz" for name in RELEASED} if "build_zipapp.py release" in before else set()


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
def test_no_command_is_hidden_in_a_block_without_a_fence(file: Path) -> None:
    fenced = {number for block in blocks(file) for number in range(block.line, block.line + len(block.lines))}
    lines = enumerate(file.read_text().splitlines(), 1)
    assert [line for number, line in lines if number not in fenced and _STARTS.match(line)] == []
