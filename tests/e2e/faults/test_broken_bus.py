"""ZeroMQ fails in a way that nobody expects: the node ends, in words, and does not live on deaf or mute."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gluten.net.keys import keyfile
from tests.support.e2e.broken_bus import FILE
from tests.support.e2e.programs import Program, wait_for

WORDS = re.compile(r"gluten: the bus between the nodes failed: [^\n]+: restart this node\n")
MASTER = "--master-mode --web-port 0 --rpc-port 0 --bind 127.0.0.1 --no-load"
SLAVE = "--slave-mode --rpc-port 0 --bind 127.0.0.1"


@pytest.mark.parametrize("call", ["recv", "send"])
@pytest.mark.parametrize("broken", ["master", "slave"])
def test_a_node_whose_bus_fails_ends_in_words(tmp_path: Path, broken: str, call: str) -> None:
    modules, programs = {broken: "tests.support.e2e.broken_bus"}, {}

    def start(name: str, *words: str) -> Program:
        (tmp_path / name).mkdir()
        module = modules.get(name, "gluten")
        programs[name] = Program(tmp_path / name, name, *words, "--data", "d", module=module)
        return programs[name]

    try:
        where = start("master", *MASTER.split()).find(r"--master (\S+:\d+)")[1]
        key = str(tmp_path / "master" / "d" / keyfile.NAME)
        start("slave", *SLAVE.split(), "--master", where, "--key-file", key).find("joined the master")
        (tmp_path / broken / FILE.format(call)).touch()
        node = programs[broken]
        wait_for("its end", lambda: node.process.poll() is not None)
        assert node.process.returncode == 1, node.said
        assert len(WORDS.findall(node.said)) == 1, node.said
        assert "Traceback" not in node.said
    finally:
        for program in reversed(programs.values()):
            program.stop()
