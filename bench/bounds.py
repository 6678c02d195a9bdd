"""Measures shares of a core and latencies, and compares them with bounds.

No test asserts these figures, because they depend on the machine as much as on GLuTEN.

    python -m bench.bounds [--only start,target,engine,pages,cluster,hosts]

It prints a line for each figure. Exit code: 0 all bounds are met, 1 a bound is missed, 2 wrong usage, 3 a case needs
something that this machine lacks (the other cases are measured). Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import bounds_cases as cases
from tests.support.needs import missing


@dataclass(frozen=True, slots=True)
class Case:
    """`measure` gets a folder of its own. `needs` are programs and rights. `fetches`: the case needs vendor/."""

    measure: Callable[[Path], Iterator[cases.Figure]]
    needs: tuple[str, ...] = ()
    fetches: bool = False


ROOT = Path(__file__).resolve().parents[1]
CASES = {
    "start": Case(cases.start, fetches=True),
    "target": Case(cases.target),
    "engine": Case(cases.engine, ("nginx",)),
    "pages": Case(cases.pages, ("chromium", "chromedriver"), fetches=True),
    "cluster": Case(cases.cluster),
    "hosts": Case(cases.hosts, ("root", "ip", "nginx", "network namespaces")),
}


def line(figure: cases.Figure) -> str:
    word = "ok    " if figure.is_met else "MISSED"
    return f"{word} {figure.name}: {figure.value:.3g} {figure.unit}, at most {figure.most:.3g}"


def exit_code(figures: Iterable[cases.Figure], incomplete: bool) -> int:
    """A missed bound counts more than a case that could not be measured."""
    if not all(figure.is_met for figure in figures):
        return 1
    return 3 if incomplete else 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description="Measures shares of a core and latencies, and compares them with bounds."
    )
    parser.add_argument("--only", default=",".join(CASES), help="cases, separated by commas")
    names = parser.parse_args(arguments).only.split(",")
    if unknown := [name for name in names if name not in CASES]:
        parser.error(f"--only: {unknown[0]!r} is not one of {', '.join(CASES)}")
    figures, incomplete = [], False
    for name in names:
        if lacking := missing(*CASES[name].needs):
            print(f"{name}: needs {', '.join(lacking)}, which this machine lacks")
            incomplete = True
            continue
        for figure in measured(CASES[name]):
            figures.append(figure)
            print(line(figure), flush=True)
    return exit_code(figures, incomplete)


def measured(case: Case) -> Iterator[cases.Figure]:
    if case.fetches:
        subprocess.run([sys.executable, "build_zipapp.py", "vendor", "--target", "here"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="gluten-bounds-") as folder:
        yield from case.measure(Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
