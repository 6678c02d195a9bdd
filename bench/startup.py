"""Compares the start-up of two gluten.pyz files: the CPU and the elapsed time of short commands.

    python -m bench.startup OLD.pyz NEW.pyz [--cases run,submit] [--rounds 20] [--core 1]

A round runs each case with both files, and each round begins with the other file. A ratio is made within a round, new
over old; the median of the rounds' ratios counts. The CPU is the user and system time of the command's whole tree of
processes. The target is nginx, and each file has a master of its own. The case `node` starts a master with its engine,
and waits until its web page answers. The case `cold` is `run` without any bytecode on disk.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.nginx import NGINX
from bench.target import Target

LIMIT = 30.0
"""Seconds after which a command that hangs is killed."""


class Cost(NamedTuple):
    """Seconds of CPU and elapsed seconds of one command."""

    cpu: float
    wall: float


class File:
    """One of the two files, with a cache and a master of its own. Its commands run on `core`."""

    def __init__(self, pyz: Path, folder: Path, core: int) -> None:
        self.folder = folder
        self.master = ""
        folder.mkdir()
        self._program = ["taskset", "-c", str(core), sys.executable, str(pyz)]
        self._env = {**os.environ, "GLUTEN_CACHE": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": ""}

    def start(self, words: list[str], env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**self._env, **(env or {})},
        )

    @contextmanager
    def serving(self) -> Iterator[None]:
        """A master, for the commands that need one."""
        process = self.start(_node(self.folder / "data"))
        self.master = _ready(process)
        try:
            yield
        finally:
            process.terminate()
            process.wait(LIMIT)


def _node(data: Path) -> list[str]:
    return ["--master-mode", "--bind", "127.0.0.1", "--web-port", "0", "--rpc-port", "0", "--data", str(data)]


def _ready(process: subprocess.Popen[str]) -> str:
    """Wait until the node has printed where it listens. Returns the address of its rpc port."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.match(r"  rpc +(\S+)", line):
            return found[1]
    raise RuntimeError("the node does not start")


def command(file: File, words: list[str], env: Mapping[str, str] | None = None) -> Cost:
    """The cost of one command, which must succeed."""
    began = time.perf_counter()
    process = file.start(words, env)
    assert process.stdout is not None
    text = process.stdout.read()
    cost = _waited(process, began)
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)}: {text}")
    return cost


def node(file: File) -> Cost:
    """The CPU of a node that starts and is stopped at once. The elapsed time ends when it is ready."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=file.folder) as data:
        process = file.start(_node(Path(data)))
        _ready(process)
        wall = time.perf_counter() - began
        process.send_signal(signal.SIGTERM)
        return Cost(_waited(process, began).cpu, wall)


def _waited(process: subprocess.Popen[str], began: float) -> Cost:
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)  # wait4 has reaped it, so Popen must not wait
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def cases(url: str) -> dict[str, Callable[[File], Cost]]:
    run = ["run", "-n1", "-c1", "-t1", url]
    one_run = ["--idempotency-key", "startup"]  # so that no submit but the first one makes a run
    return {
        "version": lambda file: command(file, ["--version"]),
        "help": lambda file: command(file, ["run", "--help"]),
        "run": lambda file: command(file, run),
        "submit": lambda file: command(file, ["submit", "--master", file.master, *_key(file), *one_run, "-n1", url]),
        "nodes": lambda file: command(file, ["nodes", "--master", file.master, *_key(file)]),
        "node": node,
        "cold": lambda file: command(file, run, {"PYTHONPYCACHEPREFIX": "/dev/null"}),
    }


def _key(file: File) -> list[str]:
    return ["--key-file", str(file.folder / "data" / "key")]


def compare(old: File, new: File, measure: Callable[[File], Cost], rounds: int) -> str:
    """One line of the table."""
    pairs: list[tuple[Cost, Cost]] = []
    measure(old), measure(new)  # unpacks the file and fills its cache of bytecode
    for number in range(rounds):
        first, second = (old, new) if number % 2 else (new, old)
        costs = {first: measure(first), second: measure(second)}
        pairs.append((costs[old], costs[new]))
    cells = []
    for index in range(len(Cost._fields)):
        before, after = (median(pair[side][index] for pair in pairs) for side in (0, 1))
        ratio = median(pair[1][index] / pair[0][index] for pair in pairs)
        cells.append(f"{before * 1000:8.1f} {after * 1000:8.1f} {ratio:6.3f}")
    return "   ".join(cells)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--cases", default="version,help,run,submit,nodes,node,cold")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        target = stack.enter_context(Target(NGINX, folder / "nginx", str(min(os.sched_getaffinity(0)))))
        files = [File(getattr(options, name), folder / name, options.core) for name in ("old", "new")]
        for file in files:
            stack.enter_context(file.serving())
        print("case          CPU: old      new  ratio   elapsed: old   new  ratio   (ms; medians)")
        known = cases(target.url("/plain"))
        for name in options.cases.split(","):
            print(f"{name:10} {compare(*files, known[name], options.rounds)}", flush=True)


if __name__ == "__main__":
    main()
