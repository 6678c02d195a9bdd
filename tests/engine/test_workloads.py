"""Workloads with real workers: what nginx's log says is what was counted, by request."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gluten.stats.request_stats import Stats
from gluten.task.task import Task
from gluten.workload.reader import of_task
from gluten.workload.sessions import most_sessions
from gluten.workload.task_of import task_of
from tests.support.engine.faults import FaultServer, mute
from tests.support.mixes import MIX
from tests.support.nginx import Nginx
from tests.support.rig import Outcome, Rig

PLACES = """
location /missing { return 404 "no"; }
location / { return 200 "hello"; }
"""
USERS = """
url = "URL"
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
AT_END
[request.user]
get = "/u/{{user.name}}"
weight = 2
[request.home]
get = "/home"
"""
ROWS = 300


def asked(text: str, url: str, **options: Any) -> Task:
    """The task, with what its feed's rows allow, as the command line makes it."""
    task = task_of(text.replace("URL", url), {"threads": 2, "connections": 6, "duration": 0.5} | options, {})
    workload = of_task(task)
    rows = {feed.name: ROWS for feed in workload.feeds}
    files = tuple((feed.file, "0" * 64) for feed in workload.feeds)
    return task._replace(files=files, rows=tuple(rows.items()), sessions=most_sessions(workload, rows))


def by_name(outcome: Outcome) -> dict[str, Stats]:
    assert outcome.adds_up, vars(outcome.total)
    return outcome.total.by_name


@pytest.fixture
def users(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "users.csv"
    path.write_text("name\n" + "".join(f"u{number}\n" for number in range(ROWS)))
    return {"users.csv": str(path)}


@pytest.mark.parametrize(
    "options", [{}, {"requests": 500}, {"rate": 600.0}, {"rate": 600.0, "connections": None}], ids=str
)
@pytest.mark.parametrize("cores", [1, 2])
def test_the_log_has_what_was_counted_by_request(rig: Rig, tmp_path: Path, options: dict[str, Any], cores: int) -> None:
    with Nginx(tmp_path, PLACES) as nginx:
        outcome = rig.run(asked(MIX, nginx.url.rstrip("/"), **options), cores)
        log = nginx.log(outcome.total.sent)
    assert outcome.state == "finished", outcome
    found, paths = by_name(outcome), Counter(line.path.split("/")[1] for line in log)
    assert {name: stats.completed for name, stats in found.items()} == {
        name: paths[name] for name in ("home", "search", "missing")
    }
    assert found["missing"].status == {404: found["missing"].completed}
    assert found["search"].checks == {
        text: [found["search"].completed, 0] for text in ("status == 200", "body contains hello")
    }
    assert (found["search"].good, found["missing"].good) == (found["search"].completed, 0)
    assert len({line.path for line in log if line.path.startswith("/search")}) == found["search"].sent


def test_at_a_rate_the_weights_are_exact(rig: Rig, tmp_path: Path) -> None:
    with Nginx(tmp_path, PLACES) as nginx:
        outcome = rig.run(asked(MIX, nginx.url.rstrip("/"), rate=600.0, duration=1.0), 2)
    assert {name: stats.sent + stats.dropped for name, stats in by_name(outcome).items()} == {
        "home": 300, "search": 200, "missing": 100,
    }  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"rate": 900.0, "duration": 5.0}], ids=["closed", "rate"])
def test_each_row_is_used_once_and_the_plan_ends_with_them(
    rig: Rig, tmp_path: Path, users: dict[str, str], options: dict[str, Any]
) -> None:
    with Nginx(tmp_path, PLACES) as nginx:
        task = asked(USERS.replace("AT_END", ""), nginx.url.rstrip("/"), **({"duration": 20.0} | options))
        outcome = rig.run(task, 2, paths=users)
        log = nginx.log(outcome.total.sent)
    assert (outcome.state, outcome.total.dropped) == ("finished", 0)
    assert outcome.reason == f"feed user: all {ROWS} rows are used"
    used = sorted(line.path for line in log if line.path.startswith("/u/"))
    assert used == sorted(f"/u/u{number}" for number in range(ROWS))


@pytest.mark.parametrize("options", [{}, {"rate": 900.0}], ids=["closed", "rate"])
def test_a_run_fails_by_the_end_of_the_rows_if_it_is_to(
    rig: Rig, tmp_path: Path, users: dict[str, str], options: dict[str, Any]
) -> None:
    with Nginx(tmp_path, PLACES) as nginx:
        task = asked(
            USERS.replace("AT_END", 'at_end = "fail"'), nginx.url.rstrip("/"), **({"duration": 20.0} | options)
        )
        outcome = rig.run(task, 2, paths=users)
    assert (outcome.state, outcome.reason) == ("failed", f"feed user: all {ROWS} rows are used")
    assert (by_name(outcome)["user"].sent, outcome.total.dropped) == (ROWS, 0)


@pytest.mark.parametrize("options", [{"duration": 0.5}, {"requests": 450}], ids=["time", "requests"])
def test_a_plan_that_ends_as_its_rows_do_does_not_fail(
    rig: Rig, tmp_path: Path, users: dict[str, str], options: dict[str, Any]
) -> None:
    text = USERS.replace("AT_END", 'at_end = "fail"')
    with Nginx(tmp_path, PLACES) as nginx:
        outcome = rig.run(asked(text, nginx.url.rstrip("/"), **({"rate": 900.0} | options)), 2, paths=users)
    assert (outcome.state, outcome.reason) == ("finished", "")


@pytest.mark.parametrize("options", [{}, {"rate": 200.0}], ids=["closed", "rate"])
def test_a_template_that_fails_is_counted_and_not_spun_on(rig: Rig, tmp_path: Path, options: dict[str, Any]) -> None:
    feed = tmp_path / "users.csv"
    feed.write_text('name\n"a\nb"\n')
    text = USERS.replace("AT_END", "").replace('"unique"', '"cycle"')
    text = text.replace('get = "/u/{{user.name}}"', 'get = "/u"\nheader = ["X-Name: {{user.name}}"]')
    with Nginx(tmp_path, PLACES) as nginx:
        outcome = rig.run(asked(text, nginx.url.rstrip("/"), **options), paths={"users.csv": str(feed)})
        log = nginx.log(outcome.total.completed)
    user, home = by_name(outcome)["user"], by_name(outcome)["home"]
    assert (user.errors, user.completed) == ({"template": user.sent}, 0)
    assert home.completed == len(log) > 0
    assert outcome.total.sent < 1000
    assert outcome.took < 10


@pytest.mark.parametrize("others", ["", '[request.other]\nget = "/other"\n'], ids=["alone", "beside another"])
@pytest.mark.parametrize("options", [{}, {"rate": 20.0}], ids=["closed", "rate"])
def test_a_request_has_a_deadline_of_its_own(rig: Rig, others: str, options: dict[str, Any]) -> None:
    text = f'url = "URL"\n[request.quick]\nget = "/"\ntimeout = "150ms"\n{others}'
    with FaultServer(mute) as server:
        task = asked(text, f"http://127.0.0.1:{server.port}", **({"timeout": 1.5, "duration": 0.5} | options))
        quick = by_name(rig.run(task))["quick"]
    assert quick.errors == {"timeout": quick.sent}
    assert quick.samples["timeout"] == "no whole response within 0.15 s"


def test_requests_go_to_the_hosts_that_they_name(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with Nginx(tmp_path / "a", PLACES) as one, Nginx(tmp_path / "b", PLACES) as two:
        text = f'url = "URL"\n[request.here]\nget = "/here"\n[request.there]\nget = "{two.url}there"\n'
        outcome = rig.run(asked(text, one.url.rstrip("/"), rate=200.0))
        found = by_name(outcome)
        here, there = one.log(found["here"].completed), two.log(found["there"].completed)
    assert {line.path for line in here} == {"/here"}
    assert {line.path for line in there} == {"/there"}
    assert (len(here), len(there)) == (found["here"].completed, found["there"].completed)
    assert all(stats.sent + stats.dropped == 50 for stats in found.values())
