"""`python -m tests.store.make_dump` writes what this version's master keeps of two runs, for tests/e2e/test_upgrade.
Run it once for a new schema, before it is released. The dump of a released schema never changes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from gluten.store.migrations import STEPS
from gluten.version import __version__
from tests.support.e2e.programs import Cluster, Program

DUMPS = Path(__file__).parent / "dumps"


def main() -> None:
    version = STEPS[-1].version
    path = DUMPS / f"{version}.sql"
    if path.exists():
        sys.exit(f"{path} is there: that of a released schema stays as it is; delete it if it was not released")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make_runs(folder, f"of schema {version}")
        with sqlite3.connect(folder / "master-data" / "gluten.db") as database:
            lines = "\n".join(database.iterdump())
    by = subprocess.getoutput("whoami; uname -n").replace("\n", "@")
    head = f"-- What a master of GLuTEN {__version__} kept of two runs: schema {version}, by sqlite3's iterdump."
    path.write_text(f"{head}\n{lines.replace(by, 'someone@load-1')}\n")
    print(path)


def make_runs(folder: Path, name: str) -> None:
    """One that finished with 40 requests, and one whose target could not be reached."""
    target = Program(folder, "target", "target", "--port", "0")
    cluster = Cluster(folder, 0)
    try:
        url = target.find(r"http://\S+")[0]
        cluster.load("--name", name, "-t1", "-c2", "-d2s", "-R20", url)
        cluster.run("submit", "--watch", "-d1s", "http://127.0.0.1:1/")
    finally:
        cluster.stop()
        target.stop()


if __name__ == "__main__":
    main()
