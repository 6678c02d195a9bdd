"""A real Prometheus scrapes a master with a viewer's token, and its own linter finds nothing wrong."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster, Program, wait_for
from tests.support.needs import find_program
from tests.support.ports import free_port

# A report's mean has two decimals of a microsecond.
ROUNDING = 0.01e-6

pytestmark = pytest.mark.needs("prometheus", "promtool")

CONFIG = """
global: {{scrape_interval: 500ms, scrape_timeout: 500ms}}
scrape_configs:
  - job_name: gluten
    authorization: {{credentials_file: {token}}}
    static_configs: [{{targets: ["{target}"]}}]
"""


class Prometheus:
    """Debian's Prometheus on a free port, scraping a master twice a second."""

    def __init__(self, folder: Path, target: str, token: str, *options: str) -> None:
        (folder / "token").write_text(token)
        (folder / "prometheus.yml").write_text(CONFIG.format(token=folder / "token", target=target))
        self.address = f"127.0.0.1:{free_port()}"
        command = [
            find_program("prometheus"),
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/tsdb",
            f"--web.listen-address={self.address}",
            *options,
        ]
        with (folder / "prometheus.log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def ask(self, path: str, **query: str) -> Any:
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None  # it is still starting

    def value(self, query: str) -> float | None:
        found = self.ask("query", query=query)
        return float(found["result"][0]["value"][1]) if found and found["result"] else None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Prometheus, str]]:
    folder: Path = tmp_path_factory.mktemp("prometheus")
    cluster = Cluster(folder, 1)
    target = Program(folder, "target", "target", "--port", "0")
    prometheus = Prometheus(folder, cluster.web, cluster.key.token("viewer"))
    wait_for("a scrape", lambda: prometheus.value('up{job="gluten"}') == 1.0)
    yield cluster, prometheus, target.find(r"http://\S+")[0]
    prometheus.stop()
    cluster.stop()
    target.stop()


def test_prometheus_scrapes_the_cluster(here: tuple[Cluster, Prometheus, str]) -> None:
    _, prometheus, _ = here
    assert prometheus.value('gluten_nodes{state="alive"}') == 2
    assert prometheus.value("sum(gluten_node_cores)")
    (found,) = prometheus.ask("targets")["activeTargets"]
    assert found["lastError"] == ""


def test_prometheus_counts_a_run_to_its_last_request(here: tuple[Cluster, Prometheus, str]) -> None:
    cluster, prometheus, url = here
    report = cluster.load("-t2", "-c4", "-d3s", "-R100", "--name", 'a "b" \\ c', url)
    completed = report["requests"]["completed"]
    query = f'gluten_run_completed_requests_total{{run="{report["id"]}"}}'
    wait_for("the last request", lambda: prometheus.value(query) == completed)
    (series,) = prometheus.ask("query", query=query)["result"]
    assert series["metric"]["name"] == 'a "b" \\ c'
    p99 = prometheus.value(f'max_over_time(gluten_run_response_time_p99_seconds{{run="{report["id"]}"}}[1m])')
    assert p99 is not None
    assert 0 < p99 < 10
    kinds = {name: entries[0]["type"] for name, entries in prometheus.ask("metadata").items() if "gluten" in name}
    assert kinds["gluten_run_completed_requests"] == "counter"
    assert kinds["gluten_nodes"] == "gauge"
    assert kinds["gluten_build"] == "info"


def sums(prometheus: Prometheus, query: str, label: str) -> dict[str, float]:
    """The values of a query by one of their labels."""
    found = prometheus.ask("query", query=query)
    return {one["metric"].get(label, ""): float(one["value"][1]) for one in found["result"]} if found else {}


SHOP = """
url = "{url}"
slo = ["p50 < 10s", "errors < 1%"]
[load]
rate = "100"
duration = "3s"
[request.home]
get = "/"
check = ["status == 200"]
[request.pay]
post = "/pay"
body = "x"
"""


def test_each_part_of_a_report_is_in_prometheus(
    here: tuple[Cluster, Prometheus, str], tmp_path: Path, answers: str
) -> None:
    """Statuses, kinds of errors, bytes, checks, SLOs, the verdict and the histogram, by request."""
    cluster, prometheus, _ = here
    (tmp_path / "shop.toml").write_text(SHOP.format(url=answers))
    done = cluster.run("submit", "--watch", "--format", "json", str(tmp_path / "shop.toml"))
    assert done.code == 99, done.error  # an SLO is missed
    report = done.json
    of = f'run="{report["id"]}"'
    total = sum(part["completed"] for part in report["by_request"])
    query, verdict = f"sum(gluten_run_completed_requests_total{{{of}}})", f"gluten_run_verdict{{{of}}}"
    wait_for("the last request", lambda: prometheus.value(query) == total and prometheus.value(verdict))
    for part in report["by_request"]:
        name = f'{of},request="{part["name"]}"'
        ends = sums(prometheus, f"gluten_run_requests_total{{{name}}}", "status")
        assert {code: count for code, count in ends.items() if code} == part["status"]
        assert sums(prometheus, f'gluten_run_requests_total{{{name},error!=""}}', "error") == part["errors"]
        assert sums(prometheus, f"gluten_run_bytes_total{{{name}}}", "direction") == part["bytes"]
        checks = {word: sum(check[word] for check in part["checks"]) for word in ("passed", "failed")}
        told = sums(prometheus, f"sum by (result) (gluten_run_checks_total{{{name}}})", "result")
        assert told == (checks if part["checks"] else {})
        assert prometheus.value(f"gluten_run_response_time_seconds_count{{{name}}}") == part["completed"]
        mean = prometheus.value(
            f"gluten_run_response_time_seconds_sum{{{name}}} / gluten_run_response_time_seconds_count"
        )
        assert mean == pytest.approx(part["response_time"]["mean"] / 1e6, abs=ROUNDING)
    assert sums(prometheus, f"gluten_slo{{{of}}}", "slo") == {"p50 < 10s": 1, "errors < 1%": 0}
    assert sums(prometheus, f"gluten_run_verdict{{{of}}}", "verdict") == {report["verdict"]["value"]: 1}


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[str]:
    """A target of which a tenth of the answers are bad, and some requests get none."""
    program = Program(tmp_path, "answers", "target", "--port", "0", "--status", "9x200,1x503", "--reset", "1/50")
    yield program.find(r"http://\S+")[0]
    program.stop()


def test_prometheus_takes_native_histograms(here: tuple[Cluster, Prometheus, str], tmp_path: Path) -> None:
    """They come in protobuf alone. A bucket is 0.27 % wide, and Prometheus 2 interpolates in it."""
    cluster, _, url = here
    token = cluster.key.token("viewer")
    prometheus = Prometheus(tmp_path, cluster.web, token, "--enable-feature=native-histograms")
    try:
        wait_for("a scrape", lambda: prometheus.value('up{job="gluten"}') == 1.0)
        report = cluster.load("-t2", "-c4", "-d3s", "-R100", url)
        times = f'gluten_run_response_time_seconds{{run="{report["id"]}"}}'
        count = report["requests"]["completed"]
        wait_for("the last request", lambda: prometheus.value(f"histogram_count({times})") == count)
        for point, key in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99")):
            found = prometheus.value(f"histogram_quantile({point}, {times})")
            assert found == pytest.approx(report["response_time"][key] / 1e6, rel=0.01)
        (target,) = prometheus.ask("targets")["activeTargets"]
        assert target["lastError"] == ""
        sent = f'gluten_run_sent_requests_total{{run="{report["id"]}"}}'
        assert prometheus.value(sent) == report["requests"]["sent"]
    finally:
        prometheus.stop()


def test_a_stranger_s_scrape_is_refused_in_words(here: tuple[Cluster, Prometheus, str], tmp_path: Path) -> None:
    cluster, _, _ = here
    stranger = Prometheus(tmp_path, cluster.web, "gluten-viewer-nonsense")
    try:
        wait_for("a scrape", lambda: stranger.value('up{job="gluten"}') == 0.0)
        (found,) = stranger.ask("targets")["activeTargets"]
        assert "401" in found["lastError"]
    finally:
        stranger.stop()


def test_its_linter_finds_nothing_wrong(here: tuple[Cluster, Prometheus, str]) -> None:
    """promtool reads only the older form."""
    cluster, _, url = here
    assert cluster.run("submit", "-t2", "-c4", "-d30s", "-R100", url).code == 0
    headers = {"Authorization": f"Bearer {cluster.key.token('viewer')}", "Accept": "*/*"}
    asked = urllib.request.Request(f"http://{cluster.web}/metrics", headers=headers)

    def scraped() -> bytes:
        with urllib.request.urlopen(asked) as answer:
            text: bytes = answer.read()
        return text if b"gluten_run_achieved_rate{" in text else b""

    text = wait_for("a run in the metrics", scraped)
    assert cluster.run("stop", "last").code == 0
    done = subprocess.run([find_program("promtool"), "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
