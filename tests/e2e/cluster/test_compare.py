"""Comparing real runs, and the baseline of a name, from the command line."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.e2e.programs import Cluster, Program


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Runs 1 and 2 have a target of 2 ms, and run 3 has one of 200 ms. All are named shop. Run 2 is too short to tell
    noise."""
    folder: Path = tmp_path_factory.mktemp("compare")
    targets = [Program(folder, name, "target", "--port", "0", "--delay", name) for name in ("2ms", "200ms")]
    quick, slow = (target.find(r"http://\S+")[0] for target in targets)
    cluster = Cluster(folder, 0)
    for url, length in ((quick, "10s"), (quick, "3s"), (slow, "10s")):
        cluster.load("-t1", "-c40", "-d", length, "-R100", "--name", "shop", url)
    yield cluster
    cluster.stop()
    for target in targets:
        target.stop()


def test_a_slower_run_is_a_regression_and_named(runs: Cluster) -> None:
    done = runs.run("compare", "1", "3", "--max-regression", "50%")
    assert done.code == 99
    assert done.is_one_line()
    assert "run 3 is worse than run 1 by more than 50%: p50 +" in done.error
    assert "Unlike: run 1 and run 3: url: " in done.out
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert "worse" in lines["p50"]
    assert runs.run("compare", "3", "1", "--max-regression", "50%").code == 0


def test_several_runs_stand_side_by_side(runs: Cluster) -> None:
    done = runs.run("compare", "1", "2", "3", "--format", "json")
    assert [run["number"] for run in done.json["runs"]] == [1, 2, 3]
    p50 = [pair["differences"][1] for pair in done.json["pairs"]]
    assert p50[1]["exceeds_noise"]
    assert p50[1]["change"] > 3


def test_junit_has_a_failure_for_what_regressed(runs: Cluster) -> None:
    done = runs.run("compare", "1", "3", "--max-regression", "50%", "--format", "junit")
    assert done.code == 99
    root = ElementTree.fromstring(done.out)
    failed = [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]
    assert "p50" in failed
    assert "requests/s" not in failed


def test_a_baseline_is_pinned_per_name_and_lasts(runs: Cluster) -> None:
    done = runs.run("compare", "baseline", "3")
    assert (done.code, done.out) == (2, "")
    assert "no baseline is pinned for runs called 'shop'" in done.error
    assert runs.run("baseline", "1").out == "run 1 is the baseline of runs called 'shop'\n"
    assert runs.run("baseline").out.splitlines()[1].split() == ["1", runs.run("baseline").out.split()[4], "shop"]
    assert runs.run("compare", "baseline", "3", "--max-regression", "50").code == 99
    assert runs.run("report", "baseline:shop", "--format", "json").json["number"] == 1
    assert runs.run("baseline", "--remove", "1").code == 0
    assert runs.run("baseline", "--format", "json").json == {"baselines": []}


def test_one_run_is_nothing_to_compare(runs: Cluster) -> None:
    done = runs.run("compare", "1")
    assert done.code == 2
    assert done.is_one_line()


@pytest.mark.parametrize("form", ["text", "json", "csv", "html", "hdr", "junit"])
def test_the_api_writes_the_same_report_as_the_command_line(runs: Cluster, form: str) -> None:
    headers = {"Authorization": f"Bearer {runs.key.token('viewer')}"}
    asked = urllib.request.Request(f"http://{runs.web}/api/v1/runs/1/report?format={form}", headers=headers)
    with urllib.request.urlopen(asked) as answer:
        text = answer.read().decode()
    done = runs.run("report", "1", "--format", form, "-L", "-U")
    assert done.code == 0
    if form == "json":
        assert json.loads(text) == done.json
    else:
        assert text == done.out
