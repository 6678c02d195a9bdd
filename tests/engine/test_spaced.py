"""A closed loop with a ramp or a pace, by the real engine."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.nginx import Nginx
from tests.support.rig import Outcome, Rig


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Nginx(tmp_path_factory.mktemp("spaced")) as nginx:
        yield nginx


def load(rig: Rig, **words: Any) -> Outcome:
    outcome = rig.run(Task(**words), cores=2)
    assert outcome.state == "finished", outcome
    assert outcome.adds_up
    assert outcome.total.errors == {}
    return outcome


@pytest.mark.alone
def test_connections_begin_evenly_over_the_ramp(rig: Rig, nginx: Nginx) -> None:
    outcome = load(rig, url=nginx.url, connections=20, threads=3, ramp=2.0, duration=2.2)
    assert abs(outcome.deltas[0].peak - 10) <= 1
    assert outcome.deltas[1].peak == 20
    assert outcome.total.opened == 20


@pytest.mark.parametrize("keepalive", [True, False])
def test_a_connection_begins_at_most_one_session_each_pace(rig: Rig, nginx: Nginx, keepalive: bool) -> None:
    outcome = load(rig, url=nginx.url, connections=5, threads=2, pace=0.4, duration=1.1, keepalive=keepalive)
    assert outcome.total.sent == 15


def test_a_number_of_requests_ends_a_paced_loop_at_once(rig: Rig, nginx: Nginx) -> None:
    outcome = load(rig, url=nginx.url, connections=4, threads=2, pace=60.0, duration=None, requests=3)
    assert outcome.total.sent == 3
    assert outcome.ended < 5


def test_requests_of_a_mix_keep_the_pace(rig: Rig, nginx: Nginx) -> None:
    text = f'url = "{nginx.url}"\n[request.a]\nget = "/"\n[request.b]\nget = "/?x={{{{seq}}}}"\nweight = 2\n'
    outcome = load(rig, url=nginx.url, workload=text, connections=6, threads=1, pace=0.5, ramp=0.5, duration=1.4)
    sent = {name: stats.sent for name, stats in outcome.total.by_name.items()}
    assert sum(sent.values()) == 6 + 6 + 5, "the last one would begin its third at 1.417 s"
    assert sent["a"] in (5, 6)


SESSION = """url = "{url}"
[request.a]
get = "/"
[request.b]
get = "/?b"
[[scenario]]
name = "both"
do = ["a", {{think = "50ms"}}, "b"]
"""


@pytest.mark.alone
def test_a_connection_begins_its_sessions_at_the_pace_and_along_the_ramp(rig: Rig, nginx: Nginx) -> None:
    text = SESSION.format(url=nginx.url.rstrip("/"))
    words: dict[str, Any] = {"connections": 6, "threads": 2, "pace": 0.5, "ramp": 0.6, "duration": 1.4}
    outcome = load(rig, url=nginx.url, workload=text, **words)
    sessions = outcome.total.by_scenario["both"]
    # Connection i begins at i x 0.1 s, and then each 0.5 s: four of six come to a third session.
    assert (sessions.begun, sessions.finished) == (6 + 6 + 4, 16)
    assert outcome.total.by_name["b"].sent == 16


@pytest.mark.alone
def test_with_a_pace_sessions_of_a_number_end_at_once(rig: Rig, nginx: Nginx) -> None:
    text = SESSION.format(url=nginx.url.rstrip("/"))
    outcome = load(
        rig, url=nginx.url, workload=text, connections=3, threads=1, pace=60.0, ramp=0.1, duration=None, requests=3
    )
    assert outcome.total.by_scenario["both"].finished == 3
    assert outcome.ended < 5
