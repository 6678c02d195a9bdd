"""The main job with real processes: three nodes, a real nginx that counts."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster, get_json
from tests.support.nginx import Nginx


def counts_add_up(report: dict[str, Any]) -> bool:
    requests = report["requests"]
    planned = requests["planned"]
    return requests["sent"] == requests["completed"] + requests["failed"] + requests["in_flight"] and (
        planned is None or planned == requests["sent"] + requests["dropped"]
    )


def test_a_closed_loop_completes_what_nginx_logged(cluster: Cluster, nginx: Nginx) -> None:
    report = cluster.load("-t", "6", "-c", "30", "-d", "2s", nginx.url)
    completed = report["requests"]["completed"]
    assert completed == len(nginx.log(completed)) > 0
    assert counts_add_up(report)
    assert [node["threads"] for node in report["nodes"]] == [2, 2, 2]


def test_a_request_count_is_sent_exactly(cluster: Cluster, nginx: Nginx) -> None:
    report = cluster.load("-t", "5", "-c", "17", "-n", "10007", nginx.url)
    assert report["requests"]["completed"] == 10007 == len(nginx.log(10007))
    assert counts_add_up(report)


def test_a_rate_is_achieved_and_its_shares_sum_to_it(cluster: Cluster, nginx: Nginx) -> None:
    # The figure is 0.5 % over 20 s; the count is exact over 4 s, too: 4 x 2000.
    report = cluster.load("-t", "6", "-c", "60", "-d", "4s", "-R", "2000", nginx.url)
    requests = report["requests"]
    assert requests["planned"] == 8000
    assert requests["completed"] + requests["dropped"] == 8000
    assert requests["completed"] == len(nginx.log(requests["completed"]))
    assert abs(report["rate"] - 2000) < 10
    assert math.fsum(node["asked"] for node in report["nodes"]) == 2000
    assert math.fsum(node["rate"] for node in report["nodes"]) == pytest.approx(report["rate"])
    assert counts_add_up(report)


def test_the_link_leads_to_a_page_by_the_web_port_and_by_the_rpc_port(cluster: Cluster, nginx: Nginx) -> None:
    for port in (cluster.web, cluster.rpc):
        done = cluster.run("--master", port, "-t", "1", "-c", "1", "-n", "1", nginx.url)
        assert done.code == 0, done.error
        link = done.out.strip()
        assert link.startswith(f"http://{cluster.web}/runs/")
        found = get_json(link.replace("/runs/", "/api/v1/runs/"), cluster.folder)
        assert found["link"] == link
        assert cluster.run("watch", "--quiet", "last").code == 0


def test_a_run_is_stopped_and_says_so(cluster: Cluster, nginx: Nginx) -> None:
    assert cluster.run("submit", "-t", "3", "-c", "3", "-R", "100", "-d", "60s", nginx.url).code == 0
    assert cluster.run("adjust", "last", "--rate", "200").code == 0
    assert cluster.run("stop", "last").code == 0
    done = cluster.run("watch", "--format", "json", "last")
    report = done.json
    assert report["state"] == "stopped"
    assert counts_add_up(report)
    (adjusted,) = [event for event in report["events"] if event["kind"] == "adjusted"]
    taken = [(event["node"], event["second"]) for event in report["events"] if event["kind"] == "adjust_taken"]
    assert sorted(taken) == [(node["name"], adjusted["second"]) for node in sorted(report["nodes"], key=name_of)]


def name_of(node: dict[str, Any]) -> str:
    return str(node["name"])


def test_a_closed_target_port_fails_the_run_with_its_own_exit_code(cluster: Cluster) -> None:
    done = cluster.run("submit", "--watch", "--quiet", "http://127.0.0.1:1/")
    assert done.code == 3
    assert "the target cannot be reached" in done.error
    assert done.is_one_line()


def test_history_and_reports_are_there_afterwards(cluster: Cluster, nginx: Nginx) -> None:
    report = cluster.load("-t", "3", "-c", "3", "-n", "30", "--name", "kept", nginx.url)
    number = str(report["number"])
    assert cluster.run("report", number, "--format", "json").json == report
    assert report["requests"]["completed"] == 30
    listed = cluster.run("runs", "--search", "kept", "--format", "json").json["runs"]
    assert [run["id"] for run in listed] == [report["id"]]
    assert cluster.run("compare", number, number).code == 0
