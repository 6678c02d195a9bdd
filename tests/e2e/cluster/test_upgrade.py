"""A newer program opens the data directory of an older one. Nodes of two versions do not work together."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from gluten.store.migrations import STEPS
from tests.support.e2e.programs import Cluster, Program
from tests.support.nginx import Nginx

DUMPS = Path(__file__).parents[2] / "store" / "dumps"


def test_every_released_schema_has_a_dump() -> None:
    """A new step needs one before it is released: `python -m tests.store.make_dump` makes it."""
    missing = {step.version for step in STEPS} - {int(path.stem) for path in DUMPS.iterdir()}
    assert not missing, "python -m tests.store.make_dump"


@pytest.mark.parametrize("dump", sorted(DUMPS.iterdir()), ids=lambda path: path.stem)
def test_the_data_directory_of_each_released_schema_opens_in_this_version(
    dump: Path, tmp_path: Path, nginx: Nginx
) -> None:
    data = tmp_path / "master-data"
    data.mkdir()
    with sqlite3.connect(data / "gluten.db") as database:
        database.executescript(dump.read_text())
    database.close()
    cluster = Cluster(tmp_path, 0)
    try:
        runs = cluster.run("runs", "--format", "json").json["runs"]
        assert [(run["number"], run["state"]) for run in runs] == [(2, "failed"), (1, "finished")]
        assert runs[1]["name"] == f"of schema {dump.stem}"
        kept = cluster.run("report", "--format", "json", "1").json
        assert kept["requests"]["completed"] == 40
        assert kept["verdict"]["value"] in ("valid", "suspect")  # as the machine was on which the dump was made
        assert sum(row["completed"] for row in kept["seconds"]) == 40
        for form, begin in (("csv", "second,"), ("html", "<!"), ("hdr", "#"), ("text", "Running 2s test")):
            assert cluster.run("report", "--format", form, "1").out.lower().startswith(begin.lower())
        new = cluster.load("-t1", "-c2", "-n40", nginx.url)
        assert new["requests"]["completed"] == 40
        compared = cluster.run("compare", "--format", "json", "1", "3")
        assert compared.json["b"] == new["id"]
    finally:
        assert cluster.stop() == [0]


def test_a_slave_of_another_version_is_refused_in_words(cluster: Cluster, tmp_path: Path) -> None:
    arguments = ["--slave-mode", "--master", cluster.rpc, "--rpc-port", "--name", "newer", "--bind", "127.0.0.1"]
    slave = Program(cluster.folder, "newer", *arguments, module="tests.support.e2e.other_protocol")
    assert slave.process.wait(20) == 4
    last = slave.said.splitlines()[-1]
    assert re.search(r"GLuTEN 9\.9\.9 speaks bus protocol \d+, GLuTEN \S+ speaks \d+: run the same version", last)
    assert last.startswith("gluten: ")
    assert "newer" not in [node["name"] for node in cluster.nodes()]
