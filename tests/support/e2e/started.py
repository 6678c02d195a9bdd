"""Programs of the one file, started as a person starts it: nothing but the file and a Python."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.support.e2e.programs import Program, wait_for


def clean(home: Path) -> dict[str, str]:
    """An environment in which nothing of this machine's GLuTEN is left."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}


class Started(Program):
    """`command` is all that stands before the arguments: where it runs, the Python, the file."""

    def __init__(self, folder: Path, name: str, command: list[str], *arguments: str) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        folder.mkdir(exist_ok=True, parents=True)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, *arguments], stdout=out, stderr=out, env=clean(folder), cwd=folder
            )


def told(folder: Path, command: list[str], *arguments: str) -> Any:
    """The JSON that a command prints."""
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, env=clean(folder), cwd=folder, timeout=90
    )
    assert done.returncode in (0, 5), done.stderr  # 5: a busy machine makes a run invalid
    return json.loads(done.stdout)


def wait_for_nodes(count: int, folder: Path, command: list[str], *arguments: str) -> None:
    ask = [*command, "nodes", "--format", "json", *arguments]

    def alive() -> bool:
        done = subprocess.run(ask, capture_output=True, text=True, env=clean(folder), cwd=folder)
        nodes = json.loads(done.stdout)["nodes"] if done.returncode == 0 else []
        return [node["state"] for node in nodes].count("alive") == count

    wait_for(f"{count} nodes", alive)


def counted(url: str, prefix: list[str], python: str) -> int:
    """What the target has answered."""
    script = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())"
    if not prefix:
        with urlopen(f"{url}_gluten/count") as answer:
            return int(json.load(answer)["requests"])
    command = [*prefix, python, "-c", script, f"{url}_gluten/count"]
    return int(json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["requests"])
