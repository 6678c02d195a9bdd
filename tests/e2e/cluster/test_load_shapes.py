"""A warmup, a ramp, random arrivals and an upload over the nodes of a real cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_warmup import SLOW, slow_ones
from tests.support.e2e.programs import gluten
from tests.support.e2e.scene import Scene
from tests.support.engine.faults import FaultServer
from tests.support.engine.ledger import Ledger

pytestmark = [pytest.mark.slow, pytest.mark.alone]

PHOTO = bytes(range(256)) * 10
UPLOAD = """
[request.up]
post = "/up"
query = {q = "{{seq}}"}
basic = "ann:CANARY"
multipart = {title = "x {{text 4}}", photo = "@p.png"}
check = ["status == 200"]
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene(tmp_path_factory.mktemp("shapes"))
    yield made
    made.stop()


def submit(scene: Scene, *words: str) -> dict[str, Any]:
    """The report of the run."""
    master = f"127.0.0.1:{scene.ports[1]}"
    done = gluten(scene.folder, "submit", "--watch", "--quiet", "--format", "json", *words, GLUTEN_MASTER=master)
    assert done.code in (0, 5), done.error  # the machine may lack CPU
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize("arrivals", ["even", "poisson"])
def test_what_is_due_after_the_warmup_is_measured(scene: Scene, arrivals: str) -> None:
    """With random arrivals a few requests that are due just after the warmup may come among the slow ones."""
    slow = 100 if arrivals == "even" else 70
    with FaultServer(slow_ones(slow)) as server:
        words = ("-R", "100", "-d", "3s", "--warmup", "1s", "--slo", f"max < {SLOW}s", "--arrivals", arrivals)
        report = submit(scene, *words, f"http://127.0.0.1:{server.port}/")
    measured, requests = report["measured"], report["requests"]
    assert (requests["planned"], requests["completed"], measured["from"], measured["to"]) == (300, 300, 1, 3)
    assert measured["completed"] == sum(row["completed"] for row in report["seconds"] if row["second"] >= 1)
    assert report["rate"] == pytest.approx(measured["completed"] / (report["duration"] - 1))
    assert sum(node["rate"] for node in report["nodes"]) == pytest.approx(report["rate"])
    assert report["slo"][0]["state"] == "holds"
    if arrivals == "even":
        assert measured["completed"] == 200


def test_a_ramp_is_even_over_the_nodes(scene: Scene) -> None:
    report = submit(scene, "-c", "20", "-d", "2s", "--ramp", "2s", "--pace", "100ms", scene.url)
    first, second = report["seconds"][:2]
    assert (abs(first["connections"] - 10) <= 1, second["peak"]) == (True, 20)
    # Connection i begins at i x 0.1 s, and then each 0.1 s until 2 s.
    assert abs(report["requests"]["sent"] - sum(range(1, 21))) <= 6


def test_files_of_an_upload_travel_and_its_password_is_kept_nowhere(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(PHOTO)
    with Ledger() as target:
        (tmp_path / "up.toml").write_text(f'url = "{target.url.rstrip("/")}"\n{UPLOAD}')
        report = submit(scene, "-n", "12", "-c", "4", str(tmp_path / "up.toml"))
        seen = list(target.seen)
    assert (report["requests"]["completed"], len(seen)) == (12, 12)
    assert len({one.target for one in seen}) == 12
    assert all(PHOTO in one.body and one.headers["authorization"] == "Basic YW5uOkNBTkFSWQ==" for one in seen)
    assert "CANARY" not in json.dumps(report)
    stored = [path for path in scene.folder.rglob("*") if path.is_file() and b"CANARY" in path.read_bytes()]
    assert stored == []
