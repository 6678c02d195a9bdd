"""A real InfluxDB takes what `--influx` pushes, and what it has is what the report says."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster, Program, gluten, wait_for
from tests.support.needs import find_program
from tests.support.ports import free_port

pytestmark = pytest.mark.needs("influxd")

CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{backup}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
"""


class Influx:
    """Debian's InfluxDB on a free port, with a database `load`."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        config = folder / "influxdb.conf"
        config.write_text(CONFIG.format(folder=folder, port=port, backup=free_port()))
        self.address = f"http://127.0.0.1:{port}"
        self.url = f"{self.address}/write?db=load"
        with (folder / "influxdb.log").open("wb") as log:
            command = [find_program("influxd"), "run", "-config", str(config)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for("InfluxDB", lambda: self.ask("create database load") is not None)

    def ask(self, query: str) -> Any:
        """The result of a query; None while the server still starts."""
        data = urllib.parse.urlencode({"db": "load", "q": query}).encode()
        try:
            with urllib.request.urlopen(f"{self.address}/query", data) as answer:
                return json.load(answer)["results"][0]
        except OSError:
            return None

    def sums(self, field: str, metric: str, run: str, *tags: str) -> dict[tuple[str, ...], int]:
        """The sum of a field over all seconds of a run, by tags."""
        by = ", ".join(f'"{tag}"' for tag in tags)
        query = f"""select sum({field}) from "{metric}" where "run" = '{run}' group by {by}"""
        series = self.ask(query).get("series", [])
        return {tuple(one["tags"][tag] for tag in tags): one["values"][0][1] for one in series}

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    made = Influx(tmp_path_factory.mktemp("influx"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Some of its answers are bad, and some requests get none."""
    words = ("target", "--port", "0", "--status", "9x200,1x503", "--reset", "1/50")
    program = Program(tmp_path_factory.mktemp("target"), "target", *words)
    yield program.find(r"http://\S+")[0]
    program.stop()


SHOP = """
url = "{url}"
name = 'a, "shop" = \\ 日本'
slo = ["p50 < 10s"]
[load]
rate = "60"
duration = "3s"
[request."home page"]
get = "/"
check = ["status == 200"]
[request.pay]
post = "/pay"
body = "x"
"""


def test_what_a_run_pushes_is_what_its_report_has(influx: Influx, target: str, tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(SHOP.format(url=target))
    done = gluten(tmp_path, "run", "--influx", influx.url, "--format", "json", str(tmp_path / "shop.toml"))
    assert done.code == 0, done.error
    assert "--influx" not in done.error  # nothing was refused, and nothing is missing
    report = done.json
    (run,) = [
        value
        for _, value in influx.ask('show tag values from "gluten.requests" with key = "run"')["series"][0]["values"]
    ]
    ends = influx.sums("value", "gluten.requests", run, "request", "status", "error")
    for part in report["by_request"]:
        name = part["name"]
        assert {code: count for (of, code, _), count in ends.items() if (of, bool(code)) == (name, True)} == part[
            "status"
        ]
        assert {kind: count for (of, _, kind), count in ends.items() if (of, bool(kind)) == (name, True)} == part[
            "errors"
        ]
        assert influx.sums("count", "gluten.response_time", run, "request")[name,] == part["completed"]
        assert influx.sums("value", "gluten.good", run, "request")[name,] == part["good"]
        sizes = influx.sums("value", "gluten.bytes", run, "request", "direction")
        assert {way: count for (of, way), count in sizes.items() if of == name} == part["bytes"]
    slo = influx.ask(f"""select last(value) from "gluten.slo" where "run" = '{run}' group by "slo" """)["series"]
    assert [(one["tags"]["slo"], one["values"][0][1]) for one in slo] == [("p50 < 10s", 1)]
    names = influx.ask('show tag values from "gluten.requests" with key = "name"')["series"][0]["values"]
    assert ["name", 'a, "shop" = \\ 日本'] in names


def test_what_a_master_pushes_of_each_node_is_what_the_report_has(influx: Influx, target: str, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 1, "--influx", influx.url)
    try:
        report = cluster.load("-R", "40", "-d", "4s", target)
        wanted = {(node["name"],): node["completed"] for node in report["nodes"]}
        count = ("count", "gluten.response_time", report["id"], "node")
        wait_for("all that was completed", lambda: influx.sums(*count) == wanted)
        texts = f"""select text from "gluten.event" where "run" = '{report["id"]}'"""
        told = [value for _, value in influx.ask(texts)["series"][0]["values"]]
        assert any("load began on 2 nodes" in text for text in told)
    finally:
        cluster.stop()
