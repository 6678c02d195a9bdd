"""Workloads with real programs: the example, counts by request over a cluster, and rows that are used once."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster, Done, Program, gluten, wait_for
from tests.support.engine.ledger import Ledger, Seen, response, well

MIX = """\
url = "URL"
[request.home]
get = "/home"
weight = 5
[request.find]
get = "/find?q={{text 4}}&n={{seq}}"
check = ["body contains hello"]
weight = 3
[request.save]
post = "/save"
json = {id = "{{uuid}}", n = "{{raw seq}}"}
weight = 2
"""
USERS = """\
url = "URL"
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
AT_END
[request.login]
post = "/login"
form = {name = "{{user.name}}"}
weight = 2
[request.home]
get = "/home"
"""


def write(folder: Path, text: str, url: str, rows: int = 0) -> str:
    (folder / "w.toml").write_text(text.replace("URL", url))
    (folder / "users.csv").write_text("name\n" + "".join(f"u{number}\n" for number in range(rows)))
    return str(folder / "w.toml")


def sent(report: dict[str, Any]) -> dict[str, int]:
    return {entry["name"]: entry["sent"] for entry in report["by_request"]}


def planned(report: dict[str, Any]) -> dict[str, int]:
    """What was sent, and what was due and dropped because the machine had no time for it."""
    return {entry["name"]: entry["sent"] + entry["dropped"] for entry in report["by_request"]}


def by_name(target: Ledger) -> dict[str, int]:
    return {path.strip("/"): count for path, count in target.by_path().items()}


def names(target: Ledger) -> Counter[bytes]:
    """How often each row came."""
    return Counter(seen.body for seen in target.seen if seen.path == "/login")


@pytest.fixture
def target() -> Iterator[Ledger]:
    with Ledger() as made:
        yield made


@pytest.fixture(scope="module")
def own_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = Program(tmp_path_factory.mktemp("target"), "target", "target", "--port", "0")
    yield target.find(r"http://[\d.:]+")[0]
    assert target.stop() == 0


def test_the_example_does_what_its_comment_says(tmp_path: Path, own_target: str) -> None:
    (tmp_path / "load.toml").write_text(gluten(tmp_path, "new").out)
    assert gluten(tmp_path, "check", "--try", "--url", own_target, "load.toml").code == 0
    done = gluten(tmp_path, "run", "-d", "1s", "--format", "json", "--url", own_target, "load.toml")
    assert done.code == 0, done.error
    assert sent(done.json) == {"home": 60, "search": 30, "order": 10}
    assert all(entry["good"] == entry["sent"] for entry in done.json["by_request"])


@pytest.mark.parametrize(
    "load", [("-R", "300", "-d", "1s"), ("-c", "6", "-d", "1s"), ("-n", "500", "-c", "6")], ids="".join
)
@pytest.mark.parametrize("threads", ["1", "3"])
def test_the_target_s_ledger_has_what_the_report_says(
    tmp_path: Path, target: Ledger, load: tuple[str, ...], threads: str
) -> None:
    file = write(tmp_path, MIX, target.url)
    done = gluten(tmp_path, "run", "-t", threads, *load, "--format", "json", file)
    assert done.code in (0, 5), done.error
    assert sent(done.json) == by_name(target)
    assert_exact(planned(done.json), 1 if "-R" in load else int(threads))
    assert_no_two_alike(target)


def assert_exact(found: dict[str, int], orders: int) -> None:
    """Of each 10 requests 5, 3 and 2; so many orders may be within a block at the end."""
    total = sum(found.values())
    for name, weight in {"home": 5, "find": 3, "save": 2}.items():
        assert abs(found[name] - total * weight / 10) <= weight * orders


def assert_no_two_alike(target: Ledger) -> None:
    """Neither numbers of sessions nor ids."""
    saved = [json.loads(seen.body) for seen in target.seen if seen.path == "/save"]
    found = [seen.target.rpartition("=")[2] for seen in target.seen if seen.path == "/find"]
    assert len({one["id"] for one in saved}) == len(saved) > 0
    numbers = [*map(int, found), *(one["n"] for one in saved)]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("load", [("-R", "300", "-d", "2s"), ("-c", "6", "-d", "1s")], ids="".join)
def test_a_cluster_counts_by_request_and_uses_the_files_that_were_sent(
    cluster: Cluster, target: Ledger, load: tuple[str, ...]
) -> None:
    report = cluster.load(*load, write(cluster.folder, MIX, target.url))
    assert sent(report) == by_name(target)
    assert_exact(planned(report), 1 if "-R" in load else len(report["nodes"]) * 8)
    assert_no_two_alike(target)


OWN_HEADERS = """\
url = "URL"
header = ["X-One: file"]
setup = ["login"]
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
[request.login]
post = "/login"
header = ["X-Token: {{env TOKEN_THAT_IS_NOT_SET}}"]
[request.home]
get = "/home"
header = ["X-Token: {{user.name}}", "X-Two: own"]
"""


def test_a_header_of_the_command_line_replaces_those_of_the_file_and_of_its_requests(
    cluster: Cluster, target: Ledger
) -> None:
    """The feed is not needed then: it would end the run after a row."""
    file = write(cluster.folder, OWN_HEADERS, target.url, rows=1)
    options = ("-n", "30", "-c", "3", "-H", "x-one: given", "-H", "x-token: given")
    alone = gluten(cluster.folder, "run", *options, "--format", "json", file)
    assert alone.code in (0, 5), alone.error
    report = cluster.load(*options, file)
    assert [one["requests"]["good"] for one in (alone.json, report)] == [30, 30]
    headers = [(seen.headers["x-one"], seen.headers["x-token"], seen.headers.get("x-two")) for seen in target.seen]
    assert Counter(headers) == {("given", "given", None): 2, ("given", "given", "own"): 60}
    assert target.by_path() == {"/login": 2, "/home": 60}


ALONE = pytest.mark.alone  # beside others the machine has no time for some requests, and drops them


@pytest.mark.parametrize("load", [pytest.param(("-R", "300"), marks=ALONE), ("-c", "6")], ids="".join)
def test_a_cluster_uses_each_row_once_and_ends_with_them(
    cluster: Cluster, target: Ledger, load: tuple[str, ...]
) -> None:
    report = cluster.load(*load, "-d", "60s", write(cluster.folder, USERS.replace("AT_END", ""), target.url, 400))
    assert (report["state"], report["requests"]["dropped"]) == ("finished", 0)
    assert names(target) == Counter(f"name=u{number}".encode() for number in range(400))
    assert report["feeds"] == [{"name": "user", "rows": 400, "used": 400, "skipped": 0}]
    assert report["reason"] == "feed user: all 400 rows are used"


@ALONE
def test_a_cluster_s_run_fails_by_the_end_of_the_rows_if_it_is_to(cluster: Cluster, target: Ledger) -> None:
    file = write(cluster.folder, USERS.replace("AT_END", 'at_end = "fail"'), target.url, 100)
    done = cluster.run("submit", "--watch", "--format", "json", "-R", "200", "-d", "60s", file)
    assert done.code == 1
    assert done.error.endswith("feed user: all 100 rows are used\n")
    assert (done.json["state"], set(names(target).values())) == ("failed", {1})
    assert (done.json["requests"]["dropped"], done.json["verdict"]["reasons"]) == (0, [])


@pytest.mark.parametrize("load", [("-R", "100"), ("-c", "6")], ids="".join)
def test_no_row_is_used_twice_where_a_node_is_killed(tmp_path: Path, load: tuple[str, ...]) -> None:
    with Ledger(slowly) as target:
        cluster = Cluster(tmp_path, 2, "--lease", "3s")
        file = write(tmp_path, USERS.replace("AT_END", ""), target.url, 5000)
        submitted = cluster.run("submit", "--quiet", *load, "-d", "20s", file)
        assert submitted.code == 0, submitted.error
        wait_for("load", lambda: len(target.seen) > 100)
        cluster.programs[1].process.kill()
        report = followed(cluster)
        cluster.programs.pop(1)
        assert set(cluster.stop()) == {0}
    assert report["state"] == "finished"
    assert {"node_lost", "rebalanced"} <= {event["kind"] for event in report["events"]}
    used = names(target)
    assert set(used.values()) == {1}
    (feed,) = report["feeds"]
    assert feed["used"] <= len(used) <= feed["used"] + 100  # the lost node's last requests were not told of


def slowly(seen: Seen) -> bytes:
    """The rows last for the whole run, in a closed loop too."""
    time.sleep(0.02)
    return well(seen)


def followed(cluster: Cluster) -> dict[str, Any]:
    done: Done = cluster.run("watch", "--quiet", "--format", "json", "last")
    report: dict[str, Any] = done.json
    return report


def test_a_secret_feed_is_shown_nowhere(tmp_path: Path) -> None:
    text = USERS.replace("AT_END", "secret = true").replace("weight = 2", 'check = ["body contains xyz"]')
    with Ledger(lambda seen: response(b"you said " + seen.body, 500)) as target:
        cluster = Cluster(tmp_path, 1)
        file = write(tmp_path, text, target.url)
        (tmp_path / "users.csv").write_text("name\n" + "".join(f"topsecret-{number}\n" for number in range(60)))
        report = cluster.load("-R", "20", "-d", "1s", file)
        page = cluster.run("report", "last", "--format", "html").out
        assert cluster.stop() == [0, 0]
    assert any(b"topsecret" in seen.body for seen in target.seen)
    assert "topsecret" not in json.dumps(report) + page
    (tmp_path / "users.csv").unlink()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"topsecret" in path.read_bytes()] == []
