"""Which targets are allowed: the master refuses a task by its own rules, and each node refuses its part by its own."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import Refused, TaskError
from gluten.task.policy import Policy, read_patterns
from tests.support.world import World, a_task

METADATA = "http://169.254.169.254/latest/meta-data/"


def policy(*patterns: str, **ceilings: Any) -> Policy:
    return Policy(read_patterns(patterns), **ceilings)


@pytest.mark.parametrize(
    ("rules", "fields"),
    [
        (policy(), {"url": METADATA}),
        (policy(), {"url": "http://a.test/", "resolve": ("a.test:80:169.254.169.254",)}),
        (policy("*.test"), {"url": "http://127.0.0.1/"}),
        (policy(max_rate=100.0), {"rate": 101.0}),
        (policy(max_rate=100.0), {}),
        (policy(max_connections=50), {}),
        (policy(max_duration=4.0), {}),
    ],
)
def test_a_master_takes_no_task_that_its_rules_forbid(rules: Policy, fields: dict[str, Any]) -> None:
    world = World(policy=rules)
    (a,) = world.cluster("a")
    with pytest.raises(Refused, match="this master"):
        world.master.submit(a_task(**fields))
    world.advance(2)
    assert world.master.runs() == []
    assert a.engine.started == []


@pytest.mark.parametrize(
    ("workload", "error", "words"),
    [
        ("vus = 5", TaskError, "workload: line 1: vus: is no key of the top of the file"),
        (f"[request.a]\nget = '{METADATA}'\n", Refused, "169.254.169.254"),
        ("[request.a]\nget = '/'\n[request.b]\nget = 'http://10.0.0.1/'\n", Refused, "10.0.0.1 port 80 is in none of"),
    ],
)
def test_a_master_reads_a_workload_again_and_judges_each_of_its_hosts(
    workload: str, error: type[Exception], words: str
) -> None:
    world = World(policy=policy("127.0.0.0/8"))
    world.cluster("a")
    with pytest.raises(error, match=words):
        world.master.submit(a_task(workload=workload))
    assert world.master.runs() == []


def test_a_rate_is_not_adjusted_above_the_ceiling() -> None:
    world = World(policy=policy(max_rate=100.0))
    (a,) = world.cluster("a")
    world.master.submit(a_task(rate=50.0))
    world.advance(1)
    with pytest.raises(Refused, match="--max-rate"):
        world.master.adjust("last", 100.5)
    world.master.adjust("last", 100.0)
    world.advance(0.5)
    assert [rate for *_, rate, _second in a.engine.adjusted] == [100.0]


@pytest.mark.parametrize(
    ("rules", "fields", "words"),
    [
        (policy("10.0.0.0/8"), {}, "target not allowed: 127.0.0.1"),
        (policy(max_rate=40.0), {"rate": 100.0}, "50/s is above the 40/s of node b's --max-rate"),
        (policy(max_rate=40.0), {}, "closed loop"),
        (policy(max_connections=29), {}, "30 is above the 29 of node b's --max-connections"),
        (policy(max_duration=4.0), {}, "5 s is above the 4 s of node b's --max-duration"),
    ],
)
def test_a_slave_refuses_its_part_by_its_own_rules_and_the_run_says_so(
    rules: Policy, fields: dict[str, Any], words: str
) -> None:
    world = World()
    world.node("a")
    b = world.node("b", policy=rules)
    world.advance(0.5)
    world.master.submit(a_task(**fields))
    over = world.finish()
    assert (over["state"], over["kind"]) == ("failed", "refused")
    assert over["reason"].startswith("node b: refused its part: ")
    assert words in over["reason"]
    assert b.engine.started == []


def test_a_slave_s_ceilings_are_about_its_own_share() -> None:
    world = World()
    world.node("a")
    world.node("b", policy=policy(max_rate=50.0, max_connections=30))
    world.advance(0.5)
    world.master.submit(a_task(rate=100.0))
    assert world.finish()["state"] == "finished"


def test_a_slave_that_gets_a_rate_above_its_ceiling_ends_its_part() -> None:
    world = World()
    world.node("a")
    b = world.node("b", policy=policy(max_rate=50.0))
    world.advance(0.5)
    world.master.submit(a_task(rate=100.0, duration=20.0))
    world.advance(2)
    world.master.adjust("last", 101.0)
    over = world.finish()
    assert (over["state"], over["kind"]) == ("failed", "refused")
    assert "node b's --max-rate" in over["reason"]
    assert b.engine.adjusted == []
    assert len(b.engine.stopped) == 1


def test_a_queued_task_that_a_new_master_s_rules_forbid_is_not_run() -> None:
    world = World()
    (a,) = world.cluster("a")
    world.master.submit(a_task(duration=10.0))
    world.master.submit(a_task(connections=70))
    world.advance(2)
    world.new_master(policy=policy(max_connections=60))
    assert world.master.run("2")["state"] == "failed"
    assert "--max-connections" in world.master.run("2")["reason"]
    assert world.finish("1")["state"] == "finished"
    world.advance(2)
    assert len(a.engine.started) == 1


def test_a_part_that_a_host_cannot_do_is_refused_before_anything_is_sent() -> None:
    world = World()
    world.node("a")
    b = world.node("b", unfit=lambda part: f"node b is not fit: {part.connections} connections are too many")
    world.advance(0.5)
    world.master.submit(a_task(connections=60))
    over = world.finish()
    assert (over["state"], over["kind"]) == ("failed", "refused")
    assert over["reason"] == "node b: refused its part: node b is not fit: 30 connections are too many"
    assert b.engine.started == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"cert": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "key"),
        ({"key": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"}, "key"),
        ({"cacert": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "cacert"),
    ],
)
def test_a_master_takes_no_certificate_that_no_node_could_use(fields: dict[str, str], field: str) -> None:
    world = World()
    (a,) = world.cluster("a")
    with pytest.raises(TaskError, match=f"^{field}: ") as caught:
        world.master.submit(a_task(url="https://127.0.0.1:1/", **fields))
    assert caught.value.field == field
    world.advance(2)
    assert a.engine.started == []
