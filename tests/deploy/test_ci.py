"""The files for CI servers: their lines run in a shell, first without a baseline, then with one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from tests.support.docs.shell import Shell, reader_environment
from tests.support.docs.stand_ins import TARGET, on_ports
from tests.support.onefile import OneFile
from tests.support.ports import free_port

CI = Path(__file__).resolve().parents[2] / "deploy" / "ci"
SHORTER = (
    (r"-R 200 -d 60s --warmup 10s", "-R 50 -d 2s --warmup 1s"),
    (r"p99 < 250ms", "p99 < 10s"),
    (r"--max-regression 20%", "--max-regression 900%"),
)
"""Seconds are enough, and two short runs on a busy machine may be slow and differ by much."""
REPORTS = {"report.json", "report.html", "junit.xml"}
COMPARED = {"compared.html", "junit-compared.xml"}


def of_github() -> list[str]:
    """The scripts of a push to the main branch. What is of the CI server alone (`uses`) only moves files."""
    job = yaml.safe_load((CI / "github-actions.yml").read_text())["jobs"]["load"]
    return [step["run"] for step in job["steps"] if "run" in step]


def of_gitlab() -> list[str]:
    jobs = yaml.safe_load((CI / "gitlab-ci.yml").read_text())
    load = jobs["load test"]
    return [*load["before_script"], *load["script"], *jobs["keep baseline"]["script"]]


SCRIPTS = {"github": of_github(), "gitlab": of_gitlab()}


@pytest.fixture
def runner(tmp_path: Path, one_file: OneFile) -> Iterator[Shell]:
    folder = tmp_path / "checkout"
    folder.mkdir()
    where = {"PYZ_URL": one_file.path.as_uri()}
    shell = Shell(folder, reader_environment(tmp_path / "home", one_file) | where)
    yield shell
    shell.close()


def push(runner: Shell, scripts: Sequence[str]) -> None:
    """What a push does, at a free port. The baseline stays from the last one, as the server's cache keeps it."""
    ports = {TARGET: free_port()}
    for script in scripts:
        text = on_ports(script, ports)
        for long, short in SHORTER:
            text = re.sub(long, short, text)
        code, printed = runner.run(text)
        assert code == 0, f"{text}\nended with {code}:\n{printed}"
    runner.close()


def made(runner: Shell) -> set[str]:
    return {path.name for path in runner.folder.iterdir()}


@pytest.mark.slow
@pytest.mark.needs("bash", "curl")
@pytest.mark.parametrize("server", SCRIPTS)
def test_a_push_is_judged_and_the_next_one_is_compared_with_it(runner: Shell, server: str) -> None:
    push(runner, SCRIPTS[server])
    assert made(runner) >= REPORTS | {"baseline.json"}
    assert not made(runner) & COMPARED
    push(runner, SCRIPTS[server])
    assert made(runner) >= REPORTS | COMPARED
    cases = ElementTree.parse(runner.folder / "junit.xml").iter("testcase")
    assert {"SLO: p99 < 10s", "SLO: errors < 1%"} <= {case.get("name") for case in cases}


def test_what_the_servers_keep_is_what_the_scripts_make() -> None:
    (upload,) = (
        step
        for step in yaml.safe_load((CI / "github-actions.yml").read_text())["jobs"]["load"]["steps"]
        if "upload-artifact" in step.get("uses", "")
    )
    assert set(upload["with"]["path"].split()) == {"report.*", "compared.html", "junit*.xml"}
    load = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["load test"]
    assert set(load["artifacts"]["reports"]["junit"]) == {"junit.xml", "junit-compared.xml"}
    assert set(load["artifacts"]["paths"]) <= REPORTS | COMPARED
    for name in ("report.json", "report.html", "junit.xml", *COMPARED):
        assert all(any(name in script for script in scripts) for scripts in SCRIPTS.values())
