"""docs/metrics.md lists the metrics that there are, with their kinds and labels, and Prometheus reads its queries."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from gluten.task.task import Task
from gluten.webui.app import make_app
from tests.support.needs import find_program
from tests.support.web.fake_master import FakeMaster
from tests.support.web.gates import open_gate
from tests.support.web.wsgi import get

PAGE = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()
ROW = re.compile(r"^\| (`gluten_[^|]+`) \| (\w+) \|", re.M)
OF_ALL = {"run", "number", "name", "request", "le"}


def told() -> dict[str, tuple[str, str]]:
    """The kind of each metric, and its row."""
    rows = [(match, PAGE[match.start() : PAGE.index("\n", match.end())]) for match in ROW.finditer(PAGE)]
    return {name: (match[2], row) for match, row in rows for name in re.findall(r"`(\w+)`", match[1])}


@pytest.fixture(scope="module")
def text() -> str:
    """What a master says of a run of each kind."""
    master = FakeMaster()
    for path, slo in (("users", ()), ("shop", ("p99 < 1s",)), ("search", ())):
        run = master.add(Task(f"http://t.test/{path}", 1, 1, 60.0, slo=slo))
        run.state = "running"
        for second in range(20):
            run.advance(second)
    run.end("finished")
    return get(make_app(master, open_gate()), "/metrics").text


def test_it_lists_each_metric_with_its_kind(text: str) -> None:
    there = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    checks, capacity = "gluten_run_checks", "gluten_run_capacity_rate"  # the simulated master has none of them
    assert {name: kind for name, (kind, _) in told().items()} == there | {checks: "counter", capacity: "gauge"}


def test_it_names_each_label(text: str) -> None:
    known = told()
    for name, labels in set(re.findall(r"^(\w+)\{(.*)\} \S+$", text, re.M)):
        family = next(found for found in (name, re.sub(r"_(total|info|bucket|count|sum)$", "", name)) if found in known)
        for label in re.findall(r'(\w+)="', labels):
            assert label in OF_ALL or f"`{label}`" in known[family][1], f"{family}: {label}"


@pytest.mark.needs("promtool")
def test_prometheus_reads_each_query(tmp_path: Path) -> None:
    found = re.findall(r"^    (\S.*)$", PAGE[PAGE.index("## Queries") :], re.M)
    rules = [{"record": f"rule:{number}", "expr": query} for number, query in enumerate(found)]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "page", "rules": rules}]}))  # JSON is YAML
    done = subprocess.run([find_program("promtool"), "check", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(found) == 8
