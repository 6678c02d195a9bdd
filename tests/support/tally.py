"""What whole runs of the tests come to: which programs were missing, and which tests passed only at a second try.

Each pytest session adds a line to the file that GLUTEN_TEST_TALLY names. The program sums them up, and says it in two
lines, as `scripts/test` does at its end: `python -m tests.support.tally FILE`. With `--failed` it says how many tests
failed in the last one.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.support.needs import lacked, packages

FILE = "GLUTEN_TEST_TALLY"


@dataclass(frozen=True, slots=True)
class Session:
    """One run of pytest: ids of tests, and for each missing program the number of tests that were skipped for it."""

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)
    skipped: int = 0


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was missing, and leave the session's tally where it is asked for."""
    if hasattr(terminalreporter.config, "workerinput"):
        return  # a worker of xdist, which knows a part of the tests
    session = seen(terminalreporter.stats)
    if session.missing:
        terminalreporter.write_line(missing([session]))
    if path := os.environ.get(FILE):
        with open(path, "a") as file:
            file.write(json.dumps(asdict(session)) + "\n")


def seen(stats: dict[str, list[Any]]) -> Session:
    """What pytest's reports say."""
    lacks = [names for report in stats.get("skipped", []) if (names := lacked(_reason(report)))]
    missed = Counter(name for names in lacks for name in names)
    failed = dict.fromkeys(report.nodeid for kind in ("failed", "error") for report in stats.get(kind, []))
    return Session([report.nodeid for report in stats.get("passed", [])], list(failed), dict(missed), len(lacks))


def _reason(report: Any) -> str:
    """A skipped test's place is (file, line, reason)."""
    place = report.longrepr
    return str(place[2]) if isinstance(place, tuple) else ""


def missing(sessions: Iterable[Session]) -> str:
    """One line: the programs that were not there, and how many tests each of them cost."""
    sessions = list(sessions)
    total: Counter[str] = Counter()
    for session in sessions:
        total.update(session.missing)
    if not total:
        return "missing programs: none"
    skipped = sum(session.skipped for session in sessions)
    named = ", ".join(f"{_named(name)} {count}" for name, count in total.most_common())
    return f"missing programs: {skipped} {_tests(skipped)} skipped, which need {named}"


def _named(name: str) -> str:
    found = (package for place, package in packages().items() if place.rpartition("/")[2] == name)
    package = next(found, None)
    return name if package in (None, name) else f"{name} (Debian: {package})"


def retried(sessions: Iterable[Session]) -> str:
    """One line: how many of the tests that failed passed when they ran again, and which."""
    failed: set[str] = set()
    again: list[str] = []
    for session in sessions:
        again += [test for test in session.passed if test in failed]
        failed.update(session.failed)
    return f"tests that needed a retry: {len(again) or 'none'}" + "".join(f"\n  {test}" for test in again)


def _tests(count: int) -> str:
    return "test was" if count == 1 else "tests were"


def _read(path: Path) -> Iterator[Session]:
    for line in path.read_text().splitlines():
        yield Session(**json.loads(line))


def main(arguments: list[str]) -> None:
    sessions = list(_read(Path(arguments[-1])))
    if "--failed" in arguments:
        print(len(sessions[-1].failed))
    else:
        print(missing(sessions), retried(sessions), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
