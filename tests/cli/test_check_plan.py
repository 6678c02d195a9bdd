"""`check` prints what a run would do: its load, its requests or scenarios, its rows, its connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import FILE, Command


def test_check_prints_the_plan(folder: Path, command: Command) -> None:
    done = command("check", f"{folder}/shop.toml")
    assert (done.code, done.error) == (0, "")
    # 500 requests are planned, of which a quarter uses a row: the 101st is due after sqrt(200 / 10) s.
    assert (
        done.out
        == """\
shop: http://127.0.0.1:8080: up to 100/s, 10s, 500 planned

request  method  weight   share  of each 4
login    POST         1  25.00%          1
pay      POST         3  75.00%          3

feed  file       pick    rows  they last
user  users.csv  unique    25  4.5s

connections: 50 carry 100/s while a response takes up to 500ms
"""
    )


SESSIONS = """
[[scenario]]
name = "browse"
weight = 80
do = ["pay", {think = "1s..3s"}, {repeat = "1..4", do = ["pay", {think = "exp 2s"}]}]
[[scenario]]
name = "buy"
weight = 20
do = ["login", {chance = 0.5, do = ["pay"]}]
"""


def sessions(folder: Path, more: str = "") -> str:
    (folder / "shop.toml").write_text(FILE.replace("weight = 3\n", "") + more + SESSIONS)
    return f"{folder}/shop.toml"


def test_check_prints_the_plan_of_sessions(folder: Path, command: Command) -> None:
    done = command("check", sessions(folder))
    # browse: pauses of 2 s + 2.5 x 2 s, and 3.5 requests of 100 ms; buy: 1.5 requests. 80 : 20 makes 5.91 s.
    # 500 sessions are planned, of which a fifth uses a row: the 126th is due after sqrt(250 / 10) s.
    assert (
        done.out
        == """\
shop: http://127.0.0.1:8080: up to 100 sessions/s, 10s, 500 planned

scenario  weight   share  of each 5  requests        lasts
browse        80  80.00%          4       3.5  about 7.35s
buy           20  20.00%          1       1.5  about 150ms

feed  file       pick    rows  they last
user  users.csv  unique    25  5s

connections: 100 sessions/s × 5.91s = 591 needed, only 50 given: sessions will wait, and then be dropped
assumed: a session lasts 5.91s on average: its pauses 5.6s, and 100ms for each of its 3.1 requests
"""
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-R50", "-d1m", "-c400"], "connections: 50 sessions/s × 5.91s = 296 needed, 400 given"),
        (["-d1m", "-c50"], "connections: 50, each with one session after the other: about 8.46 sessions/s"),
        (["-n100", "-c50"], "up to 100 sessions/s, 10s, 100 sessions"),
    ],
)
def test_check_tells_which_connections_sessions_need(
    folder: Path, command: Command, arguments: list[str], told: str
) -> None:
    name = sessions(folder)
    if arguments[0] != "-n100":
        text = (folder / "shop.toml").read_text()
        (folder / "shop.toml").write_text(text.replace('stages = "0s:0,10s:100"\nconnections = 50\n', ""))
    assert told in command("check", *arguments, name).out


def test_check_tells_that_connections_are_opened_as_needed(folder: Path, command: Command) -> None:
    name = sessions(folder)
    (folder / "shop.toml").write_text((folder / "shop.toml").read_text().replace("connections = 50\n", ""))
    assert "100 sessions/s × 5.91s = 591 needed, and as many are opened" in command("check", name).out


def test_check_tells_what_is_assumed_of_conditions(folder: Path, command: Command) -> None:
    name = sessions(folder)
    text = (folder / "shop.toml").read_text()
    (folder / "shop.toml").write_text(text.replace('"1..4", do', '"1..4", until = "status == 201", do'))
    assert "no until ends a repeat, each if is true" in command("check", name).out


def test_check_tells_what_is_done_around_the_load(folder: Path, command: Command) -> None:
    (folder / "shop.toml").write_text(f"setup = ['pay']\nteardown = ['pay']\n{FILE}")
    found = command("check", f"{folder}/shop.toml").out
    assert "setup: pay: once, before the load, by one node\nteardown: pay: once, after the load, by one node" in found


def test_check_counts_streams(command: Command) -> None:
    url = "http://127.0.0.1:1/"
    told = command("check", "--http2", "--streams=5", "-c4", url).out
    assert "connections: 4, each with 5 requests at once" in told
    told = command("check", "--http2", "--streams=5", "-R100", url).out
    assert "100/s × the response time (at most 200)" in told  # the target may allow one stream alone
    told = command("check", "--http2", "--streams=5", "-R100", "-c4", url).out
    assert "4 carry 100/s while a response takes up to 200ms" in told  # 20 at once


def test_check_takes_a_url_and_load_options(command: Command, folder: Path) -> None:
    done = command("check", "-n", "100", "http://127.0.0.1:8080/?token=CANARY")
    assert (
        done.out
        == """\
http://127.0.0.1:8080/?token=***: as fast as answers come, 100 requests

connections: 10, each with one request after the other
"""
    )
    url = "http://127.0.0.1:8080/"
    closed = command("check", "-d1m", "--pace=10s", "--ramp=20s", "--warmup=30s", url).out
    assert "1m, at most a request each 10s on a connection, connections begin over 20s, measured from 30s on" in closed
    assert (
        ": 50/s, 1m, 3,000 planned, random arrivals\n"
        in command("check", "-R50", "-d1m", "--arrivals=poisson", url).out
    )
    assert "100/s, 1m, 6,000 planned" in command("check", "-R100", "-d1m", f"{folder}/shop.toml").out


@pytest.mark.parametrize(
    ("pick", "rows", "told"),
    [
        ("unique", 1, "700ms"),  # each fourth session takes a row, and slot 4 is due where 2t + 4.8t² is 4
        ("cycle", 25, "4.4s, then again"),
        ("unique", 1000, "to the end: about 125 of 1,000 are used"),
        ("random", 5, "for ever: rows are drawn"),
    ],
)
def test_check_tells_how_long_rows_last(folder: Path, command: Command, pick: str, rows: int, told: str) -> None:
    (folder / "users.csv").write_text("name\n" + "x\n" * rows)
    (folder / "shop.toml").write_text(FILE.replace('"unique"', f'"{pick}"'))
    found = command("check", "--stages", "0s:2,10s:98", f"{folder}/shop.toml").out
    (line,) = [line for line in found.splitlines() if line.startswith("user ")]
    assert line.split(maxsplit=4)[2:] == [pick, f"{rows:,}", told]
