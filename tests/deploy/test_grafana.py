"""The dashboards of deploy/grafana/ ask for what there is: a real Postgres and a real Prometheus take each query."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from gluten.store.store import Store
from gluten.task.task import Task
from gluten.webui.app import make_app
from tests.store.test_tables import a_part, a_report, a_row
from tests.support.needs import find_program
from tests.support.store_records import a_run, an_event
from tests.support.web.fake_master import FakeMaster
from tests.support.web.gates import open_gate
from tests.support.web.wsgi import get

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "grafana"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "dashboards").iterdir())}
MACROS = {"$__unixEpochFrom()": "0", "$__unixEpochTo()": "4e9", "$run": "1", "${name}": "shop"}
NAMES = re.compile(r"\bgluten_\w+")
READER = "reader secret"


def queries(board: dict[str, Any], key: str) -> list[tuple[str, str]]:
    """(title of the panel, query) of all its panels."""
    return [(panel["title"], target[key]) for panel in board["panels"] for target in panel["targets"]]


def plain(query: str) -> str:
    """The SQL as Grafana sends it."""
    for macro, value in MACROS.items():
        query = query.replace(macro, value)
    return query


@pytest.fixture
def grafana(fresh_postgres_url: str) -> Iterator[Any]:
    """A cursor of the user who reads, with one run in the store. A role is there for all databases of the server."""
    store = Store.open(fresh_postgres_url)
    run = store.create_run(a_run(id=uuid.uuid4().hex, name="shop", state="running", started_at=1000.0))
    rows = [a_row(second, by_request={"home": a_part(), "order": a_part()}) for second in range(3)]
    store.save_seconds(run.id, rows, [None] * 3)
    store.save_run(run.id, state="finished", ended_at=1003.0, report=a_report(seconds=rows))
    store.add_events([an_event(run.id, at=1001.0, second=1)])
    script = (FOLDER / "reader.sql").as_posix()
    for _ in range(2):
        command = [
            find_program("psql"),
            "--quiet",
            "--no-psqlrc",
            "--set",
            "ON_ERROR_STOP=1",
            "--file",
            script,
            fresh_postgres_url,
        ]
        subprocess.run(command, check=True, env={"READER_PASSWORD": READER, "PATH": "/usr/bin:/bin"})
    url = fresh_postgres_url.replace("//gluten@", "//grafana@")
    connection = psycopg2.connect(url, password=READER)
    yield connection.cursor()
    connection.close()
    store.close()
    with psycopg2.connect(fresh_postgres_url) as owner:
        owner.cursor().execute("drop owned by grafana; drop role grafana")
    owner.close()


@pytest.mark.needs("psql")
def test_each_panel_of_the_runs_has_an_answer(grafana: Any) -> None:
    board = BOARDS["runs"]
    asked = [*queries(board, "rawSql"), ("run", board["templating"]["list"][1]["query"])]
    asked += [(note["name"], note["target"]["rawSql"]) for note in board["annotations"]["list"]]
    for title, query in asked:
        grafana.execute(plain(query))
        assert grafana.fetchall(), title


@pytest.mark.needs("psql")
def test_a_series_has_a_time_and_numbers(grafana: Any) -> None:
    for panel in BOARDS["runs"]["panels"]:
        if panel["type"] == "timeseries":
            grafana.execute(plain(panel["targets"][0]["rawSql"]))
            first, *others = [column[0] for column in grafana.description]
            row = grafana.fetchall()[0]
            assert first == "time"
            assert row[0].timestamp() == 1000.0
            numbers = [value for name, value in zip(others, row[1:], strict=True) if name != "metric"]
            assert all(isinstance(value, (int, float, type(None))) for value in numbers)


@pytest.mark.needs("psql")
def test_the_user_of_the_dashboards_reads_the_views_and_nothing_else(grafana: Any) -> None:
    for statement in ("select * from gluten_run", "delete from gluten_second", "create table public.made_up (a int)"):
        with pytest.raises(psycopg2.Error, match=r"permission denied|read-only"):
            grafana.execute(statement)
        grafana.connection.rollback()


@pytest.mark.needs("promtool")
def test_prometheus_reads_each_query(tmp_path: Path) -> None:
    asked = [query.replace("$__rate_interval", "1m") for _, query in queries(BOARDS["live"], "expr")]
    rules = [{"record": f"rule:{number}", "expr": query} for number, query in enumerate(asked)]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # JSON is YAML
    done = subprocess.run([find_program("promtool"), "check", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs("promtool")
def test_prometheus_takes_its_file() -> None:
    command = [find_program("promtool"), "check", "config", "--syntax-only", str(FOLDER / "prometheus.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_has_each_metric_that_is_asked_for() -> None:
    master = FakeMaster()
    run = master.add(Task("http://t.test/", rate=100.0))
    run.state = "running"
    run.advance(0)
    text = get(make_app(master, open_gate()), "/metrics").text
    source = (FOLDER.parents[1] / "gluten" / "webui" / "api" / "session_metrics.py").read_text()
    known = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    known |= {name + end for name in known for end in ("_total", "_bucket")} | {
        "gluten_run_capacity_rate",
        "gluten_run_active_sessions",
    }
    known |= {f"gluten_run_{key}_sessions_total" for key in re.findall(r'^    \("(\w+)", "Sessions', source, re.M)}
    wanted = {name for _, query in queries(BOARDS["live"], "expr") for name in NAMES.findall(query)}
    assert wanted <= known
    assert len(wanted) > 10


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_board_is_whole(board: dict[str, Any]) -> None:
    source = (FOLDER / "provisioning" / "datasources" / "gluten.yaml").read_text()
    sources = set(re.findall(r"uid: (\S+)", source))
    assert {panel["datasource"]["uid"] for panel in board["panels"]} < sources
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    cells: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        covered = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & covered, panel["title"]
        cells |= covered


def test_compose_mounts_files_that_there_are() -> None:
    text = (FOLDER / "compose.yaml").read_text()
    mounted = re.findall(r"^      - (\./\S+?):", text, re.M)
    assert mounted
    assert all((FOLDER.parent / path).exists() for path in mounted)
    for name in set(re.findall(r"\$\{(\w+)[:}]", text)) - {"POSTGRES_PASSWORD"} | {"VIEWER_TOKEN"}:
        assert f"{name}=" in text, f"{name} is not in the comment at the head"
